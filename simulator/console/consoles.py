"""The consoles of a world: each opened when somebody first asks for it."""

import threading

from simulator.console.terminal import Console
from simulator.world.host import HostMachine


class Consoles:
    """By the name of the machine."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._consoles: dict[str, Console] = {}

    def port(self, machine: HostMachine) -> int:
        with self._lock:
            if machine.name not in self._consoles:
                self._consoles[machine.name] = Console(machine)
            return self._consoles[machine.name].port

    def close(self) -> None:
        with self._lock:
            consoles, self._consoles = self._consoles, {}
        for console in consoles.values():
            console.close()
