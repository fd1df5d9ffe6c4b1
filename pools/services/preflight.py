"""The pre-flight report as the grid and its cards show it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from pools.checks.finding import Finding, Severity
from pools.checks.report import CellState, Report, Row
from pools.services import forcing
from pools.xapi.messages import explain

SEVERITIES = (Severity.ERROR, Severity.UNKNOWN, Severity.WARNING, Severity.INFO)


@dataclass(frozen=True, kw_only=True)
class Card:
    """One finding with every server it holds for; the values are theirs and the pool's."""

    id: str
    severity: str
    code: str
    title: str
    explanation: str
    remedy: str
    servers: tuple[str, ...]
    theirs: str
    ours: str
    theirs_label: str
    ours_label: str
    values: Mapping[str, str]
    about: frozenset[tuple[str, str]]
    force: tuple[forcing.Offer, ...] = ()


def page(report: Report) -> dict[str, object]:
    """Return the grid's columns and rows, the cards, and the verdict in one sentence."""
    found = cards(report)
    counts = Counter(card.severity for card in found)
    return {
        "columns": [{"name": name, "uuid": uuid} for uuid, name in report.servers.items()],
        "rows": [grid_row(row, found) for row in report.rows()],
        "findings": found,
        "counts": {severity.value: counts[severity] for severity in SEVERITIES}
        | {"problems": counts[Severity.ERROR] + counts[Severity.UNKNOWN] + counts[Severity.WARNING]},
        "verdict": verdict(report, counts),
    }


def grid_row(row: Row, found: list[Card]) -> dict[str, object]:
    """Describe one line of the grid; a cell with a finding links to its card."""
    cells = [
        {"state": mark_of(cell.state, cell.findings), "finding": card_of(cell.findings, found)} for cell in row.cells
    ]
    fine = row.state in {CellState.OK, CellState.NOT_APPLICABLE}
    return {"title": row.line.title, "fine": fine, "cells": cells}


def card_of(findings: tuple[Finding, ...], found: list[Card]) -> str:
    """Return the id of the card that tells a cell's finding."""
    told = {(code, subject): card.id for card in found for code, subject in card.about}
    return next((told[key] for finding in findings if (key := (finding.code, finding.subject)) in told), "")


def mark_of(state: CellState, findings: tuple[Finding, ...]) -> str:
    """Name the grid's mark of a cell."""
    if state is CellState.PROBLEM:
        return "error"
    if findings and all(finding.severity is Severity.INFO for finding in findings):
        return "info"
    return state.value


def cards(report: Report) -> list[Card]:
    """Gather equal findings of several servers into one card, worst first."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in report.findings:
        same = (finding.severity, finding.code, finding.theirs, finding.ours, tuple(sorted(finding.values.items())))
        groups.setdefault(same, []).append(finding)
    ordered = sorted(groups.values(), key=lambda group: SEVERITIES.index(group[0].severity))
    return [card(number, group, report) for number, group in enumerate(ordered, start=1)]


def card(number: int, group: list[Finding], report: Report) -> Card:
    """Explain one group of equal findings."""
    first = group[0]
    explained = explain(first.code, first.params, first.values)
    return Card(
        id=f"finding-{number}",
        severity=first.severity.value,
        code=first.code,
        title=explained.title,
        explanation=explained.text,
        remedy=explained.remedy,
        servers=tuple(report.servers.get(finding.subject, finding.subject) for finding in group),
        theirs=first.theirs,
        ours=first.ours,
        theirs_label="This server" if len(group) == 1 else "These servers",
        ours_label="Coordinator",
        values=first.values,
        about=frozenset((finding.code, finding.subject) for finding in group),
        force=forcing.offers(group, report),
    )


def verdict(report: Report, counts: Counter[str]) -> str:
    """Say in one sentence how it stands."""
    servers = len(report.servers)
    if counts[Severity.ERROR]:
        blocked = len({finding.subject for finding in report.errors})
        return f"{plural(counts[Severity.ERROR], 'problem')} on {blocked} of {servers} servers"
    if counts[Severity.UNKNOWN]:
        return f"{plural(counts[Severity.UNKNOWN], 'answer')} could not be read"
    if counts[Severity.WARNING]:
        return f"{servers} servers fit together, with {plural(counts[Severity.WARNING], 'warning')}"
    return f"All {servers} servers fit together"


def plural(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
