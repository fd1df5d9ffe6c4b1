"""The buttons of an operation under way: stop, resume, retry, skip, mark, abandon, cancel; undoing.py has the last."""

from functools import partial

from django.db import transaction
from django.db.models.functions import Now

from pools import policy
from pools.access import role_on
from pools.models import Operation, OperationState, Role, Step, StepState, User
from pools.operations import attempts, doorbell, journal, lanes, locks, results
from pools.operations.attempts import Outcome
from pools.operations.resting import resting_on
from pools.operations.states import BEFORE_RUNNING, UNSETTLED, move_operation, move_step
from pools.services import approvals, audit
from pools.services.errors import NotAllowed, ResourceBusy, WrongState
from pools.services.supervision import right_lost_by

WORKED_ON = (StepState.RUNNING, StepState.VERIFYING)
UNFINISHED = frozenset({OperationState.NEEDS_ATTENTION, OperationState.STOPPED, OperationState.OPEN_POINTS})
HOLDS_NOTHING = frozenset({OperationState.STOPPED, OperationState.OPEN_POINTS})


@transaction.atomic
def stop(*, operation: Operation, user: User) -> None:
    """Stop at the next safe point: between two steps; a step that runs is finished and verified first."""
    locked = steer(operation, user, Role.OPERATOR)
    if locked.state not in {OperationState.QUEUED, OperationState.RUNNING}:
        raise WrongState(f"There is nothing to stop; the operation is: {locked.get_state_display()}.")
    locked.stop_requested = True
    locked.save(update_fields=["stop_requested", "changed_at"])
    text = f"{user.display_name} asked to stop at the next safe point."
    journal.write(locked, kind="operation", text=text, data={"state": locked.state, "stop_requested": True})
    if not locked.steps.filter(state__in=WORKED_ON).exists():
        results.end(locked, OperationState.STOPPED, "Stopped between two steps; nothing is half done.")
    record(user, "stopped", locked)


@transaction.atomic
def resume(*, operation: Operation, user: User) -> None:
    """Go on with a stopped operation where it stopped, or with what is parked; what it touches must be free."""
    locked = steer(operation, user, Role.OPERATOR)
    steps = lanes.steps_of(locked)
    if locked.state == OperationState.OPEN_POINTS:
        for row in locked.steps.filter(pk__in=[step.pk for step in lanes.parked_steps(steps)]):
            renew(row, f"{user.display_name} asked to try again: {row.title}")
    elif locked.state != OperationState.STOPPED or not lanes.can_go_on(steps):
        raise WrongState(f"There is nothing to resume; the operation is: {locked.get_state_display()}.")
    run_on(locked, user, f"{user.display_name} resumed the operation.")
    record(user, "resumed", locked)


@transaction.atomic
def retry_step(*, step: Step, user: User) -> None:
    """Try a step again. A call in doubt is looked into first, and sent again only if it proves not to have happened."""
    locked, row = steer_step(step, user, Role.OPERATOR)
    renew(row, f"{user.display_name} asked to try again: {row.title}")
    run_on(locked, user, "")
    record(user, "step retried", locked, row)


@transaction.atomic
def skip_step(*, step: Step, user: User, reason: str) -> None:
    """Go on without a step, and without those of the same server that rest on it."""
    locked, row = steer_step(step, user, Role.ADMINISTRATOR)
    if attempts.in_doubt(row):
        raise WrongState(f"“{row.title}” may have happened. Say first whether it did.")
    own_lane = locked.steps.filter(lane=row.lane, state=StepState.PENDING, seq__gt=row.seq).order_by("seq")
    around = {"", locked.pool.coordinator.uuid if locked.pool and locked.pool.coordinator else ""}
    for each in [row, *resting_on(row, own_lane.exclude(lane__in=around))]:
        each.note = reason
        move_step(each, StepState.SKIPPED, f"{user.display_name} skipped “{each.title}”: {reason}")
    carry_on(locked, user)
    record(user, "step skipped", locked, row, reason)


@transaction.atomic
def mark_step(*, step: Step, user: User, done: bool, reason: str) -> None:
    """A person has looked and says whether it happened."""
    locked, row = steer_step(step, user, Role.ADMINISTRATOR)
    if doubt := attempts.in_doubt(row):
        attempts.close(doubt, Outcome.DONE if done else Outcome.NOT_DONE, Decided=f"{user.display_name}: {reason}")
    words = "happened" if done else "did not happen"
    text = f"{user.display_name} says that it {words}: {reason}"
    if done:
        row.progress, row.finished_at, row.note = 1.0, Now(), text
        row.error_code, row.error_params, row.findings = "", [], []
        move_step(row, StepState.DONE, f"{row.title}: {text}")
        carry_on(locked, user)
    else:
        renew(row, f"{row.title}: {text}")
        run_on(locked, user, "")
    record(user, "step marked done" if done else "step marked not done", locked, row, reason)


@transaction.atomic
def abandon(*, operation: Operation, user: User, reason: str) -> None:
    """Give up: nothing more is done, what was done stays, and the servers are free for other operations."""
    locked = steer(operation, user, Role.ADMINISTRATOR)
    if locked.state not in UNFINISHED:
        raise WrongState(f"It cannot be abandoned now; the operation is: {locked.get_state_display()}.")
    for row in locked.steps.filter(state=StepState.PENDING):
        row.note = reason
        move_step(row, StepState.SKIPPED)
    text = f"{user.display_name} abandoned the operation: {reason}"
    if locked.state == OperationState.STOPPED:
        journal.write(locked, kind="operation", text=text, level="warning", data={"state": locked.state})
    else:
        results.end(locked, OperationState.STOPPED, text)
    record(user, "abandoned", locked, reason=reason)


