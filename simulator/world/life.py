"""One run of a toolstack: what waits in it ends when the toolstack ends."""

import threading

from simulator.world.faults import DropConnection


class LifeEnded(DropConnection):
    """The toolstack that was doing this is gone, and the connection with it."""


class Life:
    """`boot` when it begins with the start of the whole server."""

    def __init__(self, *, boot: bool = False) -> None:
        self._ended = threading.Event()
        self.boot = boot

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
