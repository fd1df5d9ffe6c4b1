"""The create-pool wizard: every page stores its answer in the draft at once, so that nothing typed is lost.

Each answer returns the draft that holds it: another one when the plan before had begun to run.
"""

from collections.abc import Sequence

from django.db import transaction

from pools.checks.facts import ServerFacts
from pools.checks.recommend import Recommendation, recommend_coordinator
from pools.models import Operation, Pool, Role, Server, User
from pools.services import audit, examination, network_fit, operations, overview, planning

KIND = "pool_create"


def candidates(user: User) -> list[overview.PoolView]:
    """Return the standalone servers this person may use, by name."""
    seen = Pool.objects.current().visible_to(user, Role.OPERATOR)
    rows = seen.select_related("coordinator", "inventory").prefetch_related("servers")
    return overview.estate(rows)[1]


@transaction.atomic
def begin(*, user: User, servers: Sequence[Server]) -> Operation:
    """Begin a draft with the chosen servers."""
    operation = operations.create_draft(user=user, kind=KIND)
    operation.title = "Create pool"
    operation.save(update_fields=["title", "changed_at"])
    choose_servers(operation=operation, user=user, servers=servers)
    audit.record(actor=user, action="operation.drafted", subject=operation.title, operation=operation)
    return operation


@transaction.atomic
def choose_servers(*, operation: Operation, user: User, servers: Sequence[Server]) -> Operation:
    """Store which servers make the pool; a coordinator no longer among them is forgotten."""
    uuids = [server.uuid for server in servers]
    stays = operation.draft.get("coordinator") in uuids
    changes = {"servers": uuids, "coordinator": operation.draft["coordinator"] if stays else ""}
    saved = operations.save_draft(operation=operation, user=user, changes=changes | planning.NOT_ASKED)
    saved.servers.set(servers)
    saved.pool = saved.pool if stays else None
    saved.report = {}
    saved.save(update_fields=["pool", "report", "changed_at"])
    if stays:
        examination.ask(operation=saved, user=user)
    return saved


@transaction.atomic
def choose_coordinator(*, operation: Operation, user: User, uuid: str) -> Operation:
    """Store the coordinator; its pool is the one that grows. The servers are examined at once."""
    same = operation.draft.get("coordinator") == uuid and bool(operation.report)
    changes: dict[str, object] = {"coordinator": uuid, **planning.NOT_ASKED}
    if operation.draft.get("coordinator") != uuid:
        changes |= {**network_fit.EMPTY, "forced": {}}
    saved = operations.save_draft(operation=operation, user=user, changes=changes)
    saved.pool = saved.servers.get(uuid=uuid).pool
    saved.save(update_fields=["pool", "changed_at"])
    if not same:
        examination.ask(operation=saved, user=user)
    return saved


@transaction.atomic
def name(*, operation: Operation, user: User, name: str, description: str) -> Operation:
    """Store the pool's name and description."""
    changes = {"name": name, "description": description}
    saved = operations.save_draft(operation=operation, user=user, changes=changes)
    saved.title = f"Create pool “{name}”"
    saved.save(update_fields=["title", "changed_at"])
    return saved


def recommendations(operation: Operation) -> list[tuple[Server, Recommendation]]:
    """Rank the chosen servers as coordinator, from the stored inventory, best first."""
    chosen = operation.servers.select_related("pool__inventory", "pool__coordinator")
    servers = {server.uuid: server for server in chosen.prefetch_related("pool__servers")}
    known = [stored_facts(server) for server in servers.values()]
    return [(servers[advice.uuid], advice) for advice in recommend_coordinator(known)]


def stored_facts(server: Server) -> ServerFacts:
    """Return what the inventory knows of a server; a pool never read is unreadable."""
    view = overview.pool_view(server.pool)
    return ServerFacts(
        uuid=server.uuid,
        name_label=server.name_label,
        address=server.address,
        snapshot=view.snapshot,
        error_code="" if view.as_of else "XENWEB_UNREADABLE",
    )
