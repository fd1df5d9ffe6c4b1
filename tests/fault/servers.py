"""PostgreSQL and Valkey of one test's own: it may crash the one and freeze the other."""

import os
import signal
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from celery import Celery
from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper

from launcher import servers
from launcher.leftovers import read_pid
from launcher.postgres import Postgres
from launcher.processes import Process
from launcher.sockets import sockets_of
from launcher.valkey import Valkey
from tests.fault.workers import sweeping

DATABASE = "xenweb"
STOP_SECONDS = 10


@dataclass
class CrashingPostgres:
    """A durable one: what it said to be committed must be there after a crash."""

    server: Postgres
    process: Process = field(init=False)

    def start(self) -> None:
        self.process = Process(self.server.command())
        servers.wait_until_ready(self.process, self.server.is_ready)

    def crash(self) -> None:
        """End all of its processes at once; nothing that is only in memory is written (``-m immediate``)."""
        leave_database()
        os.kill(self.process.pid, signal.SIGQUIT)
        self.process.wait(time.monotonic() + STOP_SECONDS)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It and all of its processes stand still: connections stay open, and nobody answers."""
        leave_database()
        pids = [self.process.pid, *children(self.process.pid)]
        signal_all(pids, signal.SIGSTOP)
        try:
            yield
        finally:
            signal_all(pids, signal.SIGCONT)

    def stop(self) -> None:
        self.process.ask_to_stop()
        self.process.wait(time.monotonic() + STOP_SECONDS)


@contextmanager
def own_postgres() -> Iterator[CrashingPostgres]:
    """Run one, and work with it in this process instead of the test run's."""
    with servers.private_directory() as directory:
        sockets = sockets_of(directory)
        server = Postgres(data=directory / "postgres", sockets=sockets, log=directory / "postgres.log")
        found = CrashingPostgres(server)
        try:
            found.start()
            server.ensure_database(DATABASE)
            with database_of({"HOST": str(sockets), "NAME": DATABASE}):
                yield found
        finally:
            found.stop()


@contextmanager
def database_of(place: Mapping[str, str]) -> Iterator[None]:
    """Make this place the default database, with all tables."""
    shared = {name: connection.settings_dict[name] for name in place}
    leave_database()
    connection.settings_dict.update(place)
    try:
        call_command("migrate", verbosity=0)
        yield
    finally:
        leave_database()
        connection.settings_dict.update(shared)


def leave_database() -> None:
    """Let go of every connection of this process."""
    wrapper = connections[DEFAULT_DB_ALIAS]
    assert isinstance(wrapper, DatabaseWrapper)
    wrapper.close()
    wrapper.close_pool()


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def signal_all(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


@contextmanager
def frozen(server: Valkey) -> Iterator[None]:
    """Stop it without its clients' knowing: connections stay open, and nobody answers."""
    pid = read_pid(server.data / "valkey.pid")
    assert pid is not None
    signal_all([pid], signal.SIGSTOP)
    try:
        yield
    finally:
        signal_all([pid], signal.SIGCONT)


@contextmanager
def sweeping_through(server: Valkey) -> Iterator[None]:
    """Send the sweep once a second to this broker, as beat does."""
    app = Celery("bells", set_as_current=False)
    app.conf.update(settings.CELERY | {"broker_url": server.url().replace("unix://", "redis+socket://")})
    try:
        with sweeping(app):
            yield
    finally:
        app.close()
