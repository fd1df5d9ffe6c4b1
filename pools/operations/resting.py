"""What a person leaves out together with a step: those of its lane that rest on it, and those that rest on them."""

from collections.abc import Iterable

from pools.models import Step as StepRow
from pools.operations.registry import StepKindGone, restore


def resting_on(row: StepRow, behind: Iterable[StepRow]) -> list[StepRow]:
    """Return what rests on a step, of those behind it; all of them where one was planned by another version."""
    rows = list(behind)
    try:
        left_out, steps = [restore(row)], [(each, restore(each)) for each in rows]
    except StepKindGone:
        return rows
    resting: list[StepRow] = []
    for each, step in steps:
        if any(step.rests_on(earlier) for earlier in left_out):
            left_out.append(step)
            resting.append(each)
    return resting
