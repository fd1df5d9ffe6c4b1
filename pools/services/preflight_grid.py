"""The grid of rules and servers: which rows it shows, what stands in a cell, and how each server comes out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from pools.checks.finding import UNREADABLE, Finding, Severity
from pools.checks.report import Cell, CellState, Line, Report
from pools.services.examination import Examination

FINE = frozenset({CellState.OK, CellState.NOT_APPLICABLE})
BAD = (CellState.PROBLEM, CellState.UNKNOWN, CellState.WARNING)
WORDS = {CellState.PROBLEM: "problem", CellState.UNKNOWN: "unknown", CellState.WARNING: "warning"}
CardIds = Mapping[tuple[str, str], str]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One server: ``words`` and ``state`` say how it comes out, ``count`` of how many problems."""

    uuid: str
    name: str
    state: str
    words: str
    count: int
    reading: bool
    read_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Square:
    """What a cell shows: its mark, the card that explains it, and whether XAPI would stop here."""

    state: str
    finding: str = ""
    first: bool = False
    reading: bool = False


@dataclass(frozen=True, kw_only=True)
class GridRow:
    """One rule; without ``xapi_row`` it is a rule of xenweb's own."""

    title: str
    xapi_row: str
    fine: bool
    cells: Sequence[Square] = field(default_factory=tuple)


@dataclass(frozen=True)
class Grid:
    """Looks at the answers of an examination once, and lays them out."""

    found: Examination
    report: Report
    cards: CardIds

    @cached_property
    def dark(self) -> frozenset[str]:
        return dark(self.report)

    @cached_property
    def by_server(self) -> dict[str, Counter[CellState]]:
        counts: dict[str, Counter[CellState]] = {}
        for cell in self.report.cells:
            counts.setdefault(cell.server_uuid, Counter())[cell.state] += 1
        return counts

    @cached_property
    def by_rule(self) -> dict[str, dict[str, Cell]]:
        cells: dict[str, dict[str, Cell]] = {}
        for cell in self.report.cells:
            cells.setdefault(cell.rule, {})[cell.server_uuid] = cell
        return cells

    def columns(self) -> list[Column]:
        return [self.column(uuid, name) for uuid, name in self.report.servers.items()]

    def column(self, uuid: str, name: str) -> Column:
        """How one server comes out: by its worst answers, and how many of them there are."""
        counts = self.by_server.get(uuid, Counter())
        worst = next((state for state in BAD if counts[state]), CellState.OK)
        waits = self.found.running and not self.found.overdue
        mark = mark_of(worst, ()) if counts else "waiting" if waits else "unknown"
        return Column(
            uuid=uuid,
            name=name,
            state=mark,
            words=self.words(uuid, worst, counts),
            count=counts[worst] if worst in WORDS else 0,
            reading=uuid in self.found.reading,
            read_at=self.found.read_at.get(uuid),
        )

    def words(self, uuid: str, worst: CellState, counts: Counter[CellState]) -> str:
        """How a server comes out, in words."""
        if not counts:
            return "no answer yet, waiting" if uuid in self.found.reading else "no answer"
        if uuid in self.dark:
            return "could not be read"
        if worst not in WORDS:
            return "ready"
        return f"{counts[worst]} {WORDS[worst]}{'s' if counts[worst] > 1 else ''}"

    def rows(self) -> list[GridRow]:
        """Every rule, worst first."""
        stops = self.report.first_refusals()
        places = {place for place, _ in stops.values()}
        return sorted((self.row(line, places) for line in self.ordered()), key=lambda row: row.fine)

    def ordered(self) -> list[Line]:
        """Rules in the order in which the report ranks them; one without any answer yet comes last."""
        ranked = [row.line for row in self.report.rows()]
        return ranked + [line for line in self.report.lines if line not in ranked]

    def row(self, line: Line, stops: set[tuple[str, str]]) -> GridRow:
        of_rule = self.by_rule.get(line.rule, {})
        squares = [self.square(of_rule.get(uuid), uuid, (line.rule, uuid) in stops) for uuid in self.report.servers]
        fine = not any(says_something(cell, self.dark) for cell in of_rule.values())
        return GridRow(title=line.title, xapi_row=line.xapi_row, fine=fine, cells=squares)

    def square(self, cell: Cell | None, uuid: str, first: bool) -> Square:  # noqa: FBT001
        reading = uuid in self.found.reading
        if cell is None:
            return Square(state="waiting" if self.found.running and not self.found.overdue else "unknown")
        keys = ((finding.code, finding.subject) for finding in cell.findings)
        card = next((self.cards[key] for key in keys if key in self.cards), "")
        return Square(state=mark_of(cell.state, cell.findings), finding=card, first=first, reading=reading)


def mark_of(state: CellState, findings: Sequence[Finding]) -> str:
    """Name the grid's mark of a cell."""
    if state is CellState.PROBLEM:
        return "error"
    if findings and all(finding.severity is Severity.INFO for finding in findings):
        return "info"
    return state.value


def dark(report: Report) -> frozenset[str]:
    """Servers of which nothing is known: whatever is asked about them has that one answer."""
    seen: dict[str, bool] = {}
    for cell in report.cells:
        if cell.state is not CellState.NOT_APPLICABLE:
            seen[cell.server_uuid] = seen.get(cell.server_uuid, True) and is_unread(cell, {cell.server_uuid})
    return frozenset(uuid for uuid, only in seen.items() if only)


def is_unread(cell: Cell, subjects: frozenset[str] | set[str]) -> bool:
    """Whether all that a cell says is that one of these servers could not be read."""
    return bool(cell.findings) and any(f.code == UNREADABLE and f.subject in subjects for f in cell.findings)


def says_something(cell: Cell, hidden: frozenset[str]) -> bool:
    """Whether a cell makes its row one to show; what is wrong with a whole server is said once, in its column."""
    return cell.state not in FINE and not is_unread(cell, hidden)
