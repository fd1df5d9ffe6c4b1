"""The whole grid as a table for spreadsheets; no cell of it is taken for a formula."""

import csv
import io
from collections.abc import Iterator

from pools.checks.finding import Finding
from pools.checks.report import Cell, Line
from pools.services.examination import Examination

HEADER = ("rule", "XAPI's row", "server", "state", "code", "theirs", "ours", "as of")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def table(found: Examination) -> str:
    """Write one line for each rule and server, and for each finding of several."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for row in rows(found):
        writer.writerow([harmless(value) for value in row])
    return text.getvalue()


def rows(found: Examination) -> Iterator[tuple[str, ...]]:
    if found.report is None:
        return
    lines = {line.rule: line for line in found.report.lines}
    for cell in found.report.cells:
        findings: tuple[Finding | None, ...] = cell.findings or (None,)
        for finding in findings:
            yield row(lines[cell.rule], cell, finding, found)


def row(line: Line, cell: Cell, finding: Finding | None, found: Examination) -> tuple[str, ...]:
    moment = found.read_at.get(cell.server_uuid)
    said = (finding.code, finding.theirs, finding.ours) if finding else ("", "", "")
    server = found.report.servers[cell.server_uuid] if found.report else ""
    since = moment.isoformat(timespec="seconds") if moment else ""
    return (line.title, line.xapi_row, server, cell.state.value, *said, since)


def harmless(value: str) -> str:
    """A spreadsheet reckons with what begins like a formula, spaces before it or not."""
    return f"'{value}" if value.lstrip(" ").startswith(FORMULA) or value.startswith("\n") else value
