"""A private xenweb for one benchmark: its own PostgreSQL, Valkey, keys, practice lab and worker."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from launcher import servers
from launcher.environment import ROOT
from launcher.keys import ensure_keys
from launcher.ports import free_port

STOP_SECONDS: Final = 10
CONTROL: Final = "XENWEB_BENCH_CONTROL"  # where the lab that runs takes orders
Host = dict[str, str]


@contextmanager
def product() -> Iterator[None]:
    """Set up Django on servers of its own; everything ends with the block."""
    with ExitStack() as stack:
        directory = stack.enter_context(servers.private_directory())
        postgres = stack.enter_context(servers.postgres(directory, durable=True))
        postgres.ensure_database("xenweb")
        valkey = stack.enter_context(servers.valkey(directory, durable=True))
        state = directory / "state"
        (state / "static").mkdir(mode=0o700, parents=True)
        ensure_keys(state / "keys")
        os.environ.update(
            DJANGO_SETTINGS_MODULE="xenweb.settings",
            DATABASE_URL=postgres.url("xenweb"),
            REDIS_URL=valkey.url(),
            XENWEB_VAR=str(state),
            XENWEB_SECURE_COOKIES="0",
            XENWEB_HOST_NETWORKS="127.0.0.0/8",
            XENWEB_HOST_PORTS=str(free_port()),
            XENWEB_LOG_LEVEL="WARNING",
        )
        set_up()
        yield


def set_up() -> None:
    """Load Django and make the tables."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


@contextmanager
def lab(scene: str, profile: str) -> Iterator[list[Host]]:
    """Run the simulator as a process of its own; returns its hosts."""
    port = os.environ["XENWEB_HOST_PORTS"]
    command = [sys.executable, "-m", "simulator", "--scene", scene, "--profile", profile, "--port", port]
    with process(command, stdout=subprocess.PIPE) as simulator:
        line = simulator.stdout.readline() if simulator.stdout else b"{}"
        said = json.loads(line)
        os.environ[CONTROL] = said["control"]
        hosts: list[Host] = said["hosts"]
        yield hosts


@contextmanager
def process(command: list[str], stdout: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command until the block ends."""
    started = subprocess.Popen(command, cwd=ROOT, stdout=stdout, start_new_session=True)  # noqa: S603
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait()


@contextmanager
def workers() -> Iterator[None]:
    """Run a worker and a desk, as ./run does."""
    with (
        process([sys.executable, "-m", "launcher.worker", "--loglevel", "WARNING"]),
        process([sys.executable, "-m", "launcher.desk", "--loglevel", "WARNING"]),
    ):
        yield
