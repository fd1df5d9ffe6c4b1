"""One table of refusals: what is done to a lab, what is asked of it, and the exact error that must come back."""

import importlib
import pkgutil
import xmlrpc.client
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from simulator.running import Simulation, running
from simulator.scenes.model import Scene
from simulator.world import state_database
from simulator.world.host import HostMachine
from tests.simulator.rpc import Rpc, XapiFailure, unverified

TRANSPORTS = ("json", "xml")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A call, and the error that it must give: code first; an empty list where it must succeed."""

    host: HostMachine
    args: tuple[object, ...]
    error: list[str]


@dataclass(frozen=True, kw_only=True)
class Row:
    """`source` is the place in the facts (pool.md 1.2, row 7); `arrange` makes the fault and says what to ask.

    A `calm` row restarts nothing and nobody: it borrows a lab that other rows use before and after it.
    """

    id: str
    source: str
    method: str
    arrange: Callable[[Simulation], Asked]
    scene: str | Scene = "two-standalone"
    calm: bool = False


class Labs:
    """One running lab per scene, for calm rows: rows and disks are as they were when a borrower is done."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._labs: dict[str, Simulation] = {}

    @contextmanager
    def borrow(self, scene: str | Scene) -> Iterator[Simulation]:
        name = scene if isinstance(scene, str) else scene.name
        if name not in self._labs:
            self._labs[name] = self._stack.enter_context(running(scene))
        sim = self._labs[name]
        databases = {id(host.database): host.database for host in sim.hosts}
        saved = {key: state_database.saved(database) for key, database in databases.items()}
        before = [(host, id(host.database), host.disk.copied()) for host in sim.hosts]
        try:
            yield sim
        finally:
            anew = {key: state_database.restored(sim.world.schema, each) for key, each in saved.items()}
            for host, key, disk in before:
                host.database = anew[key]
                host.take_disk(disk)
            sim.world.faults.clear()

    def close(self) -> None:
        self._stack.close()


def all_rows() -> Iterator[Row]:
    """ROWS of every module rows_*.py beside this one."""
    package = importlib.import_module(__package__)
    for found in pkgutil.iter_modules(package.__path__):
        if found.name.startswith("rows_"):
            yield from importlib.import_module(f"{__package__}.{found.name}").ROWS


def check(row: Row, transport: str, labs: Labs) -> None:
    with labs.borrow(row.scene) if row.calm else running(row.scene) as sim:
        asked = row.arrange(sim)
        answer = {"json": over_json, "xml": over_xml}[transport](asked, row.method)
        assert answer == asked.error, row.source


def over_json(asked: Asked, method: str) -> list[str]:
    try:
        Rpc(asked.host).call(method, *asked.args)
    except XapiFailure as failure:
        return failure.description
    return []


def over_xml(asked: Asked, method: str) -> list[str]:
    """Integers travel as text, as clients of xapi send them."""
    host = asked.host
    with xmlrpc.client.ServerProxy(f"https://{host.address}:{host.port}", context=unverified()) as server:
        session, refused = _answer(server, "session.login_with_password", host.username, host.password, "1", "tests")
        return refused or _answer(server, method, session, *(_as_text(value) for value in asked.args))[1]


def _as_text(value: object) -> object:
    if type(value) is int:
        return str(value)
    if isinstance(value, dict):
        return {key: _as_text(item) for key, item in value.items()}
    return [_as_text(item) for item in value] if isinstance(value, list) else value


def _answer(server: xmlrpc.client.ServerProxy, method: str, *params: object) -> tuple[object, list[str]]:
    """The value and the error; one of them is empty."""
    answer = getattr(server, method)(*params)
    return answer.get("Value"), answer.get("ErrorDescription", [])
