"""The road for a coordinator that does not answer: another server takes the pool over."""

from django.db import transaction

from pools.models import Operation, Pool, Server, User
from pools.services import audit, operations, planning
from pools.services.errors import WrongState
from pools.services.host_add import coordinator_of

KIND = "coordinator_promote"


@transaction.atomic
def begin(*, user: User, pool: Pool) -> Operation:
    """Begin a draft to put another server in charge."""
    dead = coordinator_of(pool)
    if not pool.servers.exclude(pk=dead.pk).exists():
        raise WrongState(f"{pool} has no other server that could take over.")
    operation = operations.create_draft(user=user, kind=KIND)
    operation.pool = pool
    operation.title = f"Put another server in charge of “{pool}”"
    operation.draft = {"servers": [dead.uuid], "coordinator": dead.uuid, **planning.NOT_ASKED}
    operation.save()
    operation.servers.set(pool.servers.all())
    audit.record(actor=user, action="operation.drafted", subject=operation.title, operation=operation)
    return operation


def choose(*, operation: Operation, user: User, heir: Server | None, stated: str) -> Operation:
    """Store who takes over, and the typed statement that the coordinator is dead."""
    changes = {"next_coordinator": heir.uuid if heir else "", "stated_dead": stated, **planning.NOT_ASKED}
    return operations.save_draft(operation=operation, user=user, changes=changes)
