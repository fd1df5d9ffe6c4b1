"""The one table of allowed state changes, for operations and for steps (design.md §3)."""

from collections.abc import Mapping
from typing import Final

from pools.models import Operation, OperationState, Step, StepState
from pools.operations import journal

O = OperationState  # noqa: E741 - the table below reads as a table
S = StepState

OPERATION: Final[Mapping[str, frozenset[str]]] = {
    O.DRAFT: frozenset({O.PLANNED, O.CANCELLED}),
    O.PLANNED: frozenset({O.DRAFT, O.PLANNED, O.AWAITING_APPROVAL, O.QUEUED, O.STALE, O.CANCELLED}),
    O.AWAITING_APPROVAL: frozenset({O.APPROVED, O.REFUSED, O.STALE, O.CANCELLED}),
    O.APPROVED: frozenset({O.QUEUED, O.STALE, O.CANCELLED}),
    O.REFUSED: frozenset({O.DRAFT, O.CANCELLED}),
    O.STALE: frozenset({O.DRAFT, O.PLANNED, O.CANCELLED}),
    O.QUEUED: frozenset({O.RUNNING, O.STOPPED, O.CANCELLED}),
    O.RUNNING: frozenset({O.SUCCEEDED, O.OPEN_POINTS, O.NEEDS_ATTENTION, O.STOPPED, O.STALE}),
    O.OPEN_POINTS: frozenset({O.RUNNING, O.SUCCEEDED, O.STOPPED, O.UNDOING}),
    O.NEEDS_ATTENTION: frozenset({O.RUNNING, O.STOPPED, O.UNDOING, O.SUCCEEDED}),
    O.STOPPED: frozenset({O.RUNNING, O.UNDOING}),
    O.UNDOING: frozenset({O.UNDONE, O.NEEDS_ATTENTION}),
    O.UNDONE: frozenset(),
    O.SUCCEEDED: frozenset({O.UNDOING}),
    O.CANCELLED: frozenset(),
}

STEP: Final[Mapping[str, frozenset[str]]] = {
    S.PENDING: frozenset({S.RUNNING, S.SKIPPED}),
    S.RUNNING: frozenset({S.PENDING, S.VERIFYING, S.DONE, S.SKIPPED, S.FAILED, S.UNKNOWN, S.NEEDS_ATTENTION}),
    S.VERIFYING: frozenset({S.RUNNING, S.DONE, S.SKIPPED, S.FAILED, S.UNKNOWN, S.NEEDS_ATTENTION}),
    S.DONE: frozenset({S.UNDONE, S.PENDING}),
    S.FAILED: frozenset({S.PENDING, S.SKIPPED, S.DONE}),
    S.UNKNOWN: frozenset({S.PENDING, S.SKIPPED, S.DONE}),
    S.NEEDS_ATTENTION: frozenset({S.PENDING, S.SKIPPED, S.DONE}),
    S.SKIPPED: frozenset(),
    S.UNDONE: frozenset(),
}

BEFORE_RUNNING: Final = frozenset({O.DRAFT, O.PLANNED, O.AWAITING_APPROVAL, O.APPROVED, O.REFUSED, O.STALE})
AT_WORK: Final = frozenset({O.QUEUED, O.RUNNING, O.UNDOING})
ENDED: Final = frozenset({O.SUCCEEDED, O.OPEN_POINTS, O.STOPPED, O.UNDONE, O.CANCELLED, O.STALE})
"""States in which an operation holds no lock; it takes them again to be resumed or undone."""

UNSETTLED: Final = frozenset({S.FAILED, S.UNKNOWN, S.NEEDS_ATTENTION})
FINISHED: Final = frozenset({S.DONE, S.SKIPPED})

WORDS: Final[Mapping[str, str]] = {
    O.QUEUED: "The operation waits for a worker.",
    O.RUNNING: "The operation runs.",
    O.NEEDS_ATTENTION: "The operation needs attention.",
    O.OPEN_POINTS: "The operation is done, with open points.",
    O.STOPPED: "The operation stopped.",
    O.UNDOING: "The operation is being undone.",
    O.UNDONE: "Everything that can be undone is undone.",
    O.SUCCEEDED: "The operation succeeded.",
    O.STALE: "The plan is out of date; nothing was sent.",
    O.CANCELLED: "The operation was cancelled.",
}
LEVELS: Final[Mapping[str, str]] = {
    O.NEEDS_ATTENTION: "warning",
    O.OPEN_POINTS: "warning",
    O.STALE: "warning",
    O.STOPPED: "warning",
    S.FAILED: "error",
    S.UNKNOWN: "error",
}


class ChangeForbidden(Exception):
    """A change that the table does not list."""

    def __init__(self, before: str, after: str) -> None:
        super().__init__(f"{before} → {after} is not in the table of state changes")


def move_operation(operation: Operation, after: OperationState, text: str = "") -> None:
    """Change the state of an operation (row locked by the caller), save it, and say so in the journal."""
    if after not in OPERATION[operation.state]:
        raise ChangeForbidden(operation.state, after)
    operation.state = after
    operation.save()
    data = {"state": str(after), "label": after.label}
    journal.write(
        operation, kind="operation", text=text or WORDS.get(after, ""), level=LEVELS.get(after, "info"), data=data
    )


def move_step(step: Step, after: StepState, text: str = "") -> None:
    """Change the state of a step (row locked by the caller), save it, and say so in the journal."""
    if after not in STEP[step.state]:
        raise ChangeForbidden(step.state, after)
    step.state = after
    step.save()
    journal.write(
        step.operation_id, kind="step", text=text, step=step, level=LEVELS.get(after, "info"), data=described(step)
    )


def described(step: Step) -> dict[str, object]:
    """Say what a page needs to redraw a step."""
    return {
        "step": step.pk,
        "seq": step.seq,
        "state": step.state,
        "label": step.get_state_display(),
        "progress": step.progress,
        "note": step.note,
        "error_code": step.error_code,
    }
