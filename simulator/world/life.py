"""One run of a toolstack: what waits in it ends when the toolstack ends."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.world.faults import DropConnection


class LifeEnded(DropConnection):
    """The toolstack that was doing this is gone, and the connection with it."""


@dataclass(frozen=True)
class Proposal:
    """The address that this toolstack has agreed to have as its master, and when."""

    address: str
    made: float = field(default_factory=time.monotonic)


def again_and_again(life: "Life", seconds: Callable[[], float], look: Callable[[], None]) -> None:
    """Look once in every so many seconds, for as long as this life lasts."""

    def run() -> None:
        try:
            while True:
                life.pause(seconds())
                look()
        except LifeEnded:
            return

    threading.Thread(target=run, name=look.__qualname__, daemon=True).start()


class Life:
    """`boot` from the start of the whole server until its toolstack has come all the way."""

    def __init__(self, *, boot: bool = False) -> None:
        self._ended = threading.Event()
        self.boot = boot
        self.proposal: Proposal | None = None

    def end(self) -> None:
        self._ended.set()

    @property
    def ended(self) -> bool:
        return self._ended.is_set()

    def pause(self, seconds: float) -> None:
        """Let time pass inside this life; raises when the life ends meanwhile."""
        if self._ended.wait(seconds) if seconds > 0 else self._ended.is_set():
            raise LifeEnded

    def wait(self, seconds: float) -> bool:
        """Whether it has ended, at the latest after this time."""
        return self._ended.wait(seconds)
