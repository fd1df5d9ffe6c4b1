"""A line terminal over TCP on loopback: what a serial console or IPMI shows of one server."""

import contextlib
import select
import socket
import threading

from simulator.console.shell import Interrupted, Keyboard, LoggedOut, Shell
from simulator.world.host import HostMachine

ADDRESS = "127.0.0.1"
INTERRUPT = b"\x03"
LOOK_AGAIN = 0.05  # seconds between two looks at the power of the machine
LONGEST_LINE = 10_000
NO_POWER = "(no power)\n"


class Gone(Exception):
    """The person closed the connection, or the console was closed."""


class Console:
    """The listening side; each connection is a terminal of its own."""

    def __init__(self, machine: HostMachine) -> None:
        self._machine = machine
        self._listener = socket.create_server((ADDRESS, 0))
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, name=f"console-{machine.name}", daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            connections, self._open = self._open, set()
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                connection, _peer = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)
        with connection, contextlib.suppress(OSError, Gone):
            Terminal(self._machine, connection).serve()
        with self._lock:
            self._open.discard(connection)


class Terminal:
    """One connection: login after login, as long as there is power and somebody there."""

    def __init__(self, machine: HostMachine, connection: socket.socket) -> None:
        self._machine = machine
        self._connection = connection
        self._received = b""
        self._boot = machine.booted_at

    def serve(self) -> None:
        while self._machine.powered:
            self._boot = self._machine.booted_at
            with contextlib.suppress(LoggedOut, Interrupted):
                self._log_in()
                self._converse()
        self._write(NO_POWER)

    def _log_in(self) -> None:
        name = self._machine.name
        while True:
            user = self._ask(f"\n{name} login: ")
            if self._machine.check_password(user, self._ask("Password: ")):
                return
            self._write("\nLogin incorrect\n")

    def _converse(self) -> None:
        shell = Shell(self._machine, Keyboard(self._ask, self._wait))
        while True:
            try:
                self._write(shell.run(self._ask(f"[root@{self._machine.name} ~]# ")))
            except Interrupted:
                self._write("^C\n")

    def _ask(self, text: str) -> str:
        """Write this, and read a line."""
        self._write(text)
        while b"\n" not in self._received:
            self._look()
            self._receive(LOOK_AGAIN)
        line, _, self._received = self._received.partition(b"\n")
        return line.decode("utf-8", "replace").rstrip("\r")

    def _wait(self, seconds: float) -> None:
        """Let time pass; Ctrl-C ends it, and so does the end of the machine's run."""
        self._look()
        self._receive(min(seconds, LOOK_AGAIN))

    def _look(self) -> None:
        if not self._machine.powered or self._machine.booted_at != self._boot:
            raise LoggedOut

    def _receive(self, seconds: float) -> None:
        if not select.select([self._connection], [], [], seconds)[0]:
            return
        data = self._connection.recv(4096)
        if not data or len(self._received) > LONGEST_LINE:
            raise Gone
        _before, interrupt, after = data.rpartition(INTERRUPT)
        self._received = after if interrupt else self._received + after
        if interrupt:
            raise Interrupted

    def _write(self, text: str) -> None:
        self._connection.sendall(text.replace("\n", "\r\n").encode())
