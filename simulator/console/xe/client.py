"""From the shell to a toolstack: this server's own, or its coordinator's over the network."""

from contextlib import suppress
from dataclasses import dataclass

from simulator.console.shell import CommandFailedError, Keyboard
from simulator.database import Database
from simulator.world import reach
from simulator.world.faults import FaultInCall
from simulator.world.host import HostMachine
from simulator.world.role import master_address
from simulator.xapi.dispatch import Request, serve_call
from simulator.xapi.errors import XapiError

TRANSPORT = "console"
LOOK_AGAIN = 0.05
REFUSED = "Error: Connection refused (calling connect )"
LOST = "Lost connection to the server."


@dataclass(frozen=True)
class Login:
    """A message that opens a session with root's name and password, and what it wants beside them."""

    method: str
    more: tuple[str, ...] = ()


OF_THE_POOL = Login("session.login_with_password", ("1.0", "xapi-cli"))
OF_THIS_SERVER = Login("session.slave_local_login_with_password")


class Client:
    """One run of `xe`; close it, and its session is gone."""

    def __init__(self, machine: HostMachine, keyboard: Keyboard) -> None:
        self._machine = machine
        self._keyboard = keyboard
        self._sessions: dict[str, tuple[HostMachine, str]] = {}

    @property
    def here(self) -> HostMachine:
        return self._machine

    @property
    def database(self) -> Database:
        """The pool's, from which lists are read."""
        self.call("pool.get_all")
        return self._server().database

    def call(self, method: str, *arguments: object) -> object:
        """On the coordinator; without one that can be reached this hangs, until Ctrl-C (network.md 4.2)."""
        return self._call(self._server(), OF_THE_POOL, method, arguments)

    def local(self, method: str, *arguments: object) -> object:
        """On this server, in whatever state it is: the emergency commands."""
        return self._call(self._machine, OF_THIS_SERVER, method, arguments)

    def ref(self, cls: str, uuid: str) -> str:
        return str(self.call(f"{cls}.get_by_uuid", uuid))

    def uuid(self, cls: str, ref: object) -> str:
        return str(self.call(f"{cls}.get_uuid", ref))

    def close(self) -> None:
        """Log out, where there is still somebody to hear it."""
        for login, (server, session) in self._sessions.items():
            logout = "session.local_logout" if login == OF_THIS_SERVER.method else "session.logout"
            with suppress(XapiError, FaultInCall):
                if server.up:
                    serve_call(server, Request(logout, [session], TRANSPORT))

    def _server(self) -> HostMachine:
        """The master as the role of the running toolstack names it."""
        machine = self._machine
        address = master_address(machine.role)
        if not address or machine.emergency_error:
            return machine
        while True:
            master = machine.world.at(address)
            if master and master.up and reach.between(machine, master):
                return master
            self._keyboard.wait(LOOK_AGAIN)

    def _call(self, server: HostMachine, login: Login, method: str, arguments: tuple[object, ...]) -> object:
        if not server.up:
            raise CommandFailedError(REFUSED)
        try:
            session = self._session(server, login)
            return serve_call(server, Request(method, [session, *arguments], TRANSPORT))
        except XapiError as error:
            raise CommandFailedError(told(error)) from error
        except FaultInCall as fault:
            raise CommandFailedError(LOST) from fault

    def _session(self, server: HostMachine, login: Login) -> str:
        if login.method not in self._sessions:
            words: list[object] = [server.username, server.password, *login.more]
            self._sessions[login.method] = server, str(serve_call(server, Request(login.method, words, TRANSPORT)))
        return self._sessions[login.method][1]


def told(error: XapiError) -> str:
    """As xe tells an error for which it has no sentence of its own."""
    return f"Error code: {error.code}\nError parameters: {', '.join(map(str, error.params))}"
