"""What forbids that a pool is cleaned, and what of the choice is not left over any more."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pools.checks.facts import Facts
from pools.checks.finding import Finding, Severity
from pools.checks.report import Cell, Line, Report, state_of_findings, unreadable


@dataclass(frozen=True, kw_only=True)
class Found:
    """``left``: how much of the choice is left over; ``mended``: names of what is not; ``gone``: storage not there."""

    left: int
    mended: Mapping[str, str]
    gone: Sequence[str] = ()


def run(facts: Facts, found: Found) -> Report:
    """Ask about the pool, then about the choice."""
    coordinator = facts.coordinator
    findings = tuple(of_pool(facts)) or tuple(of_choice(facts, found))
    cell = Cell(rule="cleanup", server_uuid=coordinator.uuid, state=state_of_findings(findings), findings=findings)
    line = Line(rule="cleanup", title="What was chosen is left over", xapi_row="0")
    return Report(servers={coordinator.uuid: coordinator.name_label}, lines=(line,), cells=(cell,))


def of_pool(facts: Facts) -> Iterator[Finding]:
    """What is not read is not known to be left over."""
    coordinator = facts.coordinator
    if not coordinator.readable or facts.pool.unread:
        why = coordinator.error_code or ", ".join(sorted(facts.pool.unread))
        yield unreadable(coordinator.uuid, coordinator.name_label, why)


def of_choice(facts: Facts, found: Found) -> Iterator[Finding]:
    uuid = facts.coordinator.uuid
    for name in sorted(found.mended.values()):
        yield Finding(code="XENWEB_LEFTOVER_MENDED", subject=uuid, severity=Severity.WARNING, params=(name,))
    for sr_uuid in found.gone:
        yield Finding(code="XENWEB_STORAGE_NOT_THERE", subject=uuid, params=(sr_uuid,))
    if not found.left:
        yield Finding(code="XENWEB_NOTHING_LEFT", subject=uuid)
