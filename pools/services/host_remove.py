"""The wizard that removes servers from a pool: its draft's ``servers`` leave, the coordinator is the pool's own.

The operation's servers are both: plans, locks, roles and facts look at all of them.
"""

from collections.abc import Sequence

from django.db import transaction

from pools.checks.finding import listed
from pools.models import Operation, Pool, Server, User
from pools.services import audit, operations, planning
from pools.services.errors import WrongState
from pools.services.host_add import coordinator_of, pool_of

KIND = "host_remove"


@transaction.atomic
def begin(*, user: User, pool: Pool, servers: Sequence[Server]) -> Operation:
    """Begin a draft for a pool, with the servers that are to leave it."""
    operation = operations.create_draft(user=user, kind=KIND)
    operation.pool = pool
    operation.save(update_fields=["pool", "changed_at"])
    saved = choose_servers(operation=operation, user=user, servers=servers)
    audit.record(actor=user, action="operation.drafted", subject=saved.title, operation=saved)
    return saved


@transaction.atomic
def choose_servers(*, operation: Operation, user: User, servers: Sequence[Server]) -> Operation:
    """Store which servers leave; who is no member of the pool cannot."""
    pool = pool_of(operation)
    leaving = [server for server in servers if server.pool_id == pool.pk]
    coordinator = coordinator_of(pool)
    if not leaving:
        raise WrongState("Choose the servers that are to leave the pool.")
    changes = {
        "servers": [server.uuid for server in leaving],
        "coordinator": coordinator.uuid,
        **planning.NOT_ASKED,
    }
    saved = operations.save_draft(operation=operation, user=user, changes=changes)
    saved.servers.set([*leaving, coordinator])
    saved.report, saved.title = {}, title(pool, leaving)
    saved.save(update_fields=["report", "title", "changed_at"])
    return saved


def title(pool: Pool, leaving: Sequence[Server]) -> str:
    """Name the servers, a few of many, and the pool."""
    return f"Remove {listed([server.name_label for server in leaving])} from “{pool}”"
