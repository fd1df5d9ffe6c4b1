"""The point of no return of an operation that erases servers: which step it is, and on which side of it we are."""

from dataclasses import dataclass
from typing import Final

from pools.models import OperationState, Step, StepState
from pools.services.live import LivePage

DESTROYS: Final = frozenset({"EjectHost"})
AT_WORK = {OperationState.QUEUED, OperationState.RUNNING}


@dataclass(frozen=True, kw_only=True)
class NoReturn:
    """``next``: the step before which it can still be stopped; ``now``: the one under way; ``passed``: those behind."""

    next: Step | None
    now: Step | None
    passed: tuple[Step, ...]
    at_work: bool
    stopping: bool

    @property
    def gone(self) -> list[str]:
        """The servers that are erased."""
        return [str(step.params.get("host_name", "")) for step in self.passed]


def of_page(page: LivePage) -> NoReturn | None:
    """Nothing for an operation that erases no server."""
    steps = [step for step in page.steps if step.kind in DESTROYS]
    if not steps:
        return None
    begun = [step for step in steps if step.state not in {StepState.PENDING, StepState.DONE, StepState.SKIPPED}]
    return NoReturn(
        next=next((step for step in steps if step.state == StepState.PENDING), None),
        now=next(iter(begun), None),
        passed=tuple(step for step in steps if step.state == StepState.DONE),
        at_work=page.operation.state in AT_WORK,
        stopping=page.operation.stop_requested,
    )
