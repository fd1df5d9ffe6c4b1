"""What runs on the servers that leave: whether each VM can move, what mends it, and where it goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from pools.checks.finding import Finding, Severity
from pools.checks.host_remove.emptying import NEEDS_SR, SOME_SERVER, VM
from pools.checks.report import Report
from pools.models import Operation, Server
from pools.operations.removal.choices import mapping, texts
from pools.operations.states import UNSETTLED
from pools.services import answers, cures, operations
from pools.services.losses_reading import items
from pools.xapi.messages import Explanation, explain

KEPT, SOLVED, MOVES = "kept", "solved", "moves"
ORDER: Final = (KEPT, SOLVED, MOVES)
LEFT_TO_XAPI: Final = ""


@dataclass(frozen=True, kw_only=True)
class Guest:
    """A VM. ``places``: who could take it, as (uuid, name); ``place``: the uuid of who was chosen."""

    uuid: str
    name: str
    server: str
    server_uuid: str
    memory: int = 0
    paused: bool = False
    discs: tuple[str, ...] = ()
    places: Sequence[tuple[str, str]] = ()
    place: str = LEFT_TO_XAPI
    finding: Finding | None = None

    @property
    def field(self) -> str:
        return f"to:{self.uuid}"

    @property
    def state(self) -> str:
        """Whether it keeps its server from being emptied, or the plan sees to it, or nothing is wrong with it."""
        if self.finding is None:
            return MOVES
        return SOLVED if self.finding.severity is Severity.INFO or self.placed_since else KEPT

    @property
    def choosable(self) -> bool:
        """Whether a place helps it: a VM that may not move at all goes nowhere."""
        return bool(self.places) and (self.finding is None or self.finding.code in SOME_SERVER)

    @property
    def placed_since(self) -> bool:
        """A server was chosen for it after XAPI was asked; it is asked again when the plan is made."""
        return bool(self.place and self.finding and not self.finding.ours and self.finding.code in SOME_SERVER)

    @property
    def needs_storage(self) -> bool:
        return self.finding is not None and self.finding.code == NEEDS_SR

    @property
    def needs_disc(self) -> bool:
        """Whether a disc in its drive may be all that keeps it."""
        return self.needs_storage and bool(self.discs)

    @property
    def place_name(self) -> str:
        return next((name for uuid, name in self.places if uuid == self.place), "")

    @property
    def explained(self) -> Explanation | None:
        found = self.finding
        return explain(found.code, found.params, found.values) if found else None


@dataclass(frozen=True, kw_only=True)
class GuestsPage:
    """All of them, those in trouble first; ``fixes``: the plans that mend what keeps them, by server."""

    rows: Sequence[Guest] = field(default_factory=tuple)
    fixes: Sequence[tuple[str, str]] = ()

    @property
    def kept(self) -> int:
        return sum(guest.state == KEPT for guest in self.rows)

    @property
    def waits(self) -> str:
        return f"{self.kept} cannot move" if self.kept else ""


def page(operation: Operation, report: Report | None) -> GuestsPage:
    """List what was read; a VM that XAPI named since is there, too."""
    found = {finding.values[VM]: finding for finding in report.findings if VM in finding.values} if report else {}
    rows = [guest(operation, server, mapping(each), found) for server, each in stored(operation)]
    there, servers = {row.uuid for row in rows}, report.servers if report else {}
    rows += [
        Guest(uuid=uuid, name=each.theirs, server=servers.get(each.subject, ""), server_uuid=each.subject, finding=each)
        for uuid, each in found.items()
        if uuid not in there
    ]
    ordered = sorted(rows, key=lambda row: (ORDER.index(row.state), row.name.casefold(), row.uuid))
    return GuestsPage(rows=ordered, fixes=fixes(operation, ordered))


def fixes(operation: Operation, rows: Sequence[Guest]) -> list[tuple[str, str]]:
    """One for each server on which a VM is kept; with several servers each is named."""
    kept = [row for row in rows if row.state == KEPT and row.finding]
    several = len({row.server for row in kept}) > 1
    found = {
        url: f"{label}: {row.server}" if several else f"{label}…"
        for row in kept
        if row.finding
        for label, url in cures.fixes_for(operation, row.finding)
    }
    return [(label, url) for url, label in found.items()]


def on(operation: Operation, server: Server) -> list[Guest]:
    """The VMs on one server: those that were read for a draft; those that a step under way found there."""
    rows = {row.uuid: row for row in page(operation, answers.report_in(operation.report)).rows}
    if operation.state not in operations.EDITABLE:
        found = named_by_steps(operation)
        rows = {
            uuid: replace(rows.get(uuid) or named(uuid, finding, server), finding=finding)
            for uuid, finding in found.items()
        }
    return [row for row in rows.values() if row.server_uuid == server.uuid]


def named(uuid: str, finding: Finding, server: Server) -> Guest:
    return Guest(uuid=uuid, name=finding.theirs, server=server.name_label, server_uuid=finding.subject)


def named_by_steps(operation: Operation) -> dict[str, Finding]:
    """What steps that wait for a person say of VMs, by uuid; the reason before the mere presence."""
    rows = operation.steps.filter(state__in=UNSETTLED)
    findings = [Finding.from_json(stored) for row in rows for stored in row.findings]
    return {each.values[VM]: each for each in reversed(findings) if VM in each.values}


def stored(operation: Operation) -> list[tuple[Mapping[str, object], object]]:
    """Every VM that was read, with its server."""
    found = mapping(operation.report.get("removal"))
    servers = [mapping(server) for server in items(found.get("servers"))]
    return [(server, each) for server in servers for each in items(server.get("guests"))]


def guest(
    operation: Operation, server: Mapping[str, object], read: Mapping[str, object], found: Mapping[str, Finding]
) -> Guest:
    uuid, memory = str(read.get("uuid")), read.get("memory")
    names = names_of(operation)
    return Guest(
        uuid=uuid,
        name=str(read.get("name") or uuid),
        server=str(server.get("name")),
        server_uuid=str(server.get("uuid")),
        memory=memory if isinstance(memory, int) else 0,
        paused=read.get("state") == "Paused",
        discs=texts(read.get("discs")),
        places=[(place, names[place]) for place in texts(read.get("places")) if place in names],
        place=str(mapping(operation.draft.get("vm_targets")).get(uuid) or LEFT_TO_XAPI),
        finding=found.get(uuid),
    )


def names_of(operation: Operation) -> dict[str, str]:
    """The servers that stay, by uuid."""
    stays = items(mapping(operation.report.get("removal")).get("stays"))
    return {str(each[0]): str(each[1]) for each in stays if isinstance(each, list)}


def chosen(operation: Operation, given: Mapping[str, str]) -> dict[str, str]:
    """Where each VM goes: what was chosen of what it was offered; of those that were not shown, as before."""
    before = mapping(operation.draft.get("vm_targets"))
    offered = {row.uuid: {uuid for uuid, _ in row.places} for row in page(operation, None).rows}
    made = {vm: str(before.get(vm) or "") for vm in offered if vm not in given}
    made |= {vm: place for vm, place in given.items() if vm in offered}
    return {vm: place for vm, place in made.items() if place in offered[vm]}
