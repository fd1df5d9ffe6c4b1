"""An operation from draft to start; and, from steering.py and undoing.py, the buttons of one that runs."""

from collections.abc import Mapping, Sequence
from functools import partial

from django.db import IntegrityError, transaction
from django.utils import timezone

from pools import policy
from pools.access import role_on
from pools.models import Operation, OperationState, Role, User
from pools.models import Step as StepRow
from pools.operations import doorbell, facts, history, locks
from pools.operations.choices import choices_of
from pools.operations.registry import KINDS
from pools.operations.states import move_operation
from pools.operations.step import Step
from pools.services import answers, approvals, audit, confirming
from pools.services.errors import ChecksFailed, NotAllowed, PlanStale, ResourceBusy, WrongState
from pools.services.steering import (
    abandon,
    cancel,
    mark_step,
    resume,
    retry_step,
    skip_step,
    stop,
)
from pools.services.undoing import undo

__all__ = [
    "abandon",
    "cancel",
    "create_draft",
    "make_plan",
    "mark_step",
    "resume",
    "retry_step",
    "save_draft",
    "skip_step",
    "start",
    "stop",
    "submit",
    "undo",
]

PLANNABLE = frozenset({OperationState.DRAFT, OperationState.PLANNED})
EDITABLE = PLANNABLE | {OperationState.STALE, OperationState.REFUSED}
STARTABLE = frozenset({OperationState.PLANNED, OperationState.APPROVED})
LONGEST_KEY = 64
ALONE = (
    "A join by force needs the yes of another administrator of all these pools, and there is none. Give somebody the "
    "role, or take the force back and bring the server to the pool's updates first."
)
QUESTION = (
    "servers",
    "coordinator",
    "name",
    "description",
    "addresses",
    "forced",
    "ha",
    "fix",
    "items",
    "settings",
    "plan_asked_at",
)


def create_draft(*, user: User, kind: str) -> Operation:
    """Begin an operation; nothing is chosen yet."""
    return Operation.objects.create(kind=kind, created_by=user)


@transaction.atomic
def save_draft(*, operation: Operation, user: User, changes: Mapping[str, object]) -> Operation:
    """Store choices; a plan made before is void. Of a plan that began to run the choices go into a new draft."""
    locked = lock(operation)
    if locked.state not in EDITABLE:
        raise WrongState(f"The plan can no longer be changed; the operation is: {locked.get_state_display()}.")
    if locked.steps.filter(attempts__isnull=False).exists():
        locked = begin_anew(locked, user)
    locked.draft = {**locked.draft, **changes}
    locked.plan_hash = ""
    locked.steps.all().delete()
    if locked.state != OperationState.DRAFT:
        move_operation(locked, OperationState.DRAFT)
    locked.save()
    return locked


def begin_anew(old: Operation, user: User) -> Operation:
    """End a plan that began to run, with its evidence; a new draft of the same person holds what was chosen."""
    new = Operation.objects.create(
        kind=old.kind,
        title=old.title,
        pool=old.pool,
        parent=old.parent,
        draft=old.draft,
        report=old.report,
        created_by=old.created_by,
    )
    new.servers.set(old.servers.all())
    text = f"{user.display_name} makes the plan anew, as another operation; this one stays as it ended."
    move_operation(old, OperationState.CANCELLED, text)
    audit.record(actor=user, action="operation.replaced", operation=old, data={"by": str(new.pk)})
    return new


def make_plan(*, operation: Operation, user: User) -> Operation:
    """Read the facts, ask every rule, and store the steps; findings that forbid it leave the draft as it is."""
    assert_may_plan(user, operation)
    kind = KINDS[operation.kind]
    live = kind.facts(operation)
    choices = choices_of(operation)
    report = kind.check(live, choices)
    stored = answers.completed(operation.report, report, timezone.now()) | {"watch": {}}
    if report.blocked:
        store_report(operation, stored)
        raise ChecksFailed("The checks found problems; there is no plan until they are solved. Nothing was changed.")
    summary = facts.summary(live, report)
    steps = kind.plan(live, choices)
    with transaction.atomic():
        locked = lock_unchanged(operation)
        locked.report, locked.facts, locked.facts_hash = stored, summary, facts.digest(summary)
        locked.plan_hash = facts.digest([locked.facts_hash, [[step.kind, step.params()] for step in steps]])
        locked.planned_at, locked.stale_reason = timezone.now(), ""
        store_steps(locked, steps)
        move_operation(locked, OperationState.PLANNED, f"A plan of {len(steps)} steps was made.")
    return locked


