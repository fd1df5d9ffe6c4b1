"""Which worker processes live: each holds an advisory lock on a connection of its own, free as soon as it dies."""

import os
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import psycopg
from django.db import connection, transaction
from psycopg.conninfo import make_conninfo

from pools.models import Step, WorkerPresence

LOCK_CLASS: Final = 0x78656E77  # "xenw": the first of the lock's two numbers
KEEP_EVERY: Final = 3.0
_guard = threading.Lock()
_left = threading.Event()


@dataclass(frozen=True)
class Presence:
    """The row of this process and the connection that proves that it lives."""

    id: int
    pid: int
    link: "psycopg.Connection[tuple[object, ...]]"

    def alive(self) -> bool:
        """Whether the lock is still held: same process, connection unbroken."""
        if self.pid != os.getpid() or self.link.closed:
            return False
        try:
            self.link.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True


_mine: Presence | None = None


def mine() -> int:
    """Return the id of this process's presence; announces it at the first call and after a lost connection."""
    global _mine  # noqa: PLW0603 - one presence a process
    with _guard:
        if _mine is None or not _mine.alive():
            _mine = announce()
        return _mine.id


def arrive() -> None:
    """Announce this worker process, and do so again after the database was away, even when there is nothing to do."""
    mine()
    threading.Thread(target=_keep, name="presence", daemon=True).start()


def _keep() -> None:
    while not _left.wait(KEEP_EVERY):
        with suppress(psycopg.Error):
            mine()


def announce() -> Presence:
    """Insert the row and take its lock before anyone else can see the row."""
    link = psycopg.connect(link_arguments(), autocommit=True)
    with link.transaction():
        row = link.execute(
            "INSERT INTO pools_workerpresence (name, started_at) VALUES (%s, now()) RETURNING id",
            [f"{socket.gethostname()}:{os.getpid()}"],
        ).fetchone()
        if row is None:
            raise psycopg.OperationalError("no row came back")
        link.execute("SELECT pg_advisory_lock(%s, %s)", [LOCK_CLASS, row[0]])
    return Presence(id=int(str(row[0])), pid=os.getpid(), link=link)


def leave() -> None:
    """Let go of the lock: the process ends, or a test does."""
    global _mine  # noqa: PLW0603 - see mine()
    _left.set()
    with _guard:
        if _mine is not None and _mine.pid == os.getpid():
            _mine.link.close()
        _mine = None


def link_arguments() -> str:
    """Return how to reach the database directly, past any connection pool."""
    params = connection.get_connection_params()
    wanted = ("dbname", "user", "password", "host", "port")
    given = {key: params[key] for key in wanted if params.get(key)}
    return make_conninfo(application_name="xenweb-presence", keepalives_idle=5, keepalives_interval=2, **given)


def bury() -> int:
    """Void the leases of processes that no longer hold their lock; returns how many had died."""
    dead = [row.pk for row in WorkerPresence.objects.all() if _bury(row.pk)]
    return len(dead)


@transaction.atomic
def _bury(presence: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK_CLASS, presence])
        (free,) = cursor.fetchone() or (False,)
    if not free:
        return False
    Step.objects.filter(owner_id=presence).update(owner=None, lease_until=None)
    WorkerPresence.objects.filter(pk=presence).delete()
    return True
