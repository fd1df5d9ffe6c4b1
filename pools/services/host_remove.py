"""The wizard that removes servers from a pool: its draft's ``servers`` leave, the coordinator is the pool's own.

The operation's servers are both: plans, locks, roles and facts look at all of them.
"""

from collections.abc import Mapping, Sequence

from django.db import transaction

from pools.checks.finding import listed
from pools.models import Operation, Pool, Server, User
from pools.operations.removal.choices import in_turn, texts
from pools.services import audit, examination, operations, overview, planning
from pools.services.errors import WrongState
from pools.services.host_add import coordinator_of, pool_of

KIND = "host_remove"
UNANSWERED: Mapping[str, object] = {"losses_open": None, "return_answered": False, "confirmed": {}}


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
    """Store which servers leave, and have what that costs read; who is no member of the pool cannot leave it."""
    pool = pool_of(operation)
    leaving = [server for server in servers if server.pool_id == pool.pk]
    if not leaving:
        raise WrongState("Choose the servers that are to leave the pool.")
    if len(leaving) == pool.servers.count():
        raise WrongState("A pool keeps one server at least: leave one of them out.")
    if {server.uuid for server in leaving} == set(texts(operation.draft.get("servers"))) and operation.report:
        return follow_coordinator(operation=operation, user=user)
    saved = store(operation, user, leaving)
    in_order = sorted(leaving, key=lambda server: saved.draft["servers"].index(server.uuid))
    saved.report, saved.title = {}, title(pool, in_order)
    saved.save(update_fields=["report", "title", "changed_at"])
    examination.ask(operation=saved, user=user)
    return saved


def store(operation: Operation, user: User, leaving: Sequence[Server]) -> Operation:
    """Write who leaves and the coordinator into the draft, and beside it where roles and locks look."""
    coordinator = coordinator_of(pool_of(operation))
    uuids = in_turn([server.uuid for server in leaving], coordinator.uuid)
    changes = {"servers": list(uuids), "coordinator": coordinator.uuid, **UNANSWERED, **planning.NOT_ASKED}
    saved = operations.save_draft(operation=operation, user=user, changes=changes)
    saved.servers.set([*leaving, coordinator])
    return saved


@transaction.atomic
def follow_coordinator(*, operation: Operation, user: User) -> Operation:
    """Ask the coordinator that the pool has now, which may be another than when the draft was begun."""
    if operation.draft.get("coordinator") == coordinator_of(pool_of(operation)).uuid:
        return operation
    chosen = texts(operation.draft.get("servers"))
    leaving = Server.objects.filter(uuid__in=chosen, pool=operation.pool)
    return store(operation, user, sorted(leaving, key=lambda server: chosen.index(server.uuid)))


def members(pool: Pool) -> list[overview.ServerRow]:
    """Return who could leave a pool, the coordinator first."""
    return list(overview.pool_view(pool).servers)


def title(pool: Pool, leaving: Sequence[Server]) -> str:
    """Name the servers, a few of many, and the pool."""
    return f"Remove {listed([server.name_label for server in leaving])} from “{pool}”"