@transaction.atomic
def cancel(*, operation: Operation, user: User) -> None:
    """Drop an operation before it runs."""
    locked = lock(operation)
    if user.pk not in {locked.created_by_id, locked.submitted_by_id}:
        assert_role(user, locked, Role.ADMINISTRATOR)
    if locked.state not in {*BEFORE_RUNNING, OperationState.QUEUED}:
        raise WrongState(f"It cannot be cancelled any more; the operation is: {locked.get_state_display()}.")
    if locked.steps.filter(state__in=WORKED_ON).exists():
        raise WrongState("A worker has begun with it. Stop it instead.")
    approvals.close_open(operation=locked, reason="The operation was cancelled.")
    results.end(locked, OperationState.CANCELLED, f"{user.display_name} cancelled the operation.")
    record(user, "cancelled", locked)


def renew(row: Step, text: str) -> None:
    """Make a step new again; its attempts, and what is in doubt, stay on record."""
    row.error_code, row.error_params, row.findings, row.note, row.progress = "", [], [], "", 0.0
    row.started_at = row.finished_at = None
    move_step(row, StepState.PENDING, text)


def carry_on(operation: Operation, user: User) -> None:
    """Go on behind a step that a person settled; with nothing left to do, the operation ends as it now stands."""
    steps = lanes.steps_of(operation)
    if operation.state == OperationState.OPEN_POINTS and lanes.following(steps) is None:
        if not lanes.parked_steps(steps):
            move_operation(operation, OperationState.SUCCEEDED, "Nothing is open any more.")
        return
    go_on(operation, user, "")


def run_on(operation: Operation, user: User, text: str) -> None:
    """Let the operation run; an earlier wish to stop it no longer counts."""
    operation.stop_requested = False
    go_on(operation, user, text)


def go_on(operation: Operation, user: User, text: str) -> None:
    """Take the locks that are not held, open anew what stands around the lanes, and ring for the next step."""
    if operation.state != OperationState.RUNNING:
        hold(operation)
    if operation.state in HOLDS_NOTHING:
        operation.finished_at = None
    if operation.state == OperationState.OPEN_POINTS:
        for row in operation.steps.filter(pk__in=[step.pk for step in lanes.around(lanes.steps_of(operation))]):
            renew(row, "")
    take_over(operation, user)
    if operation.state == OperationState.RUNNING:  # a worker is at another lane; it comes to this one
        operation.save(update_fields=["stop_requested", "submitted_by", "changed_at"])
        return
    move_operation(operation, OperationState.RUNNING, text)
    following = results.advance(operation)
    if following is not None:
        transaction.on_commit(partial(doorbell.ring, following))


def take_over(operation: Operation, user: User) -> None:
    """Who lost his rights cannot answer for the rest; who sends it on does, if he may run it."""
    if not right_lost_by(operation) or policy.decide(user, operation) is not policy.Decision.RUN:
        return
    operation.submitted_by = user
    text = f"{user.display_name} answers for this operation from now on."
    journal.write(operation, kind="operation", text=text, data={"state": operation.state})


def hold(operation: Operation) -> None:
    """Take the locks again that were given back when the operation stopped."""
    if holder := locks.take(operation, locks.resources_of(operation)):
        raise ResourceBusy(holder)


def steer(operation: Operation, user: User, role: Role) -> Operation:
    """Fetch the operation's row, locked; an operator may steer what he submitted himself, as far as operators may."""
    locked = lock(operation)
    own = role == Role.OPERATOR and user.pk == locked.submitted_by_id
    assert_role(user, locked, Role.OPERATOR if own else Role.ADMINISTRATOR)
    return locked


def steer_step(step: Step, user: User, role: Role) -> tuple[Operation, Step]:
    """Fetch a step that waits for a decision, with its operation."""
    locked = steer(step.operation, user, role)
    row = Step.objects.select_for_update(of=("self",), no_key=True).get(pk=step.pk)
    row.operation = locked
    waits = locked.state in {OperationState.NEEDS_ATTENTION, OperationState.OPEN_POINTS}
    parked = locked.state == OperationState.RUNNING and row.parks
    if not (waits or parked) or row.state not in UNSETTLED:
        raise WrongState(f"This step waits for no decision; it is: {row.get_state_display()}.")
    return locked, row


def assert_role(user: User, operation: Operation, role: Role) -> None:
    held = role_on(user, policy.pools_touched(operation))
    if held is None or held < role:
        raise NotAllowed(f"This needs the role {role.label} on every pool that the operation touches.")


def lock(operation: Operation) -> Operation:
    return Operation.objects.select_for_update(of=("self",), no_key=True).get(pk=operation.pk)


def record(user: User, what: str, operation: Operation, step: Step | None = None, reason: str = "") -> None:
    """Every button is in the audit."""
    data = {"step": step.title if step else "", "reason": reason}
    audit.record(actor=user, action=f"operation.{what}".replace(" ", "_"), operation=operation, data=data)
