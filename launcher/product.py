"""The product's parts on this machine: which commands, in which environment, and how each shows that it is ready."""

import http.client
import json
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from launcher.environment import ROOT
from launcher.keys import write_private
from launcher.ports import LOOPBACK, free_port
from launcher.processes import Command
from launcher.supervisor import Part

SCENE = "practice-lab"
NO_LAB = "off"


@dataclass(frozen=True, kw_only=True)
class Product:
    """What the parts share."""

    state: Path
    listening: socket.socket
    environment: Mapping[str, str] = field(repr=False)

    @property
    def port(self) -> int:
        number: int = self.listening.getsockname()[1]
        return number

    @property
    def has_lab(self) -> bool:
        return self.environment["XENWEB_LAB"] != NO_LAB

    def prepare(self) -> Command:
        return self.command("prepare", "-m", "launcher.prepare", *(["--lab"] if self.has_lab else []))

    def worker(self) -> Part:
        return Part(name="worker", command=self._worker, is_ready=always)

    def _worker(self) -> Command:
        return self.command("worker", "-m", "launcher.worker")

    def desk(self) -> Part:
        return Part(name="desk", command=self._desk, is_ready=always)

    def _desk(self) -> Command:
        return self.command("desk", "-m", "launcher.desk")

    def web(self) -> Part:
        return Part(name="web", command=self._web, is_ready=self.answers)

    def _web(self) -> Command:
        return self.command("web", "-m", "launcher.web", keep_open=(self.listening.fileno(),))

    def answers(self) -> bool:
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            with connection.getresponse() as response:
                return response.status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def lab(self) -> Part:
        return Part(name="lab", command=self._lab, is_ready=self.lab_is_ready)

    def _lab(self) -> Command:
        """Ports, certificates and pools stay as they were: what is stored must fit the next day's lab."""
        profile = os.environ.get("XENWEB_LAB_PROFILE", "fast")
        certificates = self.state / "lab-certificates"
        options = ("--scene", SCENE, "--profile", profile, "--certificates", str(certificates))
        world = ("--state", str(self.state / "lab" / "state.json"))
        port = str(lab_port(self.state / "lab.json"))
        return self.command("lab", "-m", "simulator", *options, *world, "--port", port, output=self.state / "lab.out")

    def lab_is_ready(self) -> bool:
        """The simulator's one line, once it is whole, becomes the file that the settings read."""
        line = (self.state / "lab.out").read_text(encoding="utf-8")
        if not line.endswith("\n"):
            return False
        write_private(self.state / "lab.json", line)
        return True

    def command(
        self,
        name: str,
        *arguments: str,
        output: Path | None = None,
        keep_open: tuple[int, ...] = (),
    ) -> Command:
        return Command(
            name=name,
            argv=(sys.executable, *arguments),
            log=self.state / "log" / f"{name}.log",
            output=output,
            environment=self.environment,
            directory=ROOT,
            keep_open=keep_open,
        )


def environment(state: Path, listening: socket.socket, urls: Mapping[str, str]) -> dict[str, str]:
    """What every part is told; plain http on loopback has no use for Secure cookies."""
    return {
        "XENWEB_SECURE_COOKIES": "0",
        "XENWEB_LAB": str(state / "lab.json"),
        "XENWEB_KEYS_DIR": str(state / "keys"),
        **os.environ,
        **urls,
        "DJANGO_SETTINGS_MODULE": "xenweb.settings",
        "XENWEB_VAR": str(state),
        "XENWEB_PORT": str(listening.getsockname()[1]),
        "XENWEB_WEB_SOCKET": str(listening.fileno()),
    }


def lab_port(description: Path) -> int:
    """Return the port of the last lab, else a free one."""
    try:
        return int(json.loads(description.read_text(encoding="utf-8"))["hosts"][0]["port"])
    except (OSError, ValueError, LookupError):
        return free_port()


def always() -> bool:
    return True
