"""Keeping inventories fresh: a message for each pool whose records are old."""

from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Concat
from django.utils import timezone

from pools import inventories
from pools.models import Operation, OperationState, Pool, ResourceLock
from pools.services import rings

FRESH = timedelta(seconds=60)
FRESH_WHILE_CHANGING = timedelta(seconds=15)
RUNNING = [OperationState.RUNNING, OperationState.UNDOING]


def refresh_due() -> int:
    """Ring for every current pool whose records are older than a minute, or than 15 s while it is being changed."""
    pools = list(due())
    for pool in pools:
        rings.refresh(pool)
    return len(pools)


def due() -> list[Pool]:
    """Return the pools to read. One that an operation is dissolving into another pool is left alone."""
    now = timezone.now()
    held = ResourceLock.objects.filter(resource=OuterRef("resource_name")).exclude(operation__pool=OuterRef("pk"))
    running = Operation.objects.filter(pool=OuterRef("pk"), state__in=RUNNING)
    old = Q(inventory__isnull=True) | Q(inventory__tried_at__isnull=True) | Q(inventory__tried_at__lt=now - FRESH)
    changing = Q(is_changing=True, inventory__tried_at__lt=now - FRESH_WHILE_CHANGING)
    named = Pool.objects.current().annotate(
        resource_name=Concat(Value("pool:"), F("uuid")), is_changing=Exists(running)
    )
    return list(named.filter(old | changing).filter(~Exists(held)))


def refresh(pool_id: int) -> None:
    """Read one pool now; a pool that has ended meanwhile is left alone."""
    pool = Pool.objects.current().filter(pk=pool_id).first()
    if pool is not None:
        inventories.refresh(pool)
