"""The wizard that adds servers to a pool: its draft's ``servers`` are those that join; the coordinator is the pool's.

The operation's servers are both: plans, locks, roles and facts look at all of them.
"""

from collections.abc import Sequence

from django.db import transaction

from pools.checks.finding import listed
from pools.models import Operation, Pool, Server, User
from pools.services import audit, examination, operations, overview, planning, pool_create
from pools.services.errors import WrongState

KIND = "host_add"


def candidates(user: User) -> list[overview.PoolView]:
    """Return the standalone servers this person may use, by name: whatever could make a pool could join one."""
    return pool_create.candidates(user)


@transaction.atomic
def begin(*, user: User, pool: Pool, servers: Sequence[Server] = ()) -> Operation:
    """Begin a draft for a pool, perhaps with servers already chosen."""
    operation = operations.create_draft(user=user, kind=KIND)
    operation.pool = pool
    operation.save(update_fields=["pool", "changed_at"])
    saved = choose_servers(operation=operation, user=user, servers=servers)
    audit.record(actor=user, action="operation.drafted", subject=saved.title, operation=saved)
    return saved


@transaction.atomic
def choose_servers(*, operation: Operation, user: User, servers: Sequence[Server]) -> Operation:
    """Store which servers join, and examine them beside the pool's coordinator of now."""
    pool = pool_of(operation)
    coordinator = coordinator_of(pool)
    joining = [server for server in servers if server.pool_id != pool.pk]
    uuids = [server.uuid for server in joining]
    changes = {"servers": uuids, "coordinator": coordinator.uuid, **planning.NOT_ASKED}
    saved = operations.save_draft(operation=operation, user=user, changes=changes)
    saved.servers.set([*joining, coordinator])
    saved.report = {}
    saved.title = title(pool, joining)
    saved.save(update_fields=["report", "title", "changed_at"])
    operations.assert_may_plan(user, saved)
    if joining:
        examination.ask(operation=saved, user=user)
    return saved


def title(pool: Pool, joining: Sequence[Server]) -> str:
    """Name the servers, a few of many, and the pool."""
    names = listed([server.name_label for server in joining]) or "servers"
    return f"Add {names} to “{pool}”"


def pool_of(operation: Operation) -> Pool:
    """Return the pool that grows; one that is let go meanwhile is none."""
    if operation.pool is None or operation.pool.retired_at:
        raise WrongState("The pool is not managed here any more. Discard this draft.")
    return operation.pool


def coordinator_of(pool: Pool) -> Server:
    """Return the server through which the pool is changed."""
    if pool.coordinator is None:
        raise WrongState(
            f"Which server coordinates {pool} is not known. Open the pool, read it again, then add servers."
        )
    return pool.coordinator
