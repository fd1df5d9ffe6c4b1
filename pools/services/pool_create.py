"""The create-pool wizard: every page stores its answer in the draft at once, so that nothing typed is lost."""

from collections.abc import Sequence

from django.db import transaction

from pools.checks.facts import ServerFacts
from pools.checks.recommend import Recommendation, recommend_coordinator
from pools.models import Operation, Pool, Role, Server, User
from pools.services import audit, examination, overview, planning
from pools.services.errors import WrongState

KIND = "pool_create"
STEPS = ("servers", "coordinator", "checks", "name", "plan")


def candidates(user: User) -> list[overview.PoolView]:
    """Return the standalone servers this person may use, by name."""
    seen = Pool.objects.current().visible_to(user, Role.OPERATOR)
    rows = seen.select_related("coordinator", "inventory").prefetch_related("servers")
    return overview.estate(rows)[1]


@transaction.atomic
def begin(*, user: User, servers: Sequence[Server]) -> Operation:
    """Begin a draft with the chosen servers."""
    operation = Operation.objects.create(kind=KIND, created_by=user, title="Create pool")
    choose_servers(operation=operation, servers=servers)
    audit.record(actor=user, action="operation.drafted", subject=operation.title, operation=operation)
    return operation


@transaction.atomic
def choose_servers(*, operation: Operation, servers: Sequence[Server]) -> None:
    """Store which servers make the pool; a coordinator no longer among them is forgotten."""
    planning.reopen(operation)
    operation.servers.set(servers)
    uuids = [server.uuid for server in servers]
    draft = {**operation.draft, "servers": uuids}
    if draft.get("coordinator") not in uuids:
        draft.pop("coordinator", None)
        operation.pool = None
    keep(operation, draft)


@transaction.atomic
def choose_coordinator(*, operation: Operation, uuid: str) -> None:
    """Store the coordinator; its pool is the one that grows."""
    planning.reopen(operation)
    operation.pool = operation.servers.get(uuid=uuid).pool
    keep(operation, {**operation.draft, "coordinator": uuid})
    if not operation.report:
        examination.ask(operation=operation)


@transaction.atomic
def name(*, operation: Operation, name: str, description: str) -> None:
    """Store the pool's name and description."""
    planning.reopen(operation)
    operation.title = f"Create pool “{name}”"
    keep(operation, {**operation.draft, "name": name, "description": description})
    planning.ask(operation=operation)


@transaction.atomic
def examine_again(*, operation: Operation) -> None:
    """Read every server again; a plan made from older facts goes."""
    planning.reopen(operation)
    examination.ask(operation=operation)


@transaction.atomic
def discard(*, operation: Operation, user: User) -> None:
    """Delete a draft; what ran is history and stays."""
    if operation.state not in planning.EDITABLE:
        raise WrongState("Only a draft can be deleted; this operation is already under way or done.")
    audit.record(actor=user, action="operation.discarded", subject=operation.title)
    operation.delete()


def keep(operation: Operation, draft: dict[str, object]) -> None:
    """Save the draft; other choices mean other checks, so the report goes when servers or coordinator change."""
    if any(operation.draft.get(key) != draft.get(key) for key in ("servers", "coordinator")):
        operation.report = {}
    operation.draft = draft
    operation.save()


def recommendations(operation: Operation) -> list[tuple[Server, Recommendation]]:
    """Rank the chosen servers as coordinator, from the stored inventory, best first."""
    servers = {s.uuid: s for s in operation.servers.select_related("pool__inventory", "pool__coordinator")}
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


def next_step(operation: Operation) -> str:
    """Return the first page whose answer is missing."""
    draft = operation.draft
    if len(draft.get("servers", [])) < 2:  # noqa: PLR2004 - a pool needs two servers
        return "servers"
    if "coordinator" not in draft:
        return "coordinator"
    return "name" if "name" not in draft else "plan"
