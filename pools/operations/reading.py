"""Servers read at the same time, each by a thread of its own: what one of them does costs no other anything."""

import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from pools.checks.facts import ServerFacts

AT_ONCE: Final = 64
Read = Callable[[], ServerFacts]


class Reading:
    """A reading under way. Its threads never keep a process from ending, and never use the database."""

    def __init__(self, asked: Mapping[str, Read]) -> None:
        self.asked = frozenset(asked)
        self._waiting = deque(asked.items())
        self._news = threading.Condition()
        self._answers: dict[str, ServerFacts] = {}
        self._last = time.monotonic()
        for number in range(min(len(asked), AT_ONCE)):
            threading.Thread(target=self._work, name=f"facts-{number}", daemon=True).start()

    def _work(self) -> None:
        while True:
            try:
                uuid, read = self._waiting.popleft()
            except IndexError:
                return
            facts = read()
            with self._news:
                self._answers[uuid] = facts
                self._last = time.monotonic()
                self._news.notify_all()

    def answers(self) -> dict[str, ServerFacts]:
        """What is known so far, by uuid."""
        with self._news:
            return dict(self._answers)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until every server has answered, or the time is up."""
        with self._news:
            return self._news.wait_for(lambda: self.asked == self._answers.keys(), seconds)

    def settle(self, but: Collection[str], quiet: float, seconds: float) -> Mapping[str, ServerFacts]:
        """Wait for more answers than ``but``, and on until no more come for a moment; return all there are."""
        end = time.monotonic() + seconds
        with self._news:
            while self.asked != self._answers.keys():
                now = time.monotonic()
                pause = self._last + quiet if len(self._answers) > len(but) else end
                if now >= min(pause, end):
                    break
                self._news.wait(min(pause, end) - now)
            return dict(self._answers)


def all_of(reading: Reading, uuids: Sequence[str]) -> list[ServerFacts]:
    """Wait for every answer; they come in the order of the uuids."""
    reading.wait()
    answers = reading.answers()
    return [answers[uuid] for uuid in uuids]
