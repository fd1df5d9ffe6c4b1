"""Servers that are installed when somebody first looks at one of them: a large estate starts in no time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.world.host import HostMachine

AT_ONCE = 64  # scenes of so many servers are installed before they start


class Part:
    """A pool, or one server alone; `installed` once all of it is. Whoever comes second waits until then."""

    def __init__(self, machines: Iterable[HostMachine], install: Callable[[], None]) -> None:
        self.installed = False
        self._install: Callable[[], None] | None = install
        self._lock = threading.RLock()
        for machine in machines:
            machine.part = self

    def open(self) -> None:
        """Install, once; the installing thread itself meets the servers as they are meanwhile."""
        with self._lock:
            install, self._install = self._install, None
            if install:
                install()
                self.installed = True
