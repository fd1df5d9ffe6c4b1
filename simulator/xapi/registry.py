"""How a message gets its code, and what that code is given."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from simulator.database import Database
from simulator.schema import MessageSpec, schema
from simulator.schema.hidden import HIDDEN
from simulator.schema.implicit import implicit_messages
from simulator.xapi.errors import XapiError


class CallLogView(Protocol):
    def record(self, host: str, method: str, arguments: list[object], **rest: str) -> None: ...
    def connected(self, host: str) -> None: ...


class FaultsView(Protocol):
    def before(self, host: str, method: str) -> None: ...
    def after(self, host: str, method: str) -> None: ...


class TimingView(Protocol):
    @property
    def batching(self) -> float: ...
    def call_delay(self) -> None: ...


class WorldView(Protocol):
    """What the dispatcher tells, and asks, about the world."""

    @property
    def calllog(self) -> CallLogView: ...
    @property
    def faults(self) -> FaultsView: ...
    @property
    def timing(self) -> TimingView: ...
    def machine(self, key: str) -> "HostView": ...


class CertificateView(Protocol):
    @property
    def certificate(self) -> Path: ...
    @property
    def key(self) -> Path: ...
    def thumbprint(self, name: str) -> str: ...


class Sessions(Protocol):
    def clear(self) -> None: ...
    def is_local(self, ref: str) -> bool: ...
    def open_local(self, name: str) -> str: ...
    def close_local(self, ref: str) -> None: ...


class HostView(Protocol):
    """A host as the wire needs it; `role` is "master", "slave:<address>" or "broken"."""

    @property
    def uuid(self) -> str: ...
    @property
    def ref(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def database(self) -> Database: ...
    @property
    def role(self) -> str: ...
    @property
    def emergency_error(self) -> XapiError | None: ...
    @property
    def up(self) -> bool: ...
    @property
    def certificate(self) -> CertificateView: ...
    @property
    def world(self) -> WorldView: ...
    @property
    def sessions(self) -> Sessions: ...
    def check_password(self, user: str, password: str) -> bool: ...
    def await_light(self, has_left: Callable[[], bool]) -> None: ...
    def now(self) -> float: ...


@dataclass(frozen=True)
class SessionRow:
    """The session of a call; root may do everything."""

    ref: str
    user: str
    is_local_superuser: bool
    permissions: frozenset[str]
    local: bool = False
    identifier: str = ""


class TaskHandle(Protocol):
    """The task of a running message: each write is seen by whoever watches."""

    @property
    def ref(self) -> str: ...
    @property
    def cancelled(self) -> bool: ...
    def set_progress(self, progress: float) -> None: ...
    def check_cancelled(self) -> None: ...


@dataclass(frozen=True)
class Call:
    """`method` is the name as called, without Async; `transport` is "xmlrpc" or "jsonrpc"."""

    host: HostView
    session: SessionRow | None = None
    task: TaskHandle | None = None
    method: str = ""
    transport: str = ""


@dataclass(frozen=True)
class Handler:
    cls: str
    spec: MessageSpec
    function: Callable[..., object]


HANDLERS: dict[str, Handler] = {}
F = TypeVar("F", bound=Callable[..., object])


def _published(cls: str, name: str) -> MessageSpec:
    spec = schema().classes[cls]
    return spec.messages.get(name) or implicit_messages(spec).get(name) or HIDDEN[f"{cls}.{name}"]


def message(cls: str, name: str, *, spec: MessageSpec | None = None) -> Callable[[F], F]:
    """Serve `cls.name` with this function; `spec` only where neither the model nor schema.hidden has it."""
    found = spec or _published(cls, name)

    def register(function: F) -> F:
        HANDLERS[f"{cls}.{name}"] = Handler(cls, found, function)
        return function

    return register
