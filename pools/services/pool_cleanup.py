"""Cleaning a pool of what servers that left it left behind: a draft, and what is chosen in it."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from pools.models import Operation, Pool, User
from pools.operations.pool_cleanup import KIND
from pools.services import examination, leftovers, whole_pool

__all__ = ["KIND", "begin", "choose"]


@transaction.atomic
def begin(*, user: User, pool: Pool) -> Operation:
    """Begin a draft, or go on with one, and have the pool read."""
    begun = whole_pool.begin(user=user, pool=pool, kind=KIND, title=f"Clean up “{pool}”")
    operation = whole_pool.choose(operation=begun, user=user, changes={})
    examination.ask(operation=operation, user=user)
    return operation


def choose(*, operation: Operation, user: User, keys: Sequence[str], settings: Mapping[str, str]) -> Operation:
    """Store what is cleaned up, by key and with names, and what becomes of each setting; "" leaves one as it is."""
    names = {each.key: each.name for each in leftovers.page(operation).found}
    chosen = {
        "items": {key: names[key] for key in keys if key in names},
        "settings": {key: value for key, value in settings.items() if value and key in names},
        "cleanup_answered": True,
        "confirmed": {},
    }
    return whole_pool.choose(operation=operation, user=user, changes=chosen)
