"""Loopback addresses: each host its own, one port for all, since XAPI addresses carry no port."""

import contextlib
import random
import socket
from dataclasses import dataclass

USUAL_BASE = "127.64.0"
TRIES = 64
HOSTS_PER_BASE = 250
RANDOM = random.SystemRandom()  # labs of processes that seed `random` alike still differ


@dataclass(frozen=True)
class Addresses:
    base: str
    port: int

    def hosts(self, count: int) -> list[str]:
        """base.1, base.2 …; more than 250 hosts run on into the next base."""
        first, second, third = (int(part) for part in self.base.split("."))
        return [
            f"{first}.{second}.{third + place // HOSTS_PER_BASE}.{place % HOSTS_PER_BASE + 1}" for place in range(count)
        ]


def choose(count: int, *, port: int = 0, base: str | None = None) -> Addresses:
    """Addresses that can be bound now: a free port, or with a given port another base."""
    for turn in range(TRIES):
        chosen = base or (USUAL_BASE if turn == 0 or not port else _random_base())
        candidate = Addresses(chosen, port or _random_port())
        if _all_free(candidate, count):
            return candidate
    raise OSError(f"no free addresses for {count} hosts at {base or USUAL_BASE}.x, port {port or 'any'}")


def _random_base() -> str:
    return f"127.{RANDOM.randint(65, 126)}.{RANDOM.randint(0, 250)}"


def _random_port() -> int:
    """Below the range that outgoing connections take their ports from, so that a restart finds it free."""
    return RANDOM.randint(20_000, 32_000)


def _all_free(addresses: Addresses, count: int) -> bool:
    with contextlib.ExitStack() as stack:
        for address in addresses.hosts(count):
            probe = stack.enter_context(socket.socket())
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, addresses.port))
            except OSError:
                return False
    return True
