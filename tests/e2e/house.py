"""The whole product of one test: web server, worker, desk, and simulated servers to work with."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.test import override_settings

from pools.operations import presence
from simulator.running import Simulation, running
from simulator.scenes.model import Scene
from tests.pools.views.streams import serving
from xenweb import asgi

ROOT = Path(__file__).resolve().parents[2]
WORKER = ("worker", "-m", "launcher.worker", "--loglevel=WARNING")
DESK = ("desk", "-m", "launcher.desk", "--loglevel=WARNING")


@dataclass(frozen=True)
class House:
    """``url`` is where the product answers; ``sim`` is what stands behind it."""

    url: str
    sim: Simulation
    folder: Path

    @property
    def log(self) -> str:
        """What the worker had to say, for a failed assertion."""
        return (self.folder / "worker.log").read_text(errors="replace")


@dataclass(frozen=True, kw_only=True)
class Builder:
    """Starts the product on this test's database; ``environment`` is what its processes are told."""

    environment: dict[str, str] = field(repr=False)
    folder: Path

    @contextmanager
    def house(
        self,
        scene: str | Scene,
        *,
        lab: bool = True,
        work: bool = True,
        ports: Collection[int] = (),
        profile: str = "instant",
        patience: int = 20,
    ) -> Iterator[House]:
        """Serve until the block ends.

        Not ``lab``: servers like any others, on their own and more ``ports``. Not ``work``: no worker and no desk.
        """
        with ExitStack() as stack:
            stack.callback(presence.leave)  # a test may do a worker's work itself
            sim = stack.enter_context(running(scene, profile))
            ports = sorted({*ports, *(host.port for host in sim.hosts)})
            told = {"XENWEB_WORKERS": "2", "XENWEB_PATIENCE": str(patience)}
            told["XENWEB_HOST_PORTS"] = ",".join(map(str, ports))
            if lab:
                told["XENWEB_LAB"] = str(self.folder / "lab.json")
                Path(told["XENWEB_LAB"]).write_text(json.dumps(sim.as_line()))
            stack.enter_context(override_settings(LAB=sim.as_line() if lab else None, HOST_PORTS=ports))
            for part in (WORKER, DESK) if work else ():
                stack.enter_context(self.process(part, told))
            web = stack.enter_context(serving(ASGIStaticFilesHandler(asgi.application)))
            yield House(url=f"http://127.0.0.1:{web.port}", sim=sim, folder=self.folder)

    @contextmanager
    def process(self, command: tuple[str, ...], told: dict[str, str]) -> Iterator[None]:
        """Run a part of the product; it is killed with its children at the end."""
        name, *arguments = command
        with (self.folder / f"{name}.log").open("ab") as log:
            part = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT, env=self.environment | told, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
            try:
                yield
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(part.pid, signal.SIGKILL)
                part.wait()
