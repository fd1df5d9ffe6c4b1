"""Drafts: what was begun in a wizard and did not run. They are rows: nothing but a person ends them."""

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from pools.access import has_role
from pools.models import Operation, OperationState, Pool, Role, Server, User
from pools.services import audit, operations, steering
from pools.services.errors import ServiceError, WrongState

Drafts = QuerySet[Operation]


def of(user: User) -> QuerySet[Operation]:
    """A person's own drafts and plans that did not run, the last changed first."""
    return Operation.objects.filter(created_by=user, state__in=operations.EDITABLE).order_by("-changed_at")


def old() -> Q:
    """What nobody changed for so long that it counts as abandoned."""
    return Q(changed_at__lt=timezone.now() - timedelta(days=settings.DRAFT_AGE))


def left_by_others(user: User) -> QuerySet[Operation]:
    """Abandoned drafts of other people, on pools that this person administers, all of them."""
    others = Operation.objects.filter(old(), state__in=operations.EDITABLE).exclude(created_by=user)
    others = others.order_by("-changed_at")
    if has_role(user, Role.ADMINISTRATOR):
        return others
    pools = Pool.objects.visible_to(user, Role.ADMINISTRATOR)
    elsewhere = Server.objects.exclude(pool__in=pools).values("operations")
    own = Server.objects.filter(pool__in=pools).values("operations")
    touched = Q(pool__in=pools) | Q(pool__isnull=True, pk__in=own)
    return others.filter(touched).exclude(pk__in=elsewhere.filter(operations__isnull=False))


def shown(drafts: QuerySet[Operation]) -> QuerySet[Operation]:
    """Fetch what a list of drafts shows, in few queries."""
    rows = drafts.select_related("pool__coordinator", "created_by").prefetch_related("servers")
    return rows.defer("report", "facts")


def is_abandoned(draft: Operation) -> bool:
    """Whether a draft is older than the setting."""
    return timezone.now() - draft.changed_at > timedelta(days=settings.DRAFT_AGE)


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


def discard_all(*, drafts: Iterable[Operation], user: User) -> tuple[int, list[str]]:
    """Drop several; returns how many, and why others stayed."""
    gone, refused = 0, []
    for draft in drafts:
        try:
            discard(operation=draft, user=user)
            gone += 1
        except ServiceError as error:
            refused.append(f"“{draft}” stays: {error}")
    return gone, refused
