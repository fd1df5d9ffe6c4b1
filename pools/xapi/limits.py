"""How long and how much: every time is a total, whatever the pace of the other side."""

import time
from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Seconds for each kind of call, and the size of a reply."""

    connect: float = 3
    login: float = 10
    read: float = 30
    submit: float = 15
    event_margin: float = 10
    logout: float = 3
    reply_bytes: int = 64 * MIB
    depth: int = 64


LIMITS = Limits()


class Deadline:
    """A moment by which everything must be done."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left; raises TimeoutError when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left
