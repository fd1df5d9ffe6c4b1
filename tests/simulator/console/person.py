"""A person at a console, for tests: types lines and reads what comes back."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from simulator.console.terminal import ADDRESS
from simulator.running import Simulation
from simulator.world.host import HostMachine

PATIENCE = 10.0


class Person:
    def __init__(self, connection: socket.socket, machine: HostMachine) -> None:
        self._connection = connection
        self._machine = machine
        self._seen = ""

    @property
    def prompt(self) -> str:
        return f"[root@{self._machine.name} ~]# "

    def log_in(self, password: str | None = None) -> None:
        self.expect("login: ")
        self.send("root")
        self.expect("Password: ")
        self.send(password or self._machine.password)

    def type(self, line: str) -> str:
        """Type a line at the prompt; gives what is printed before the next prompt."""
        self.send(line)
        return self.expect(self.prompt).removesuffix(self.prompt)

    def send(self, line: str) -> None:
        self._connection.sendall(line.encode() + b"\n")

    def interrupt(self) -> None:
        self._connection.sendall(b"\x03")

    def expect(self, text: str) -> str:
        """Read until this text has come; gives all up to its end."""
        end = time.monotonic() + PATIENCE
        while text not in self._seen:
            self._connection.settimeout(max(end - time.monotonic(), 0.01))
            data = self._connection.recv(65536)
            assert data, f"the console ended before {text!r}: {self._seen!r}"
            self._seen += data.decode().replace("\r\n", "\n")
        before, _, self._seen = self._seen.partition(text)
        return before + text

    def hears_nothing(self, seconds: float = 0.3) -> bool:
        self._connection.settimeout(seconds)
        try:
            self._seen += self._connection.recv(65536).decode()
        except TimeoutError:
            return not self._seen
        return False


@contextmanager
def standing_before(sim: Simulation, machine: HostMachine, *, logged_in: bool = True) -> Iterator[Person]:
    with socket.create_connection((ADDRESS, sim.world.consoles.port(machine)), timeout=PATIENCE) as connection:
        person = Person(connection, machine)
        if logged_in:
            person.log_in()
            person.expect(person.prompt)
        yield person
