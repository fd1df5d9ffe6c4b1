"""Drafts about a pool as such: no server of it is chosen, and its coordinator of the moment is asked."""

from collections.abc import Mapping

from django.db import transaction

from pools.models import Operation, OperationState, Pool, User
from pools.services import audit, operations, planning
from pools.services.host_add import coordinator_of, pool_of

BEGUN = (OperationState.DRAFT, OperationState.PLANNED, OperationState.STALE, OperationState.REFUSED)


@transaction.atomic
def begin(*, user: User, pool: Pool, kind: str, title: str) -> Operation:
    """Begin a draft, or go on with the one of this kind that this person has."""
    mine = Operation.objects.filter(kind=kind, pool=pool, created_by=user, state__in=BEGUN)
    operation = mine.order_by("-created_at").first()
    if operation is None:
        operation = operations.create_draft(user=user, kind=kind)
        operation.pool, operation.title = pool, title
        operation.draft = {**led_by(pool), **planning.NOT_ASKED}
        operation.save()
        audit.record(actor=user, action="operation.drafted", subject=operation.title, operation=operation)
    operation.servers.set([coordinator_of(pool)])
    return follow_coordinator(operation=operation, user=user)


def led_by(pool: Pool) -> dict[str, object]:
    uuid = coordinator_of(pool).uuid
    return {"coordinator": uuid, "servers": [uuid]}


@transaction.atomic
def follow_coordinator(*, operation: Operation, user: User) -> Operation:
    """Ask the coordinator that the pool has now."""
    pool = pool_of(operation)
    now = led_by(pool)
    if all(operation.draft.get(key) == value for key, value in now.items()):
        return operation
    operation.servers.set([coordinator_of(pool)])
    return operations.save_draft(operation=operation, user=user, changes=now | planning.NOT_ASKED)


def choose(*, operation: Operation, user: User, changes: Mapping[str, object]) -> Operation:
    """Store what was chosen."""
    return operations.save_draft(operation=operation, user=user, changes={**changes, **planning.NOT_ASKED})
