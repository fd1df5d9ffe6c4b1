"""Keeping inventories fresh: a message for each pool whose records are old."""

from datetime import timedelta
from threading import BoundedSemaphore

from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Concat, Now

from pools import inventories
from pools.models import Inventory, Operation, OperationState, Pool, ResourceLock
from pools.services import rings

FRESH = timedelta(seconds=60)
FRESH_WHILE_CHANGING = timedelta(seconds=15)
A_MOMENT = timedelta(seconds=5)
READ_AT_ONCE = 4
RUNNING = [OperationState.RUNNING, OperationState.UNDOING]

slots = BoundedSemaphore(READ_AT_ONCE)
"""Of this process: half of the desk's threads."""


def refresh_due() -> int:
    """Ring for every current pool whose records are older than a minute, or than 15 s while it is being changed."""
    pools = list(due())
    for pool in pools:
        rings.refresh(pool)
    return len(pools)


def due() -> list[Pool]:
    """Return the pools to read, longest untried first; not one that an operation is dissolving into another pool."""
    held = ResourceLock.objects.filter(resource=OuterRef("resource_name")).exclude(operation__pool=OuterRef("pk"))
    running = Operation.objects.filter(pool=OuterRef("pk"), state__in=RUNNING)
    old = Q(inventory__isnull=True) | Q(inventory__tried_at__isnull=True) | Q(inventory__tried_at__lt=Now() - FRESH)
    changing = Q(is_changing=True, inventory__tried_at__lt=Now() - FRESH_WHILE_CHANGING)
    named = Pool.objects.current().annotate(
        resource_name=Concat(Value("pool:"), F("uuid")), is_changing=Exists(running)
    )
    waiting = named.filter(old | changing).filter(~Exists(held))
    return list(waiting.order_by(F("inventory__tried_at").asc(nulls_first=True), "pk"))


def ask(pool: Pool) -> None:
    """Ring for a person who looks at a pool, which is the next one to be read; not again within a moment."""
    if not Inventory.objects.filter(pool=pool, tried_at__gt=Now() - A_MOMENT).exists():
        mended(pool)


def mended(pool: Pool) -> None:
    """Ring for a pool that can perhaps be read again: a visit that just failed does not count."""
    Inventory.objects.filter(pool=pool).update(tried_at=None)
    rings.refresh(pool)


def refresh(pool_id: int) -> None:
    """Read one pool now, and go on with whatever is due.

    Not one that has ended meanwhile, or that another ring had read a moment ago. Servers that do not answer take long:
    when so many readers are at work already, they will come to this pool too, and people are served meanwhile.
    """
    if not slots.acquire(blocking=False):
        return
    try:
        pool = Pool.objects.current().filter(pk=pool_id).first()
        while pool is not None:
            if claimed(pool):
                inventories.refresh(pool)
            pool = next(iter(due()), None)
    finally:
        slots.release()


def claimed(pool: Pool) -> bool:
    """Whether this visit is ours: of all rings of a moment, one is answered. The clock is the database's."""
    inventory, _ = Inventory.objects.get_or_create(pool=pool)
    earlier = Q(tried_at__isnull=True) | Q(tried_at__lt=Now() - A_MOMENT)
    return bool(Inventory.objects.filter(earlier, pk=inventory.pk).update(tried_at=Now()))
