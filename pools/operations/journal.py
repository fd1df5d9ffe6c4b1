"""The journal: append-only, its ids in the order of the commits, rung to the open pages."""

import time
from collections.abc import Mapping
from functools import cache, partial
from typing import Final, TypedDict, Unpack
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from redis import Redis
from redis.exceptions import RedisError

from pools.models import JournalEntry, Operation, Step

PATIENCE: Final = 1.0
QUIET_AFTER_FAILURE: Final = 5.0
_quiet_until = 0.0


class More(TypedDict, total=False):
    """What an entry may have besides its text."""

    step: Step | None
    level: str
    data: Mapping[str, object]


def write(operation: Operation | UUID, *, kind: str, text: str = "", **more: Unpack[More]) -> JournalEntry:
    """Append an entry. A lock per operation, held to the commit, makes the order of ids the order of commits."""
    operation_id = operation.pk if isinstance(operation, Operation) else operation
    with transaction.atomic(savepoint=False):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"journal:{operation_id}"])
        entry = JournalEntry.objects.create(operation_id=operation_id, kind=kind, text=text, **more)
        transaction.on_commit(partial(publish, channel(operation_id), entry.pk))
    return entry


def channel(operation_id: UUID) -> str:
    """Name the channel on which the ids of an operation's entries are published."""
    return f"{settings.KEY_PREFIX}live:{operation_id}"


def publish(name: str, entry_id: int) -> None:
    """Tell open pages; without Redis they read the journal a little later, and the work goes on unhindered."""
    global _quiet_until  # noqa: PLW0603 - one breaker a process
    if time.monotonic() < _quiet_until:
        return
    try:
        bell().publish(name, entry_id)
    except RedisError:
        _quiet_until = time.monotonic() + QUIET_AFTER_FAILURE


@cache
def bell() -> Redis:
    """Return this process's Redis client, which never keeps the work waiting for long."""
    return Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
