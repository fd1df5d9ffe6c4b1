"""The pre-flight report as the grid and its cards show it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from pools.checks.finding import UNREADABLE, Finding, Severity, listed
from pools.checks.report import Report
from pools.services import forcing
from pools.services.examination import Examination
from pools.services.preflight_grid import Grid
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
    again: str  # uuids of its servers, to be read again
    only: tuple[str, ...] = ()  # servers of which XAPI would tell nothing but this
    force: tuple[forcing.Offer, ...] = ()  # servers whose join may, or may not, be forced past it
    fixes: tuple[tuple[str, str], ...] = ()  # label and URL of each plan that would solve it


def page(found: Examination, *, everything: bool = False) -> dict[str, object]:
    """Return the grid's columns and rows, the cards, and the verdict in one sentence."""
    report = found.report
    if report is None:
        return {}
    explained = cards(report)
    grid = Grid(found, report, {key: card.id for card in explained for key in card.about})
    rows = grid.rows()
    columns = grid.columns()
    counts = Counter(card.severity for card in explained)
    return {
        "columns": columns,
        "rows": [row for row in rows if everything or not row.fine],
        "rules": len(rows),
        "fine_rows": sum(row.fine for row in rows),
        "findings": explained,
        "by_server": [
            (column, [card for card in explained if column.uuid in card.again.split()]) for column in columns
        ],
        "dark": listed([report.servers[uuid] for uuid in report.servers if uuid in grid.dark], 8),
        "counts": {severity.value: counts[severity] for severity in SEVERITIES},
        "waiting": [column.name for column in columns if column.reading],
        "verdict": verdict(report, counts),
    }


def cards(report: Report) -> list[Card]:
    """Gather equal findings of several servers into one card, worst first."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in report.findings:
        same = (finding.severity, finding.code, finding.theirs, finding.ours, tuple(sorted(finding.values.items())))
        unread = finding.params if finding.code == UNREADABLE else ()
        groups.setdefault((*same, unread), []).append(finding)
    ordered = sorted(groups.values(), key=lambda group: SEVERITIES.index(group[0].severity))
    refusals = [(report.servers[uuid], stop) for uuid, (_, stop) in report.first_refusals().items()]
    stops = [(name, stop) for name, stop in refusals if not stop.code.startswith("XENWEB_")]
    return [
        card(f"finding-{number}", group, report, tuple(name for name, stop in stops if stop in group))
        for number, group in enumerate(ordered, start=1)
    ]


def card(name: str, group: list[Finding], report: Report, only: tuple[str, ...]) -> Card:
    """Explain one group of equal findings."""
    first = group[0]
    explained = explain(first.code, first.params, first.values)
    return Card(
        id=name,
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
        again=" ".join(finding.subject for finding in group),
        only=only,
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
    if len({cell.server_uuid for cell in report.cells}) < servers:
        return "Not every server has answered"
    if counts[Severity.WARNING]:
        return f"{servers} servers fit together, with {plural(counts[Severity.WARNING], 'warning')}"
    return f"All {servers} servers fit together"


def plural(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
