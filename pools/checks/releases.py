"""Which release of the toolstack brought which rule of pre_join_checks: an older server's own code asks less."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from pools.checks.facts import ServerFacts
from pools.checks.finding import Finding, Severity

NOT_ASKED: Final = "XENWEB_NOT_ASKED_BY_OLDER"
Release = tuple[int, ...]

# By row; the others are as old as 1.249, the oldest line that is still about, or look at what older ones do not have.
SINCE: Final[dict[str, Release]] = {
    "5a": (25, 18),
    "5b": (25, 18),
    "11a": (24, 31),
    "11b": (24, 31),
    "28": (1, 297),
    "29": (1, 297),
    "30": (26, 13),
    "33": (24, 37),
}


def as_asked(findings: Sequence[Finding], row: str, joining: Sequence[ServerFacts]) -> Iterator[Finding]:
    """What no joining server's own code looks at does not stop a join: it is no better for that, and a warning."""
    since = SINCE.get(row, ())
    # A server that does not say its release counts as the newest.
    asked = any((_release(server) or since) >= since for server in joining)
    for finding in findings:
        if asked or finding.severity is not Severity.ERROR:
            yield finding
        else:
            params = (finding.code, ".".join(map(str, since)))
            yield replace(finding, code=NOT_ASKED, severity=Severity.WARNING, params=params)


def _release(server: ServerFacts) -> Release:
    return tuple(int(number) for number in re.findall(r"[0-9]{1,9}", server.host.software_version.get("xapi", "")))
