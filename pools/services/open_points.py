"""What is left for a person after the other servers went on: each parked server, why, and what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pools.checks.finding import Finding
from pools.models import Attempt, Operation, OperationState, Step, StepState
from pools.operations.attempts import DOUBTFUL
from pools.operations.joining import AwaitMember, JoinPool
from pools.operations.removal.coming_back import AwaitAnswer, AwaitOwnPool, AwaitToolstack
from pools.operations.resting import resting_on
from pools.services import cures, live
from pools.xapi.messages import Explanation, explain

FOLLOWS_THE_SERVER = frozenset(step.__name__ for step in (AwaitAnswer, AwaitToolstack, AwaitOwnPool))
MAKES_A_MEMBER = frozenset({JoinPool.__name__, AwaitMember.__name__})


@dataclass(frozen=True, kw_only=True)
class OpenPoint:
    """One parked server. ``in_doubt``: a call may have happened; a person says whether, before it is skipped."""

    server: str
    lane: str
    step: Step
    explained: Explanation
    findings: tuple[tuple[Finding, Explanation], ...]
    evidence: Mapping[str, str]
    in_doubt: bool
    resting: int = 0
    fixes: Sequence[tuple[str, str]] = ()

    @property
    def only_looked(self) -> bool:
        """Whether skipping accepts what was found, and the rest of the server's steps go on."""
        return bool(self.findings) and not self.resting

    @property
    def may_have_moved(self) -> bool:
        """Whether the server is waited for at its address, and may have come back with another one."""
        return self.step.kind in FOLLOWS_THE_SERVER

    @property
    def skipping(self) -> str:
        """What skipping the step does: ``resting`` steps of the server are left out with it."""
        if self.step.kind in MAKES_A_MEMBER:
            return "Leave this server out"
        if self.only_looked:
            return "Accept it as it is"
        steps = "the step that needs it" if self.resting == 1 else f"the {self.resting} steps that need it"
        return f"Go on without it and {steps}" if self.resting else "Go on without this step"


def of_page(page: live.LivePage) -> list[OpenPoint]:
    """List the parked servers of an operation in the order of their lanes; two queries, however many there are."""
    held = [(lane, step) for lane in page.parked for step in lane.steps if step.state in live.TROUBLED]
    tries = attempts_of([step for _, step in held]) if held else {}
    points = [open_point(lane, step, tries.get(step.pk, ())) for lane, step in held]
    if page.operation.state != OperationState.OPEN_POINTS:  # it still holds its servers
        return points
    return [replace(point, fixes=fixes_of(page.operation, point.step)) for point in points]


def fixes_of(operation: Operation, step: Step) -> list[tuple[str, str]]:
    """Return the plans that would solve what stopped a step, as (label, URL)."""
    return cures.fixes_for(operation, Finding(code=step.error_code, subject=step.lane))


def attempts_of(steps: Sequence[Step]) -> dict[int, list[Attempt]]:
    """Read the attempts of these steps, in their order."""
    tries: dict[int, list[Attempt]] = {}
    for attempt in Attempt.objects.filter(step__in=steps).order_by("step", "number"):
        tries.setdefault(attempt.step_id, []).append(attempt)
    return tries


def open_point(lane: live.Lane, step: Step, tries: Sequence[Attempt]) -> OpenPoint:
    """Explain why one server, or one VM, waits."""
    found = [Finding.from_json(stored) for stored in step.findings]
    sent = [attempt for attempt in tries if attempt.intent_at is not None]
    behind = [each for each in lane.steps if each.seq > step.seq and each.state == StepState.PENDING]
    return OpenPoint(
        server=lane.name,
        lane=lane.key,
        step=step,
        explained=explain(step.error_code, step.error_params),
        findings=tuple((finding, explain(finding.code, finding.params, finding.values)) for finding in found),
        evidence=live.evidence_of(tries[-1] if tries else None) if step.state == StepState.UNKNOWN else {},
        in_doubt=bool(sent) and sent[-1].outcome in DOUBTFUL,
        resting=len(resting_on(step, behind)),
    )
