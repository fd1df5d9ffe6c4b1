"""PostgreSQL and Valkey for as long as a block of code needs them: for tests and benchmarks."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from launcher.postgres import Postgres
from launcher.processes import Command, Process
from launcher.sockets import remove_sockets_elsewhere, sockets_of
from launcher.terminal import CannotStartError
from launcher.valkey import Valkey

START_SECONDS = 20
STOP_SECONDS = 5


@contextmanager
def private_directory() -> Iterator[Path]:
    """A short-pathed directory of our own, removed at the end."""
    path = Path(tempfile.mkdtemp(prefix="xenweb-", dir="/tmp"))
    try:
        yield path
    finally:
        remove_sockets_elsewhere(path)
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def postgres(directory: Path, *, durable: bool = False) -> Iterator[Postgres]:
    """Run PostgreSQL in ``directory``."""
    sockets = sockets_of(directory)
    server = Postgres(data=directory / "postgres", sockets=sockets, log=directory / "postgres.log", durable=durable)
    with running(server.command(), server.is_ready):
        yield server


@contextmanager
def valkey(directory: Path, *, durable: bool = False) -> Iterator[Valkey]:
    """Run Valkey in ``directory``."""
    sockets = sockets_of(directory)
    server = Valkey(data=directory / "valkey", sockets=sockets, log=directory / "valkey.log", durable=durable)
    with running(server.command(), server.is_ready):
        yield server


@contextmanager
def both() -> Iterator[tuple[Postgres, Valkey]]:
    """Run both servers in a private directory."""
    with ExitStack() as stack:
        directory = stack.enter_context(private_directory())
        yield stack.enter_context(postgres(directory)), stack.enter_context(valkey(directory))


@contextmanager
def running(command: Command, is_ready: Callable[[], bool]) -> Iterator[Process]:
    """Start one command, wait until it is ready, and stop it at the end."""
    process = Process(command)
    try:
        wait_until_ready(process, is_ready)
        yield process
    finally:
        process.ask_to_stop()
        process.wait(time.monotonic() + STOP_SECONDS)


def wait_until_ready(process: Process, is_ready: Callable[[], bool], seconds: float = START_SECONDS) -> None:
    """Poll; an early end or a passed deadline is reported with the last words of the log."""
    deadline = time.monotonic() + seconds
    while not is_ready():
        ended = process.ended()
        if ended is not None or time.monotonic() > deadline:
            reason = f"ended with code {ended}" if ended is not None else f"was not ready after {seconds:.0f} s"
            raise CannotStartError(f"{process.command.name} {reason}:\n{process.last_words()}")
        time.sleep(0.02)
