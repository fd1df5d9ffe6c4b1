"""The network of a pool as a table: members × networks, or × places of NICs, with what is wrong in each cell."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from pools.diagnosis import Kind, Mismatch, diagnose
from pools.diagnosis.catalogue import CATALOGUE, Entry
from pools.diagnosis.topology import NO_MODE, Bonded, Side, Topology
from pools.services.network_columns import Column, Group, columns_of, places_of
from pools.xapi.inventory import Snapshot
from pools.xapi.records import NULL, PIFMetricsRecord, PIFRecord

DARK = PIFMetricsRecord(ref=NULL)
NAMED, GIGABIT = 4, 1000
MODES: Mapping[str, str] = {"lacp": "LACP", "active-backup": "active-backup", "balance-slb": "balance-slb"}


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One mismatch in a cell: a letter, and a shape for how bad it is; ``follow``: its consequences, in a list."""

    mismatch: Mismatch
    follow: tuple["Mark", ...] = ()

    @property
    def entry(self) -> Entry:
        return CATALOGUE[self.mismatch.kind]

    @property
    def state(self) -> str:
        """A cause, only a consequence, or a hint."""
        if self.mismatch.because:
            return "follows"
        return "hint" if self.mismatch.hint else "wrong"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What a member has on a network. ``chain`` names what lies on one another: NICs, bond, VLANs."""

    server: str
    column: str
    text: str = ""
    notes: tuple[str, ...] = ()
    links: str = ""
    dark: bool = False
    management: bool = False
    storage: bool = False
    marks: tuple[Mark, ...] = ()
    chain: str = ""

    @property
    def state(self) -> str:
        """The worst of its marks; empty where nothing is there and nothing is wrong."""
        states = {mark.state for mark in self.marks}
        return next((state for state in ("wrong", "hint", "follows") if state in states), "ok" if self.text else "")

    @property
    def words(self) -> str:
        """Say all of it to who does not see the table."""
        said = [self.text or "nothing", *self.notes, self.links and f"links {self.links}"]
        said += ["management" if self.management else "", "storage" if self.storage else ""]
        return ", ".join([word for word in said if word] + [mark.entry.title for mark in self.marks])


@dataclass(frozen=True, kw_only=True)
class Row:
    """One server."""

    uuid: str
    name: str
    reference: bool
    coordinator: bool
    live: bool
    cells: tuple[Cell, ...]
    causes: int = 0
    hints: int = 0


@dataclass(frozen=True, kw_only=True)
class ServerFindings:
    """What is wrong with one server, or with the pool as a whole."""

    name: str
    causes: Sequence[Mark]

    @property
    def problems(self) -> int:
        return sum(mark.state == "wrong" for mark in self.causes)


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """``reference``: the uuid of the server with which all others are compared; ``by_nics``: places are the columns."""

    pool: Snapshot
    reference: str = ""
    by_nics: bool = False
    problems_only: bool = False
    servers: tuple[str, ...] = field(default=())

    @cached_property
    def topology(self) -> Topology:
        return Topology(pool=self.pool)

    @cached_property
    def known(self) -> bool:
        """Whether there is anything to compare."""
        return self.pool.master.ref in self.topology.sides

    @cached_property
    def ours(self) -> Side:
        host = self.pool.host(self.reference) or self.pool.master
        return self.topology.sides[host.ref]

    @cached_property
    def mismatches(self) -> list[Mismatch]:
        return diagnose(self.pool, self.reference)

    @cached_property
    def causes(self) -> list[Mismatch]:
        """What has to be mended; the rest follows from it, or may be meant so."""
        return [each for each in self.mismatches if not each.because and not each.hint]

    @cached_property
    def groups(self) -> list[Group]:
        """The columns; a network without an interface and without a problem is none."""
        if self.by_nics:
            return places_of(self.topology, self.ours)
        wrong = {each.network for each in self.mismatches}
        groups = columns_of(self.topology, self.ours, wrong)
        if not self.problems_only:
            return groups
        kept = [
            Group(title=group.title, columns=tuple(each for each in group.columns if each.uuid in wrong))
            for group in groups
        ]
        return [group for group in kept if group.columns]

    @cached_property
    def columns(self) -> list[Column]:
        return [column for group in self.groups for column in group.columns]

    @cached_property
    def rows(self) -> list[Row]:
        """The reference first; then by name, or those alone that were asked for."""
        sides = sorted(
            self.topology.sides.values(),
            key=lambda side: (side.host.ref != self.ours.host.ref, side.host.name_label.casefold()),
        )
        rows = [self.row(side) for side in sides if not self.servers or side.host.uuid in self.servers]
        return [row for row in rows if row.causes or row.hints or row.reference] if self.problems_only else rows

    def row(self, side: Side) -> Row:
        uuid = side.host.uuid
        mine = [each for each in self.mismatches if each.host == uuid]
        return Row(
            uuid=uuid,
            name=side.host.name_label,
            reference=side.host.ref == self.ours.host.ref,
            coordinator=side.host.ref == self.pool.master.ref,
            live=self.pool.is_live(side.host),
            cells=tuple(self.cell(side, column) for column in self.columns),
            causes=sum(not each.because and not each.hint for each in mine),
            hints=sum(each.hint and not each.because for each in mine),
        )

    @cached_property
    def marks(self) -> Mapping[tuple[str, str], list[Mark]]:
        """By server and network."""
        found: dict[tuple[str, str], list[Mark]] = defaultdict(list)
        for each in self.mismatches:
            found[each.host, each.network].append(Mark(mismatch=each))
        return found

    def cell(self, side: Side, column: Column) -> Cell:
        pifs = column.pifs(side)
        marks = [mark for uuid in column.networks(side) for mark in self.marks.get((side.host.uuid, uuid), ())]
        base = Cell(server=side.host.uuid, column=column.uuid, marks=tuple(marks))
        return filled(base, side, pifs[0], more=len(pifs) - 1) if pifs else base

    @cached_property
    def by_server(self) -> list["ServerFindings"]:
        """Causes and hints with what follows from them; servers with problems first, what is the pool's last."""
        follow: dict[str, list[Mark]] = defaultdict(list)
        for each in self.mismatches:
            follow[each.because].append(Mark(mismatch=each))
        names = {host.uuid: host.name_label for host in self.pool.hosts.values()}
        found: dict[str, list[Mark]] = defaultdict(list)
        for each in self.mismatches:
            if not each.because:
                found[each.host].append(Mark(mismatch=each, follow=tuple(follow.get(each.key, ()))))
        servers = [ServerFindings(name=names.get(uuid, "The pool"), causes=marks) for uuid, marks in found.items()]
        return sorted(servers, key=lambda server: not server.problems)

    @property
    def sentence(self) -> str:
        """Say in one sentence what is wrong."""
        servers = {each.host for each in self.causes if each.host}
        count = len(self.topology.sides)
        if not self.causes:
            return f"All {count} servers agree with {self.ours.host.name_label}." if count > 1 else "Nothing is wrong."
        kinds = sorted({each.kind for each in self.causes}, key=list(Kind).index)
        titles = [CATALOGUE[kind].within for kind in kinds]
        said = ", ".join(titles[:NAMED]) + (f" and {len(titles) - NAMED} more" if len(titles) > NAMED else "")
        who = f"{len(servers)} of {count} servers" if servers else "The pool"
        return (
            f"{who} {'is' if len(servers) == 1 or not servers else 'are'} not as {self.ours.host.name_label}: {said}."
        )


