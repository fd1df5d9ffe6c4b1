"""What the step found at which an operation waits for a person, and the plans that mend it."""

from collections.abc import Sequence
from dataclasses import dataclass

from pools.checks.finding import Finding
from pools.checks.host_remove.emptying import VM
from pools.models import Operation, OperationState
from pools.services import cures, live
from pools.xapi.messages import explain

STILL_THERE = "XENWEB_VM_ON_SERVER"


@dataclass(frozen=True, kw_only=True)
class Found:
    """Findings of one code: one of them is explained with its own values, several are named."""

    code: str
    title: str
    text: str
    remedy: str
    names: Sequence[str] = ()
    fixes: Sequence[tuple[str, str]] = ()
    theirs: str = ""
    ours: str = ""


def of_page(page: live.LivePage) -> list[Found]:
    """In the order in which they were found."""
    step = page.trouble
    if page.operation.state != OperationState.NEEDS_ATTENTION or step is None:
        return []
    groups: dict[str, list[Finding]] = {}
    for finding in without_echoes([Finding.from_json(stored) for stored in step.findings]):
        groups.setdefault(finding.code, []).append(finding)
    return [found(page.operation, group) for group in groups.values()]


def without_echoes(findings: Sequence[Finding]) -> list[Finding]:
    """Of a VM whose reason is told it goes without saying that it is still there."""
    told = {each.values[VM] for each in findings if VM in each.values and each.code != STILL_THERE}
    return [each for each in findings if each.code != STILL_THERE or each.values.get(VM) not in told]


def found(operation: Operation, group: Sequence[Finding]) -> Found:
    first, several = group[0], len(group) > 1
    offered = [fix for each in group if VM in each.values for fix in cures.fixes_for(operation, each)]
    told = explain(first.code, first.params, first.values)
    return Found(
        code=first.code,
        title=told.title,
        text="" if several else told.text,
        remedy=told.remedy,
        names=[each.theirs or ", ".join(each.params[:1]) for each in group] if several else (),
        fixes=list(dict.fromkeys(offered)),
        theirs="" if several or VM in first.values else first.theirs,
        ours="" if several else first.ours,
    )
