"""An operation as its live page shows it: lanes of steps, how far, how long."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from pools.models import Attempt, Operation, OperationState, Step, StepState
from pools.operations import lanes
from pools.xapi.messages import Explanation, explain

ENDED = {StepState.DONE, StepState.SKIPPED, StepState.UNDONE}
ACTIVE = {StepState.RUNNING, StepState.VERIFYING}
TROUBLED = {StepState.FAILED, StepState.UNKNOWN, StepState.NEEDS_ATTENTION}
MOST_BY_TIME = 0.95
OVER = {
    OperationState.SUCCEEDED,
    OperationState.UNDONE,
    OperationState.CANCELLED,
    OperationState.REFUSED,
}


@dataclass(frozen=True, kw_only=True)
class Lane:
    """The steps that concern one server, or the pool as a whole (no server)."""

    key: str
    name: str
    icon: str
    steps: tuple[Step, ...]
    now: datetime

    @property
    def total(self) -> int:
        return len(self.steps)

    @property
    def done(self) -> int:
        return sum(step.state in ENDED for step in self.steps)

    @property
    def state(self) -> str:
        """One word for the lane's badge."""
        states = {step.state for step in self.steps}
        if self.of_server and states & TROUBLED:
            return "parked"
        if states & TROUBLED or any(map(not_undone, self.steps)):
            return "needs_attention"
        if states <= ENDED:
            return next(state for state in (StepState.DONE, StepState.UNDONE, StepState.SKIPPED) if state in states)
        return "running" if states & ACTIVE else "pending"

    @property
    def of_server(self) -> bool:
        """Whether it parks alone: the lane of a server, not of what stands around the lanes."""
        return any(step.parks for step in self.steps)

    @property
    def progress(self) -> float:
        return progress(self.steps, self.now)


@dataclass(frozen=True, kw_only=True)
class LivePage:
    """What the live page needs, in a fixed number of queries."""

    operation: Operation
    lanes: tuple[Lane, ...]
    now: datetime

    @property
    def steps(self) -> list[Step]:
        """In the order of the plan."""
        return sorted((step for lane in self.lanes for step in lane.steps), key=lambda step: step.seq)

    @property
    def fraction(self) -> float:
        """How far the operation is; while it is undone, how much of it is."""
        if self.operation.state == OperationState.SUCCEEDED:
            return 1.0
        return self.undone / self.changes if self.undoing and self.changes else progress(self.steps, self.now)

    @property
    def percent(self) -> int:
        return int(100 * self.fraction)

    @property
    def done(self) -> int:
        return sum(step.state in ENDED for step in self.steps)

    @property
    def over(self) -> bool:
        return self.operation.state in OVER

    @property
    def elapsed(self) -> float:
        """Seconds since the start, or from start to end."""
        if self.operation.started_at is None:
            return 0
        return ((self.operation.finished_at or self.now) - self.operation.started_at).total_seconds()

    @property
    def expected(self) -> float:
        return sum(step.expected_seconds for step in self.steps)

    @property
    def trouble(self) -> Step | None:
        """The step at which everything waits for a decision: what blocks the rest, else the last in trouble."""
        if self.operation.state != OperationState.NEEDS_ATTENTION:
            return self.undo_trouble
        blocking = lanes.following(self.steps)
        if blocking is not None and blocking.state in TROUBLED:
            return blocking
        troubled = [step for step in self.steps if step.state in TROUBLED]
        return max(troubled, key=lambda step: step.finished_at or self.now, default=self.undo_trouble)

    @property
    def unprotected(self) -> bool:
        """Whether the pool's HA was switched off, nothing runs, and it was not switched on again."""
        at_work = {OperationState.RUNNING, OperationState.QUEUED, OperationState.UNDOING}
        done = {step.kind for step in self.steps if step.state == StepState.DONE}
        return self.operation.state not in at_work and "DisableHA" in done and "EnableHA" not in done

    @property
    def parked(self) -> list[Lane]:
        """The lanes that wait alone, while or after the others went on."""
        held = self.trouble
        return [lane for lane in self.lanes if lane.state == "parked" and held not in lane.steps]

    @property
    def joined(self) -> int:
        """How many servers' lanes are done."""
        return sum(lane.of_server and lane.state == StepState.DONE for lane in self.lanes)

    @property
    def servers(self) -> int:
        """How many servers have a lane."""
        return sum(lane.of_server for lane in self.lanes)

    @property
    def undo_trouble(self) -> Step | None:
        """The done step at which undoing stopped."""
        return next(filter(not_undone, self.steps), None)

    @property
    def undoing(self) -> bool:
        return self.operation.state == OperationState.UNDOING or self.undo_trouble is not None

    @property
    def undone(self) -> int:
        """How many changes were taken back."""
        return sum(step.state == StepState.UNDONE and bool(step.call) for step in self.steps)

    @property
    def changes(self) -> int:
        """How many changes were made, taken back or not."""
        made = {StepState.DONE, StepState.UNDONE}
        return sum(step.state in made and bool(step.call) for step in self.steps)

    @property
    def can_undo(self) -> bool:
        """Whether the last change that was made has an undo."""
        changes = [step for step in self.steps if step.state == StepState.DONE and step.call]
        return bool(changes and changes[-1].undo)

    @property
    def can_resume(self) -> bool:
        """Whether a stopped operation has steps left to go on with."""
        return lanes.can_go_on(self.steps)

    @property
    def verified(self) -> int:
        """How many steps xenweb itself saw done."""
        return sum(step.state == StepState.DONE for step in self.steps) - self.marked

    @property
    def marked(self) -> int:
        """How many steps a person marked as done: his words are their note."""
        return sum(step.state == StepState.DONE and bool(step.note) for step in self.steps)

    @property
    def skipped(self) -> int:
        return sum(step.state == StepState.SKIPPED for step in self.steps)

    @property
    def trouble_explained(self) -> Explanation | None:
        step = self.trouble
        return explain(step.error_code, step.error_params) if step and step.error_code else None

    @property
    def evidence(self) -> dict[str, str]:
        """What is known about the call in doubt: the last proven fact, what to look at."""
        step = self.trouble
        return evidence_of(step.attempts.last() if step else None)

    @property
    def refusal(self) -> str:
        """Who refused, and why."""
        last = self.operation.approvals.select_related("decided_by").first()
        if last is None or last.decided_by is None:
            return "The request was refused."
        return f"{last.decided_by.display_name} refused it: {last.note}" if last.note else "No reason was given."


