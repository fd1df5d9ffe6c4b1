"""A join by force: what it skips, and the proof, right before the call, that nothing else stands in the way.

pool.join_force skips rows 13a and 13b of pre_join_checks, software versions and processors' vendors (xapi_pool.ml,
assert_hosts_homogeneous). Only the first may differ: VMs could never move between processors of two makers.
"""

from typing import Final, TypedDict

from pools.checks.accepting import is_version_difference, obstacle
from pools.checks.facts import Facts, ServerFacts
from pools.checks.finding import Finding
from pools.checks.pool_create.software import software_is_the_same
from pools.checks.registry import Report, run_checks
from pools.operations import facts as live
from pools.operations.context import Context
from pools.operations.kind import Choices
from pools.operations.step import Stale
from pools.xapi.messages import explain

JOIN_BY_FORCE: Final = "Async.pool.join_force"
SKIPPED: Final = (
    "By force: XAPI's check of software versions is skipped, and no other. The pool is in rolling-upgrade mode until "
    "the versions are the same."
)


class ForcedParams(TypedDict):
    """What a forced join is planned with; both empty for any other."""

    forced_reason: str
    forced_difference: str


def forced_params(facts: Facts, server: ServerFacts, choices: Choices) -> ForcedParams:
    """Say why this join is forced, and past which difference; where there is none any more, nothing is forced."""
    finding = next(software_is_the_same(facts, server), None)
    reason = choices.forced.get(server.uuid, "") if finding else ""
    return ForcedParams(forced_reason=reason, forced_difference=difference(finding) if finding and reason else "")


def difference(finding: Finding) -> str:
    """The versions of both sides."""
    return f"{finding.theirs}; coordinator: {finding.ours}"


def prove(ctx: Context, host_uuid: str, coordinator_uuid: str, planned: str) -> None:
    """Read both sides now; raise where the vendors are not equal, the versions others, or anything else is wrong."""
    facts = Facts(
        coordinator=live.read(ctx.server(coordinator_uuid), ctx.pool()),
        joining=(live.read(ctx.server(host_uuid), ctx.xapi(host_uuid)),),
    )
    report = run_checks(facts)
    versions = [finding for finding in report.errors if is_version_difference(finding)]
    stops = [finding for finding in (*report.errors, *report.unknowns) if finding not in versions]
    if stops:
        raise Stale([said(finding, report) for finding in stops])
    if [difference(finding) for finding in versions] not in ([], [planned]):
        raise Stale([f"The versions were: {planned}; they are now: {difference(versions[0])}."])
    if versions and (why := obstacle(report, host_uuid)):
        raise Stale([why])


def said(finding: Finding, report: Report) -> str:
    """Put a finding into one sentence."""
    name = report.servers.get(finding.subject, finding.subject)
    values = f" ({finding.theirs} against {finding.ours})" if finding.theirs and finding.ours else ""
    return f"{name}: {explain(finding.code, finding.params, finding.values).title}{values}; no force goes past that."
