"""Which step comes next: lanes of servers run one after the other, and a lane in trouble parks itself alone.

A lane is *parked* at a step that ``parks`` and is unsettled. The rest of that lane waits for a person; every other
lane, and the steps around the lanes, go on. ``READY`` in claims.py says the same in SQL.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from pools.models import Operation, Step, StepState
from pools.operations.states import FINISHED, UNSETTLED

PARKED: Final = """
    EXISTS (
        SELECT 1 FROM pools_step AS parked
        WHERE parked.operation_id = earlier.operation_id AND parked.lane = earlier.lane AND parked.seq <= earlier.seq
        AND parked.parks AND parked.state IN ('failed', 'unknown', 'needs_attention')
    )
"""
"""Whether the step called "earlier" is parked or lies behind a parked one of its lane."""


def steps_of(operation: Operation) -> list[Step]:
    """Return the steps in the plan's order, with no more than the next one is told by."""
    return list(operation.steps.order_by("seq").only("operation", "seq", "lane", "state", "parks", "repeats"))


def following(steps: Iterable[Step]) -> Step | None:
    """Return the first step that is not finished and does not lie in a parked lane; unsettled ones block the rest."""
    parked: set[str] = set()
    for step in steps:
        if step.parks and step.state in UNSETTLED:
            parked.add(step.lane)
        elif step.state not in FINISHED and not (step.lane in parked and step.parks):
            return step
    return None


def parked_steps(steps: Iterable[Step]) -> list[Step]:
    """Return the steps at which lanes are parked."""
    return [step for step in steps if step.parks and step.state in UNSETTLED]


def around(steps: Sequence[Step]) -> list[Step]:
    """Return the steps around the lanes that are done once more when parked lanes are resumed."""
    return [step for step in steps if step.repeats and step.state == StepState.DONE]


def can_go_on(steps: Sequence[Step]) -> bool:
    """Whether a stopped operation has a step to go on with: none that blocks it is left for a person to settle."""
    step = following(steps)
    return step is not None and step.state not in UNSETTLED