def filled(cell: Cell, side: Side, pif: PIFRecord, more: int) -> Cell:
    """Put in what the interface is."""
    bonded = next((each for each in side.bonds.values() if each.pif.ref == pif.ref), None)
    below = next((each.below for each in side.vlans if each.pif.ref == pif.ref), None)
    notes = [MODES.get(bonded.bond.mode, bonded.bond.mode)] if bonded else []
    notes += [f"on {side.named(below)}"] if below else []
    notes += [pif.IP or pif.ip_configuration_mode] if pif.ip_configuration_mode != NO_MODE else []
    notes += [f"and {more} more"] if more > 0 else []
    return Cell(
        server=cell.server,
        column=cell.column,
        marks=cell.marks,
        text=text_of(side, pif, bonded),
        notes=tuple(notes),
        links=links_of(side, bonded, pif),
        dark=pif.physical and not side.pool.pif_metrics.get(pif.metrics, DARK).carrier,
        management=pif.management,
        storage=not pif.management and (pif.ip_configuration_mode != NO_MODE),
        chain=chain_of(side, pif),
    )


def text_of(side: Side, pif: PIFRecord, bonded: Bonded | None) -> str:
    """A bond by its NICs, a VLAN by its tag, a NIC by its name and, where it is in one, its bond."""
    if bonded:
        return " + ".join(member.device for member in bonded.members) or "no NIC"
    if pif.VLAN >= 0:
        return f"VLAN {pif.VLAN}"
    holder = side.holder.get(pif.ref)
    return f"{pif.device} in {side.named(holder.pif)}" if holder else pif.device


def links_of(side: Side, bonded: Bonded | None, pif: PIFRecord) -> str:
    """How many members of a bond have a link; of a NIC its speed."""
    if bonded:
        up = sum(side.pool.pif_metrics.get(member.metrics, DARK).carrier for member in bonded.members)
        return f"{up}/{len(bonded.members)}"
    if not pif.physical:
        return ""
    seen = side.pool.pif_metrics.get(pif.metrics, DARK)
    return speed(seen.speed) if seen.carrier else "no link"


def speed(megabits: int) -> str:
    """Say it as people do: 10G, 2.5G, 100M."""
    return f"{megabits / GIGABIT:g}G" if megabits >= GIGABIT else f"{megabits}M" if megabits else "link"


def chain_of(side: Side, pif: PIFRecord) -> str:
    """The same for a NIC, the bond that it is in, and the VLANs on that; XAPI's references are no names for a page."""
    below = next((each.below for each in side.vlans if each.pif.ref == pif.ref), pif)
    holder = side.holder.get(below.ref)
    base = holder.pif if holder else below
    return f"{side.host.uuid}:{base.uuid}"


def rows_as_text(matrix: Matrix) -> Iterator[Sequence[str]]:
    """For a spreadsheet: one line for each server and column."""
    yield ("server", "network", "group", "has", "details", "links", "management", "problems")
    if not matrix.known:
        return
    groups = {column.uuid: group.title for group in matrix.groups for column in group.columns}
    for row in matrix.rows:
        for cell, column in zip(row.cells, matrix.columns, strict=True):
            problems = "; ".join(f"{mark.entry.title} ({mark.mismatch.kind})" for mark in cell.marks)
            details = ", ".join(cell.notes)
            yes = "yes" if cell.management else ""
            yield (row.name, column.title, groups[column.uuid], cell.text, details, cell.links, yes, problems)
