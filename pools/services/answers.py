"""What a draft's pre-flight has answered so far, as its row keeps it: the answers, since when, and what changed.

``asked…`` is the question, ``again`` the servers it is about (none: all); ``answered`` those whose answers have come,
``done_at`` the end. ``cells`` is the report, of this reading or an earlier one; ``read_at`` says which, by server.
``removal`` is what a removal of servers costs (losses.py).
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from pools.checks.finding import Finding, Severity
from pools.checks.registry import Side, rules
from pools.checks.report import Report

Stored = Mapping[str, object]
KEPT = ("cells", "read_at", "as_of", "removal", "pool_cleanup")


def taken_in(stored: Stored, report: Report, newly: Collection[str], now: datetime) -> dict[str, object]:
    """Return the row's answers with those that came just now; each server keeps the moment of its own."""
    moments = texts(stored.get("read_at")) | dict.fromkeys(newly, now.isoformat())
    before = stored.get("answered")
    return {
        **stored,
        "cells": report.to_json(),
        "read_at": {uuid: moment for uuid, moment in moments.items() if uuid in report.servers},
        "answered": sorted({*(before if isinstance(before, list) else []), *newly}),
        "as_of": now.isoformat(),
    }


def completed(stored: Stored, report: Report, now: datetime) -> dict[str, object]:
    """Return the row's answers when every server was read and nothing is under way any more."""
    return taken_in(stored, report, list(report.servers), now) | {"done_at": now.isoformat(), "changed": ""}


def is_running(stored: Stored) -> bool:
    """Whether a question has no answer yet; rows from before answers came one by one have no ``read_at``."""
    older = "cells" in stored and "read_at" not in stored
    return "asked" in stored and "done_at" not in stored and not older


def report_in(stored: Stored) -> Report | None:
    cells = stored.get("cells")
    return Report.from_json(cells) if isinstance(cells, Mapping) else None


def texts(stored: object) -> dict[str, str]:
    return {str(key): str(value) for key, value in stored.items()} if isinstance(stored, Mapping) else {}


def merged(old: Report | None, new: Report, answered: Collection[str]) -> Report:
    """Take the new answers about servers that have been read; all others stay as they were, or are not there yet.

    A rule that compares with the coordinator has no new answer before the coordinator has one.
    """
    comparing = {rule.key for rule in rules() if rule.side is Side.BOTH}
    read = set(answered)
    compared = read if new.coordinator_uuid in read else set()
    fresh = {
        (cell.rule, cell.server_uuid): cell
        for cell in new.cells
        if cell.server_uuid in (compared if cell.rule in comparing else read)
    }
    before = {(cell.rule, cell.server_uuid): cell for cell in old.cells} if old else {}
    known = (fresh.get(key) or before.get(key) for key in ((cell.rule, cell.server_uuid) for cell in new.cells))
    return replace(new, cells=tuple(cell for cell in known if cell is not None))


def changes(old: Report | None, new: Report) -> str:
    """Say what a reading changed: ``2 problems solved, 1 new``."""
    if old is None:
        return ""
    before, after = problems(old), problems(new)
    solved, added = len(before - after), len(after - before)
    if not solved and not added:
        return "Nothing has changed."
    said = [f"{solved} problem{'' if solved == 1 else 's'} solved"] if solved else []
    return ", ".join(said + ([f"{added} new"] if added else [])) + "."


def problems(report: Report) -> set[tuple[str, str, Severity]]:
    return {identity(finding) for finding in report.findings if finding.severity is not Severity.INFO}


def identity(finding: Finding) -> tuple[str, str, Severity]:
    return finding.code, finding.subject, finding.severity
