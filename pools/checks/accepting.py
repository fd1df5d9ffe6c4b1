"""Findings that a choice answers: differing software versions by force, the pool's HA by switching it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from pools.checks.finding import Finding, Severity
from pools.checks.report import CellState, Report

VERSION_DIFFERS: Final = ("HOSTS_NOT_HOMOGENEOUS", "Software version differs")
HA_SWITCHED: Final = "XENWEB_HA_SWITCHED"
FORCED: Final = "XENWEB_JOIN_FORCED"
VENDOR_RULE: Final = "processors_are_of_one_vendor"
NOTHING_TO_FORCE: Final = "Its software version does not differ from the coordinator's: there is nothing to force."
VENDORS_NOT_EQUAL: Final = (
    "A forced join would skip the check of the processors' vendor too, and theirs are not proved to be equal."
)


def is_version_difference(finding: Finding) -> bool:
    """Row 13a of pre_join_checks; 13b, the processors' vendor, has the same code and is never forced."""
    return (finding.code, *finding.params[:1]) == VERSION_DIFFERS


def forced(finding: Finding, reasons: Mapping[str, str]) -> Finding:
    """Make a warning of a difference of software versions that a person decided to force."""
    reason = reasons.get(finding.subject, "")
    if not reason or not is_version_difference(finding):
        return finding
    return replace(finding, code=FORCED, severity=Severity.WARNING, params=(reason,))


def ha_switched(finding: Finding) -> Finding:
    """Make a warning of the pool's HA (row 6) that the plan switches off and on again; a joiner's own (row 3) stays."""
    if finding.code != "HA_IS_ENABLED":
        return finding
    return replace(finding, code=HA_SWITCHED, severity=Severity.WARNING, ours="off during the joins")


def pool_has_ha(report: Report) -> bool:
    """Whether the pool's own HA (row 6) stands in the way, and not yet a choice that answers it."""
    return any(each.code == "HA_IS_ENABLED" and each.subject == report.coordinator_uuid for each in report.errors)


def obstacle(report: Report, server_uuid: str) -> str:
    """Say why a join of this server cannot be forced; empty when it can. Force would skip the vendor's check too."""
    if not any(is_version_difference(finding) or finding.code == FORCED for finding in report.about(server_uuid)):
        return NOTHING_TO_FORCE
    vendor = next((c.state for c in report.cells if (c.rule, c.server_uuid) == (VENDOR_RULE, server_uuid)), None)
    if vendor is not CellState.OK:
        return VENDORS_NOT_EQUAL
    others = ", ".join(other_errors(report, server_uuid))
    return f"Force skips the check of software versions and no other: {others} would still stop it." if others else ""


def other_errors(report: Report, server_uuid: str) -> list[str]:
    """Name what else stops the join of this server."""
    concerned = {server_uuid, report.coordinator_uuid}
    errors = (finding for finding in report.errors if finding.subject in concerned)
    return sorted({finding.code for finding in errors if not is_version_difference(finding)})