def assert_may_plan(user: User, operation: Operation) -> None:
    """Examining and planning read with stored logins: they need the role on every server's pool."""
    pools = policy.pools_touched(operation)
    role = role_on(user, pools)
    if pools and (role is None or role < Role.OPERATOR):
        raise NotAllowed("Planning needs the role Operator on the pools of all chosen servers.")


@transaction.atomic
def store_report(operation: Operation, report: Mapping[str, object]) -> None:
    """Store the findings that forbid a plan."""
    locked = lock_unchanged(operation)
    locked.report = dict(report)
    locked.save(update_fields=["report", "changed_at"])


def lock_unchanged(seen: Operation) -> Operation:
    """Reading takes a while; what was chosen or asked for meanwhile needs an answer of its own."""
    locked = lock(seen)
    if locked.state not in PLANNABLE:
        raise WrongState(f"There is no plan to make; the operation is: {locked.get_state_display()}.")
    asked_anew = seen.report.get("asked") != locked.report.get("asked")
    if asked_anew or any(seen.draft.get(key) != locked.draft.get(key) for key in QUESTION):
        raise WrongState("The choices changed while the plan was made. Make it again.")
    return locked


def store_steps(operation: Operation, steps: Sequence[Step]) -> None:
    """Replace the steps by those of the new plan."""
    operation.steps.all().delete()
    defaults = {step.kind: step.expected_seconds for step in steps}
    expected = {kind: history.expected_seconds(kind, default) for kind, default in defaults.items()}
    StepRow.objects.bulk_create(
        StepRow(
            operation=operation,
            seq=seq,
            kind=step.kind,
            params=step.params(),
            lane=step.lane,
            title=step.title,
            call=step.call,
            xe=step.xe,
            undo=step.undo_text,
            interruption=step.interruption,
            parks=step.parks,
            repeats=step.repeats,
            expected_seconds=expected[step.kind],
        )
        for seq, step in enumerate(steps, start=1)
    )


def submit(*, operation: Operation, user: User, plan_hash: str, idempotency_key: str, message: str = "") -> Operation:
    """Run the plan that was shown, or ask for it, as policy says; the same key again is the same submit."""
    key = audit.storable(idempotency_key, LONGEST_KEY)
    with transaction.atomic():
        locked = lock(operation)
        if locked.idempotency_key and locked.idempotency_key == key:
            return locked
        assert_submittable(locked, user, plan_hash)
        locked.submitted_by, locked.idempotency_key = user, key
        try:
            with transaction.atomic():
                locked.save(update_fields=["submitted_by", "idempotency_key", "changed_at"])
        except IntegrityError:
            raise WrongState("This form was sent before, for another plan. Open the page again.") from None
        decision = policy.decide(user, locked)
        if decision is policy.Decision.NEVER:
            raise NotAllowed("Your role may not run this kind of operation. Ask an administrator of the pool.")
        if decision is policy.Decision.ALONE:
            raise NotAllowed(ALONE)
        if decision is policy.Decision.ASK:
            approvals.ask(operation=locked, user=user, plan_hash=plan_hash, message=message)
            return lock(locked)
        return start(operation=locked, user=user)


def assert_submittable(operation: Operation, user: User, plan_hash: str) -> None:
    """What runs is what was shown."""
    if operation.state == OperationState.STALE:
        raise PlanStale(operation.stale_reason.splitlines())
    if operation.state != OperationState.PLANNED:
        raise WrongState(f"Only a finished plan can be started; this one is: {operation.get_state_display()}.")
    if plan_hash != operation.plan_hash:
        raise PlanStale(["The plan changed since this page was opened. Read it again before you start it."])
    confirming.assert_confirmed(operation, user)


@transaction.atomic
def start(*, operation: Operation, user: User) -> Operation:
    """Take the locks, queue the operation, and ring for its first step; all or nothing."""
    locked = lock(operation)
    if locked.state not in STARTABLE:
        raise WrongState(f"This cannot be started; the operation is: {locked.get_state_display()}.")
    if holder := locks.take(locked, locks.resources_of(locked)):
        raise ResourceBusy(holder)
    locked.submitted_by = user
    move_operation(locked, OperationState.QUEUED, f"{user.display_name} started the operation.")
    if first := locked.steps.order_by("seq").first():
        transaction.on_commit(partial(doorbell.ring, first.pk))
    audit.record(actor=user, action="operation.started", operation=locked, data={"plan_hash": locked.plan_hash})
    return locked


def lock(operation: Operation) -> Operation:
    """Fetch the operation's row, locked to the end of the transaction."""
    return Operation.objects.select_for_update(of=("self",), no_key=True).get(pk=operation.pk)
