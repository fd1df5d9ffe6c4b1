"""Whether packets reach a machine. What is sent in the dark waits for the light, as TCP does."""

import threading
from collections.abc import Callable

from simulator.world.faults import DropConnection
from simulator.world.life import Life

LOOK = 0.05  # seconds between two looks at whether the toolstack has ended meanwhile


class Link:
    def __init__(self, *, lit: bool) -> None:
        self._lit = threading.Event()
        self._turning = threading.Lock()
        self.follow(lambda: lit)

    @property
    def lit(self) -> bool:
        return self._lit.is_set()

    def follow(self, is_lit: Callable[[], bool]) -> bool:
        """Be as it is now, and say whether it has become light; of two who look at a time, none leaves what was."""
        with self._turning:
            before = self.lit
            if is_lit():
                self._lit.set()
            else:
                self._lit.clear()
            return self.lit and not before

    def wait(self, life: Life, has_left: Callable[[], bool]) -> None:
        """Stall while it is dark; raises when the life ends, or who waits for an answer has left meanwhile."""
        while not self._lit.is_set():
            if has_left():
                raise DropConnection
            life.pause(0)
            self._lit.wait(LOOK)
