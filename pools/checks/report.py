"""What all checks found, as a grid of rules and servers, to show, to store and to decide by."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Self

from pools.checks.finding import UNREADABLE, Finding, Severity

Stored = Mapping[str, object]


class CellState(StrEnum):
    """The answer of one rule for one server."""

    OK = "ok"
    PROBLEM = "problem"
    WARNING = "warning"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


# Worst first: the order in which a grid shows its rows.
URGENCY = (CellState.PROBLEM, CellState.UNKNOWN, CellState.WARNING, CellState.OK, CellState.NOT_APPLICABLE)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One rule's answer for one server."""

    rule: str
    server_uuid: str
    state: CellState
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Line:
    """What a stored report remembers of a rule; ``xapi_row`` is empty for rules of our own."""

    rule: str
    title: str
    xapi_row: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the grid with its cells, in the order of the report's servers."""

    line: Line
    cells: tuple[Cell, ...]

    @property
    def state(self) -> CellState:
        """The worst of its cells."""
        return min((cell.state for cell in self.cells), key=URGENCY.index)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for cell in self.cells for finding in cell.findings)


@dataclass(frozen=True, kw_only=True)
class Report:
    """All answers. ``servers`` maps uuid to name, the coordinator first; ``lines`` are in XAPI's order, ours after."""

    servers: Mapping[str, str]
    lines: tuple[Line, ...]
    cells: tuple[Cell, ...]

    @property
    def coordinator_uuid(self) -> str:
        return next(iter(self.servers))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding once: what could not be read makes many cells unknown, and is one finding."""
        found: list[Finding] = []
        for cell in self.cells:
            found.extend(finding for finding in cell.findings if finding not in found)
        return tuple(found)

    @property
    def errors(self) -> tuple[Finding, ...]:
        return self._of(Severity.ERROR)

    @property
    def unknowns(self) -> tuple[Finding, ...]:
        return self._of(Severity.UNKNOWN)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return self._of(Severity.WARNING)

    @property
    def notes(self) -> tuple[Finding, ...]:
        return self._of(Severity.INFO)

    @property
    def blocked(self) -> bool:
        """Whether nothing may be started: an error, or one of XAPI's rules whose answer is not known."""
        xapi = {line.rule for line in self.lines if line.xapi_row}
        return bool(self.errors) or any(c.state is CellState.UNKNOWN and c.rule in xapi for c in self.cells)

    def replacing(self, change: Callable[[Finding], Finding]) -> Self:
        """Return the report with each finding changed, and the cells as bad as their findings are then."""
        return replace(self, cells=tuple(_changed(cell, change) for cell in self.cells))

    def rows(self) -> list[Row]:
        """The grid, problems first, and within equals in XAPI's order."""
        place = {uuid: number for number, uuid in enumerate(self.servers)}
        by_rule: dict[str, list[Cell]] = {line.rule: [] for line in self.lines}
        for cell in self.cells:
            by_rule[cell.rule].append(cell)
        rows = [
            Row(line=line, cells=tuple(sorted(by_rule[line.rule], key=lambda cell: place[cell.server_uuid])))
            for line in self.lines
            if by_rule[line.rule]
        ]
        return sorted(rows, key=lambda row: URGENCY.index(row.state))

    def groups(self) -> list[tuple[CellState, list[Row]]]:
        """The rows under the state they share, worst first, without empty groups."""
        rows = self.rows()
        groups = [(state, [row for row in rows if row.state is state]) for state in URGENCY]
        return [(state, members) for state, members in groups if members]

    def about(self, server_uuid: str) -> list[Finding]:
        """Everything found about one server."""
        return [finding for finding in self.findings if finding.subject == server_uuid]

    def state_of(self, server_uuid: str) -> CellState:
        """The worst answer for one server."""
        states = [cell.state for cell in self.cells if cell.server_uuid == server_uuid]
        return min(states, key=URGENCY.index, default=CellState.NOT_APPLICABLE)

    def first_refusal(self, server_uuid: str) -> Finding | None:
        """Where pool.join of this server would stop: XAPI tells only the first (xapi_pool.ml, pre_join_checks)."""
        stop = self._stop(server_uuid)
        return stop[1] if stop else None

    def first_refusals(self) -> dict[str, tuple[tuple[str, str], Finding]]:
        """For each server whose join would stop: at which rule and cell, and with what."""
        joining = [uuid for uuid in self.servers if uuid != self.coordinator_uuid]
        return {uuid: stop for uuid in joining if (stop := self._stop(uuid))}

    def _stop(self, server_uuid: str) -> tuple[tuple[str, str], Finding] | None:
        """A server may have the coordinator's own uuid, which is one of the refusals (row 7)."""
        concerned = {server_uuid, self.coordinator_uuid}
        cell = next((cell for cell in self._refusing if cell.server_uuid in concerned), None)
        if cell is None:
            return None
        found = next(finding for finding in cell.findings if finding.severity is Severity.ERROR)
        return (cell.rule, cell.server_uuid), found

    @cached_property
    def _refusing(self) -> list[Cell]:
        """What XAPI would refuse, in its order."""
        order = {line.rule: number for number, line in enumerate(self.lines) if line.xapi_row}
        errors = [cell for cell in self.cells if cell.rule in order and cell.state is CellState.PROBLEM]
        return sorted(errors, key=lambda cell: order[cell.rule])

    def to_json(self) -> dict[str, object]:
        return {
            "servers": [[uuid, name] for uuid, name in self.servers.items()],
            "lines": [[line.rule, line.title, line.xapi_row] for line in self.lines],
            "cells": [
                [cell.rule, cell.server_uuid, cell.state.value, [finding.to_json() for finding in cell.findings]]
                for cell in self.cells
            ],
        }

    @classmethod
    def from_json(cls, stored: Stored) -> Self:
        return cls(
            servers={str(uuid): str(name) for uuid, name in _lists(stored["servers"])},
            lines=tuple(
                Line(rule=str(rule), title=str(title), xapi_row=str(row))
                for rule, title, row in _lists(stored["lines"])
            ),
            cells=tuple(
                Cell(
                    rule=str(rule),
                    server_uuid=str(uuid),
                    state=CellState(str(state)),
                    findings=tuple(Finding.from_json(item) for item in findings if isinstance(item, Mapping)),
                )
                for rule, uuid, state, findings in _lists(stored["cells"])
                if isinstance(findings, list)
            ),
        )

    def _of(self, severity: Severity) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity is severity)


def _changed(cell: Cell, change: Callable[[Finding], Finding]) -> Cell:
    findings = tuple(change(finding) for finding in cell.findings)
    same = findings == cell.findings
    return cell if same else replace(cell, findings=findings, state=state_of_findings(findings))


def state_of_findings(findings: Sequence[Finding]) -> CellState:
    """A cell is as bad as its worst finding; a note alone leaves it fine."""
    severities = {finding.severity for finding in findings}
    for severity, state in _STATES:
        if severity in severities:
            return state
    return CellState.OK


def unreadable(subject: str, name: str, what: str) -> Finding:
    """Say that something needed could not be read."""
    return Finding(code=UNREADABLE, subject=subject, severity=Severity.UNKNOWN, params=(name, what))


_STATES = (
    (Severity.ERROR, CellState.PROBLEM),
    (Severity.UNKNOWN, CellState.UNKNOWN),
    (Severity.WARNING, CellState.WARNING),
)


def _lists(stored: object) -> list[list[object]]:
    return [list(item) for item in stored if isinstance(item, list)] if isinstance(stored, list) else []
