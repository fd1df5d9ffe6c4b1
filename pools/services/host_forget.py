"""The road for a server that does not answer: its draft's one server is the silent one."""

from django.db import transaction

from pools.models import Operation, Pool, Server, User
from pools.services import audit, operations, planning
from pools.services.errors import WrongState
from pools.services.host_add import coordinator_of

KIND = "host_forget"


@transaction.atomic
def begin(*, user: User, pool: Pool, server: Server) -> Operation:
    """Begin a draft to let a pool forget one of its servers."""
    if server.pool_id != pool.pk:
        raise WrongState(f"{server} is no server of {pool}.")
    operation = operations.create_draft(user=user, kind=KIND)
    operation.pool = pool
    operation.title = f"Forget {server.name_label}, which is dead"
    coordinator = coordinator_of(pool)
    operation.draft = {"servers": [server.uuid], "coordinator": coordinator.uuid, **planning.NOT_ASKED}
    operation.save()
    operation.servers.set([server, coordinator])
    audit.record(actor=user, action="operation.drafted", subject=operation.title, operation=operation)
    return operation


def choose(*, operation: Operation, user: User, **chosen: object) -> Operation:
    """Store what was stated and chosen."""
    return operations.save_draft(operation=operation, user=user, changes=chosen)
