"""Writes the world down soon after it has changed, and once more at the end."""

import logging
import threading
from pathlib import Path

from simulator.world.state import glance, saved
from simulator.world.state_file import write
from simulator.world.world import World

LOOK = 0.5  # seconds between two glances
MOST_LOOKS = 3  # a world that never rests is saved all the same
log = logging.getLogger(__name__)


class StateKeeper:
    """A change is on disk once the world has rested for one look, or at the third look after it."""

    def __init__(self, world: World, path: Path) -> None:
        self._world = world
        self._path = path
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="state", daemon=True)
        self._written: tuple[object, ...] = ()
        self._seen: tuple[object, ...] = ()
        self._looks = 0
        self._complained = False

    def start(self) -> None:
        """The first state is written here, so that a place that cannot be written to is an error at once."""
        self._save(glance(self._world))
        self._thread.start()

    def stop(self) -> None:
        """Called when the world has stopped: nothing changes any more."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()
            self._try_to_save(glance(self._world))

    def _run(self) -> None:
        while not self._ended.wait(LOOK):
            now = glance(self._world)
            if now == self._written:
                continue
            self._looks += 1
            if now == self._seen or self._looks >= MOST_LOOKS:
                self._try_to_save(now)
            self._seen = now

    def _try_to_save(self, now: tuple[object, ...]) -> None:
        """A full disk is said once, and tried again with the next look."""
        try:
            self._save(now)
        except OSError as error:
            if not self._complained:
                log.warning("simulator: the state cannot be written for now: %s", error)
            self._complained = True

    def _save(self, now: tuple[object, ...]) -> None:
        """`now` was seen before the save: what changes meanwhile is seen by the next look."""
        write(self._path, saved(self._world))
        self._written, self._looks, self._complained = now, 0, False
