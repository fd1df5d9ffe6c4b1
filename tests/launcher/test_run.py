"""``./run`` itself, as a person starts it."""

import os
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from launcher.environment import ROOT
from launcher.ports import LOOPBACK, free_port
from tests.launcher.waiting import processes_with, wait_until

pytestmark = pytest.mark.slow
TEST_ONLY = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")


class Run:
    """A started ``./run`` with a state directory and a port of its own."""

    def __init__(self, state: Path, **settings: str) -> None:
        self.state, self.port, self.settings = state, free_port(), settings
        self.said: list[str] = []
        self.process = self.another()

    def another(self, *arguments: str) -> subprocess.Popen[str]:
        """A person's shell knows nothing of the test run's environment."""
        environment = {name: text for name, text in os.environ.items() if not name.startswith("XENWEB_")}
        environment |= {"XENWEB_VAR": str(self.state), "XENWEB_PORT": str(self.port), "XENWEB_WORKERS": "1"}
        environment |= self.settings
        for name in TEST_ONLY:
            environment.pop(name, None)
        return subprocess.Popen(["./run", *arguments], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)

    def wait_until_ready(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(line)
            if line.startswith("Started in"):
                return
        pytest.fail(f"./run ended with {self.process.wait()}: {''.join(self.said)}")

    def status(self, path: str) -> int:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{self.port}{path}", timeout=20) as response:
            status: int = response.status
            return status


@contextmanager
def running(state: Path, **settings: str) -> Iterator[Run]:
    run = Run(state, **settings)
    try:
        run.wait_until_ready()
        yield run
    finally:
        run.process.kill()
        run.process.communicate()


def test_run_serves_the_product_until_it_is_interrupted(directory: Path) -> None:
    with running(directory / "var") as run:
        assert run.said.count(f"xenweb is ready: http://127.0.0.1:{run.port}\n") == 1
        assert [run.status(path) for path in ("/healthz", "/accounts/login/")] == [200, 200]
        second = run.another()
        assert f"http://127.0.0.1:{run.port}" in second.communicate()[0]
        assert second.returncode == 1
        run.process.send_signal(signal.SIGINT)
        assert run.process.wait(6) == 0
        assert processes_with(str(run.state)) == []


def test_what_a_server_leaves_behind_ends_before_run_does(directory: Path) -> None:
    """PostgreSQL's processes are in sessions of their own; a stopped one stands for a slow disk."""
    with running(directory / "var", XENWEB_LAB="off") as run:
        found = processes_with(str(run.state))
        (checkpointer,) = (pid for pid in found if b"checkpointer" in Path(f"/proc/{pid}/cmdline").read_bytes())
        os.kill(checkpointer, signal.SIGSTOP)
        run.process.send_signal(signal.SIGINT)
        assert run.process.wait(6) == 0
        assert processes_with(str(run.state)) == []


def test_killing_run_leaves_nothing_and_starting_over_works(directory: Path) -> None:
    with running(directory / "var", XENWEB_LAB="off") as run:
        key = (run.state / "keys" / "secret_key").read_text()
        run.process.kill()
        wait_until(lambda: not processes_with(str(run.state)), 15)
        run.process.communicate()
        run.process = run.another("--fresh")
        run.wait_until_ready()
        assert run.status("/healthz") == 200
        assert (run.state / "keys" / "secret_key").read_text() != key
