"""Drafts: what was begun in a wizard and did not run."""

from django.db import transaction
from django.db.models import QuerySet

from pools.models import Operation, OperationState, Role, User
from pools.services import audit, operations, steering
from pools.services.errors import WrongState


def of(user: User) -> QuerySet[Operation]:
    """A person's own drafts, newest first."""
    return Operation.objects.filter(created_by=user, state=OperationState.DRAFT, parent=None)


@transaction.atomic
def discard(*, operation: Operation, user: User) -> None:
    """Drop what did not run: a mere draft is deleted; what was planned once is history and is cancelled."""
    locked = operations.lock(operation)
    if locked.state not in operations.EDITABLE:
        raise WrongState("Only a draft can be discarded; this operation is already under way or done.")
    if locked.state != OperationState.DRAFT or locked.planned_at:
        operations.cancel(operation=locked, user=user)
        return
    if user.pk != locked.created_by_id:
        steering.assert_role(user, locked, Role.ADMINISTRATOR)
    audit.record(actor=user, action="operation.discarded", subject=locked.title)
    locked.delete()