def evidence_of(attempt: Attempt | None) -> dict[str, str]:
    """What an attempt left for a person to decide by."""
    return {str(name): str(value) for name, value in (attempt.evidence if attempt else {}).items()}


def not_undone(step: Step) -> bool:
    """Whether undoing stopped at this step: it stays done, with an error."""
    return step.state == StepState.DONE and bool(step.error_code)


def progress(steps: Sequence[Step], now: datetime) -> float:
    """Weigh each step by its expected time. From 0 to 1."""
    total = sum(step.expected_seconds for step in steps) or 1
    reached = sum(step.expected_seconds * share(step, now) for step in steps)
    finished = all(step.state in ENDED for step in steps)
    return 1.0 if finished else min(0.99, reached / total)


def share(step: Step, now: datetime) -> float:
    """How much of a step is done: what XAPI says; where it says nothing, its time as far as that was expected."""
    if step.state in ENDED:
        return 1.0
    if step.progress or step.state not in ACTIVE or step.started_at is None:
        return step.progress
    elapsed = (now - step.started_at).total_seconds()
    return min(max(elapsed, 0) / (step.expected_seconds or 1), MOST_BY_TIME)


def page(operation: Operation) -> LivePage:
    """Group the operation's steps into lanes, in the order of their first step."""
    now = timezone.now()
    by_lane: dict[str, list[Step]] = {}
    for step in operation.steps.order_by("seq"):
        by_lane.setdefault(step.lane, []).append(step)
    return LivePage(
        operation=operation,
        lanes=tuple(lane(uuid, steps, now) for uuid, steps in by_lane.items()),
        now=now,
    )


def lane(uuid: str, steps: Sequence[Step], now: datetime) -> Lane:
    """Name a lane as the plan does: the plan stays when its servers are renamed, or no longer connected."""
    name = next(filter(None, (planned_name(step) for step in steps)), "")
    icon = "monitor" if steps[0].params.get("vm_uuid") == uuid else "server" if name else "layers"
    return Lane(key=uuid or "pool", name=name or "The pool", icon=icon, steps=tuple(steps), now=now)


def planned_name(step: Step) -> str:
    """Return what the plan calls the server, or the VM, in whose lane a step stands."""
    planned = step.params
    named = {planned.get(f"{role}_uuid"): planned.get(f"{role}_name", "") for role in ("host", "coordinator", "vm")}
    return str(named.get(step.lane, "")) if step.lane else ""
