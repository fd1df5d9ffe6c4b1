"""Four eyes: a plan is asked for, another person says yes or no, and the yes holds for that very plan."""

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from pools.models import Approval, Operation, OperationState, Person, Pool, Role, User
from pools.operations.states import move_operation
from pools.policy import may_approve
from pools.services import audit
from pools.services.errors import NotAllowed, PlanStale, WrongState

LIFE = timedelta(minutes=30)
LONGEST = 2000
EXPIRED = "Nobody decided within 30 minutes. Check the plan again and ask once more."
CHANGED = "The plan changed since this page was opened. Read it again before you go on."


def visible_to(user: Person) -> QuerySet[Approval]:
    """Requests about operations that the person sees."""
    seen = Approval.objects.filter(operation__in=Operation.objects.visible_to(user))
    return seen.select_related("operation__pool__coordinator", "asked_by", "decided_by")


def waiting_for(user: Person) -> QuerySet[Approval]:
    """Live requests that the person may be able to decide; his own never are."""
    decidable = Pool.objects.current().visible_to(user, Role.ADMINISTRATOR)
    live = visible_to(user).filter(approved__isnull=True, asked_at__gt=timezone.now() - LIFE)
    return live.filter(operation__pool__in=decidable).exclude(asked_by=user.pk).exclude(operation__created_by=user.pk)


@transaction.atomic
def ask(*, operation: Operation, user: User, plan_hash: str = "", message: str = "") -> Approval:
    """Open a request for the plan as it stands and was shown; it waits for another person from now on."""
    operation = Operation.objects.select_for_update(of=("self",)).get(pk=operation.pk)
    if operation.state != OperationState.PLANNED:
        raise WrongState(f"Only a finished plan can be asked for; this one is: {operation.get_state_display()}.")
    if plan_hash and plan_hash != operation.plan_hash:
        raise PlanStale([CHANGED])
    operation.submitted_by = user
    move_operation(operation, OperationState.AWAITING_APPROVAL, f"{user.display_name} asked for approval.")
    approval = Approval.objects.create(
        operation=operation, plan_hash=operation.plan_hash, asked_by=user, message=audit.storable(message, LONGEST)
    )
    data = {"plan_hash": approval.plan_hash, "message": approval.message}
    audit.record(actor=user, action="approval.asked", operation=operation, data=data)
    return approval


def decide(*, approval: Approval, user: User, plan_hash: str, approved: bool, note: str = "") -> Approval:
    """Say yes or no to the plan that was shown; yes starts it."""
    if expire(approval=approval):
        raise WrongState(EXPIRED)
    note = audit.storable(note, LONGEST)
    with transaction.atomic():
        operation = Operation.objects.select_for_update(of=("self",)).get(pk=approval.operation_id)
        approval = Approval.objects.select_for_update(of=("self",)).get(pk=approval.pk)
        _assert_decidable(approval, operation, user)
        _assert_same_plan(approval, operation, plan_hash)
        if not approved and not note:
            raise WrongState("A refusal needs a note that says why.")
        approval.approved, approval.note = approved, note
        approval.decided_by, approval.decided_at = user, timezone.now()
        approval.save()
        return _follow(approval, operation, user)


def close_open(*, operation: Operation, reason: str) -> int:
    """End the open request, if there is one, without a decision: the plan changed or was cancelled."""
    still_open = Approval.objects.filter(operation=operation, approved__isnull=True)
    return still_open.update(approved=False, decided_at=timezone.now(), note=reason)


def is_expired(approval: Approval) -> bool:
    """Whether an open request is too old to be trusted: the servers may have changed since."""
    return approval.approved is None and timezone.now() - approval.asked_at > LIFE


def expire(*, approval: Approval) -> bool:
    """End a request that nobody decided in time; its plan is then out of date."""
    if not is_expired(approval):
        return False
    with transaction.atomic():
        operation = Operation.objects.select_for_update(of=("self",)).get(pk=approval.operation_id)
        if not close_open(operation=operation, reason=EXPIRED):
            return False
        if operation.state == OperationState.AWAITING_APPROVAL:
            operation.stale_reason = EXPIRED
            move_operation(operation, OperationState.STALE, EXPIRED)
        audit.record(actor=None, action="approval.expired", operation=operation)
    return True


def expire_due() -> int:
    """End every request that nobody decided in time; the sweep calls this."""
    due = Approval.objects.filter(approved__isnull=True, asked_at__lte=timezone.now() - LIFE)
    return sum(expire(approval=approval) for approval in due)


def _assert_decidable(approval: Approval, operation: Operation, user: User) -> None:
    if user.pk == approval.asked_by_id or user.pk in {operation.created_by_id, operation.submitted_by_id}:
        raise NotAllowed("Nobody decides about a plan of his own. Another administrator has to look at it.")
    if not may_approve(user, operation):
        raise NotAllowed("Deciding needs the role Administrator on every pool that the plan touches.")
    if operation.state == OperationState.STALE:
        raise PlanStale(operation.stale_reason.splitlines())
    if approval.approved is not None:
        raise WrongState("This request was decided before.")
    if operation.state != OperationState.AWAITING_APPROVAL:
        raise WrongState(f"The operation is no longer waiting for approval; it is: {operation.get_state_display()}.")


def _assert_same_plan(approval: Approval, operation: Operation, plan_hash: str) -> None:
    """What is approved is what was shown: the hash in the form, in the request and of the plan are one."""
    if not plan_hash or plan_hash != approval.plan_hash or plan_hash != operation.plan_hash:
        raise PlanStale([CHANGED])


def _follow(approval: Approval, operation: Operation, user: User) -> Approval:
    """Do what the decision says: start the plan, or close it as refused."""
    from pools.services.operations import start

    if approval.approved:
        move_operation(operation, OperationState.APPROVED, f"{user.display_name} approved the plan.")
        start(operation=operation, user=approval.asked_by)
    else:
        move_operation(operation, OperationState.REFUSED, f"{user.display_name} refused the plan: {approval.note}")
    action = "approval.given" if approval.approved else "approval.refused"
    data = {"plan_hash": approval.plan_hash, "note": approval.note, "asked_by": approval.asked_by.get_username()}
    audit.record(actor=user, action=action, operation=operation, data=data)
    return approval
