"""What happens later: one thread for a whole world, and none while nothing is due."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable

Work = Callable[[], None]


class Schedule:
    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: list[tuple[float, int, Work]] = []
        self._numbers = itertools.count()
        self._running = self._ended = False

    def after(self, seconds: float, work: Work) -> None:
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._numbers), work))
            if not (self._running or self._ended):
                self._running = True
                threading.Thread(target=self._run, name="schedule", daemon=True).start()
            self._changed.notify()

    def end(self) -> None:
        """Nothing that is still due happens."""
        with self._changed:
            self._ended = True
            self._due.clear()
            self._changed.notify()

    def _run(self) -> None:
        while work := self._next():
            work()

    def _next(self) -> Work | None:
        """What is due first, when it is due; None ends the thread."""
        with self._changed:
            while self._due:
                wait = self._due[0][0] - time.monotonic()
                if wait <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(wait)
            self._running = False
            return None
