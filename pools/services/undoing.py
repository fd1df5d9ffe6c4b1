"""Undoing an operation, last step first; and for how long one that succeeded can still be undone."""

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from pools.models import Operation, OperationState, Role, Server, Step, StepState, User
from pools.operations import attempts, doorbell, results
from pools.operations.states import UNSETTLED, move_operation, move_step
from pools.services.errors import WrongState
from pools.services.steering import UNFINISHED, hold, record, steer, take_over

UNDO_WITHIN: Final = timedelta(days=7)
NOTHING_SENT: Final = (OperationState.STALE, OperationState.CANCELLED)
UNDOABLE: Final = UNFINISHED | {OperationState.SUCCEEDED}


@transaction.atomic
def undo(*, operation: Operation, user: User) -> None:
    """Undo what was done, last first, as far as it can be undone."""
    locked = steer(operation, user, Role.ADMINISTRATOR)
    if locked.state in UNDOABLE:
        hold(locked)
    if why := obstacle(locked):
        raise WrongState(why)
    for row in locked.steps.filter(state__in=[*UNSETTLED, StepState.PENDING]):
        row.note = "Not done; the operation is undone."
        move_step(row, StepState.SKIPPED)
    take_over(locked, user)
    move_operation(locked, OperationState.UNDOING, f"{user.display_name} undoes the operation.")
    last = locked.steps.filter(state=StepState.DONE).order_by("-seq").first()
    if last:
        transaction.on_commit(partial(doorbell.ring, last.pk))
    else:
        results.end(locked, OperationState.UNDONE)
    record(user, "undone", locked)


def obstacle(operation: Operation) -> str:
    """Say why an operation cannot be undone now; empty when it can. The last change, at least, has to have an undo."""
    if operation.state not in UNDOABLE:
        return f"It cannot be undone now; the operation is: {operation.get_state_display()}."
    for row in operation.steps.filter(state__in=UNSETTLED):
        if attempts.in_doubt(row):
            return f"“{row.title}” may have happened. Say first whether it did."
    changes = list(operation.steps.filter(state=StepState.DONE).exclude(call="").order_by("seq"))
    if operation.state == OperationState.SUCCEEDED:
        return kept(operation, changes)
    if changes and not changes[-1].undo:
        return f"“{changes[-1].title}” cannot be undone. What was done stays; abandon the rest instead."
    return ""


def kept(operation: Operation, changes: list[Step]) -> str:
    """What succeeded is undone as a whole, for some time, and not from under what came after it."""
    if not changes:
        return "It changed nothing: there is nothing to undo."
    if final := next((row for row in changes if not row.undo), None):
        return f"“{final.title}” cannot be undone. What was done stays."
    if timezone.now() > undoable_until(operation):
        return f"It ended more than {UNDO_WITHIN.days} days ago: what it changed may be relied on by now."
    chosen = operation.draft.get("servers", [])
    if Server.objects.filter(operations=operation, uuid__in=chosen).count() < len(chosen):
        return "A server of it is no longer connected."
    if later := later_on_its_servers(operation):
        return f"“{later}” came after it, on the same server. Undo that first, if it can be undone."
    return ""


def undoable_until(operation: Operation) -> datetime:
    """Return the end of the time in which what succeeded can be undone."""
    return ended(operation) + UNDO_WITHIN


def ended(operation: Operation) -> datetime:
    return operation.finished_at or operation.changed_at


def later_on_its_servers(operation: Operation) -> Operation | None:
    """Return another operation that has worked on one of these servers since, unless it was undone itself."""
    since = Q(finished_at__gt=ended(operation)) | Q(started_at__isnull=False, finished_at__isnull=True)
    others = Operation.objects.filter(since, servers__in=operation.servers.all()).exclude(pk=operation.pk)
    return others.exclude(state__in=[*NOTHING_SENT, OperationState.UNDONE]).order_by("-finished_at").first()
