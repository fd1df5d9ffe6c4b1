"""Real Celery workers and the sweep, as private processes of one test."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from celery import Celery, current_app
from django.conf import settings
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from pools.models import Operation, WorkerPresence

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (
    "-m", "celery", "-A", "tests.fault.worker_app", "worker", "--without-mingle", "--without-gossip",
    "--without-heartbeat", "--loglevel", "WARNING", "--queues", "steps,celery", "--concurrency",
)  # fmt: skip


@dataclass
class Workers:
    """Starts workers with this test's database and broker; kills what is left at the end."""

    environment: dict[str, str]
    folder: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def marker(self) -> Path:
        return self.folder / "failpoint"

    @property
    def log(self) -> str:
        return (self.folder / "worker.log").read_text(errors="replace")

    def start(self, *, failpoint: str = "", processes: int = 2, **more: str) -> subprocess.Popen[bytes]:
        """Start a worker that does everything, and wait until its processes have announced themselves."""
        failing = {"XENWEB_FAILPOINT": failpoint, "XENWEB_FAILPOINT_MARKER": str(self.marker)}
        with self.arriving(processes):
            return self.process(*COMMAND, str(processes), **failing, **more)

    def start_product(self, *, processes: int = 1) -> subprocess.Popen[bytes]:
        """Start the product's own worker, which does steps only."""
        with self.arriving(processes):
            return self.process("-m", "launcher.worker", XENWEB_WORKERS=str(processes))

    def desk(self) -> subprocess.Popen[bytes]:
        return self.process("-m", "launcher.desk")

    def process(self, *arguments: str, **more: str) -> subprocess.Popen[bytes]:
        environment = self.environment | {"XENWEB_HOST_PORTS": ",".join(map(str, settings.HOST_PORTS)), **more}
        with (self.folder / "worker.log").open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, *arguments], cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        self.started.append(worker)
        return worker

    @contextmanager
    def arriving(self, count: int) -> Iterator[None]:
        """Wait at the end until so many more processes have announced themselves."""
        known = list(WorkerPresence.objects.values_list("pk", flat=True))
        yield
        newcomers = WorkerPresence.objects.exclude(pk__in=known)
        until(lambda: newcomers.count() >= count, 20)

    def stop(self) -> None:
        """Kill every process of every worker."""
        for worker in self.started:
            kill(worker)

    def struck(self) -> int:
        """Return the id of the process in which the failpoint fired."""
        until(lambda: self.marker.exists() and self.marker.read_text() != "", 20)
        return int(self.marker.read_text())


def kill(worker: subprocess.Popen[bytes]) -> None:
    """SIGKILL a worker with all of its children."""
    with suppress(ProcessLookupError):
        os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


def until(condition: Callable[[], bool], seconds: float) -> float:
    """Wait for a condition; returns how long it took."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            pytest.fail(f"not within {seconds} s: {condition}")
        time.sleep(0.02)
    return time.monotonic() - began


def reaches(operation: Operation, *states: str, seconds: float = 30) -> str:
    """Wait until the operation is in one of these states."""

    def arrived() -> bool:
        operation.refresh_from_db()
        return operation.state in states

    until(arrived, seconds)
    return operation.state


@contextmanager
def sweeping(app: Celery = current_app) -> Iterator[None]:
    """Send the sweep once a second to this application's broker, as the desk does."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(1.0):
            try:
                app.send_task("pools.sweep")
            except (OperationalError, RedisError):
                continue

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
