"""The wizard that adds servers to a pool: its draft's ``servers`` are those that join; the coordinator is the pool's.

The operation's servers are both: plans, locks, roles and facts look at all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from pools.checks.finding import listed
from pools.models import Inventory, Operation, Pool, Role, Server, User
from pools.services import audit, examination, operations, overview, planning
from pools.services.errors import WrongState
from pools.xapi.messages import explain

KIND = "host_add"


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Why the pool that is to grow cannot be asked, or is not as it was."""

    title: str
    text: str


def growing_pools(user: User) -> list[overview.PoolView]:
    """Return the pools that this person may add servers to, by name."""
    seen = Pool.objects.current().visible_to(user, Role.OPERATOR)
    rows = seen.select_related("coordinator", "inventory").prefetch_related("servers")
    return overview.estate(rows)[0]


@transaction.atomic
def begin(*, user: User, pool: Pool, servers: Sequence[Server]) -> Operation:
    """Begin a draft for a pool, with the servers that are to join it."""
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
    joining = [server for server in servers if server.pool_id != pool.pk]
    saved = store(operation, user, joining)
    saved.report, saved.title = {}, title(pool, joining)
    saved.save(update_fields=["report", "title", "changed_at"])
    examination.ask(operation=saved, user=user)
    return saved


def store(operation: Operation, user: User, joining: Sequence[Server]) -> Operation:
    """Write the servers that join and the coordinator into the draft, and beside it where roles and locks look."""
    coordinator = coordinator_of(pool_of(operation))
    uuids = [server.uuid for server in joining]
    changes = {"servers": uuids, "coordinator": coordinator.uuid, **planning.NOT_ASKED}
    saved = operations.save_draft(operation=operation, user=user, changes=changes)
    saved.servers.set([*joining, coordinator])
    return saved


@transaction.atomic
def follow_coordinator(*, operation: Operation, user: User) -> Operation:
    """Ask the coordinator that the pool has now, which may be another than when the draft was begun."""
    if operation.draft.get("coordinator") == coordinator_of(pool_of(operation)).uuid:
        return operation
    wanted = Server.objects.filter(uuid__in=operation.draft.get("servers", []))
    return store(operation, user, list(wanted.exclude(pool=operation.pool)))


def trouble(operation: Operation | None, pool: Pool) -> Trouble | None:
    """Say what a person should know of the pool before he goes on."""
    if pool.coordinator is None:
        return Trouble(
            title="The pool’s coordinator is not known",
            text="Nothing can be planned until it is. Open the pool’s page and read it again.",
        )
    if operation and operation.draft.get("coordinator") != pool.coordinator.uuid:
        return Trouble(
            title="The pool has another coordinator now",
            text=f"It is {pool.coordinator.name_label}; the draft was made with another. "
            "Examine again, and the new one is asked.",
        )
    inventory = Inventory.objects.filter(pool=pool).exclude(error_code="").only("error_code", "error_params").first()
    if inventory is None:
        return None
    said = explain(inventory.error_code, inventory.error_params)
    return Trouble(
        title="The pool did not answer when it was last asked",
        text=f"{said.title}. {said.remedy} The draft is kept meanwhile; there is no plan before the pool answers.",
    )


def title(pool: Pool, joining: Sequence[Server]) -> str:
    """Name the servers, a few of many, and the pool."""
    return f"Add {listed([server.name_label for server in joining])} to “{pool}”"


def pool_of(operation: Operation) -> Pool:
    """Return the pool that grows; one that is let go meanwhile is none."""
    if operation.pool is None or operation.pool.retired_at:
        raise WrongState("The pool is not managed here any more. Discard this draft.")
    return operation.pool


def coordinator_of(pool: Pool) -> Server:
    """Return the server through which the pool is changed."""
    if pool.coordinator is None:
        raise WrongState(f"Which server coordinates {pool} is not known. Open the pool’s page and read it again.")
    return pool.coordinator
