"""Faults by name: what a tester wants to go wrong, where, and how often.

Fault raised inside a call
├── DropConnection     closed without a reply
│   └── ResetConnection  TCP reset instead of an orderly end
├── HttpError          an HTML error page with this status
├── Garbage            a reply that is neither XML nor JSON
└── ToolstackCrash     xapi died at a named step of what it was doing
"""

from __future__ import annotations

import inspect
import itertools
import math
import threading
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, TypeVar

from simulator.world.calllog import plain

if TYPE_CHECKING:
    from simulator.world.host import HostMachine


class FaultInCall(Exception):
    """A fault that the HTTP server turns into bad behaviour on the wire."""


class DropConnection(FaultInCall):
    pass


class ResetConnection(DropConnection):
    pass


class HttpError(FaultInCall):
    def __init__(self, status: int = 500) -> None:
        super().__init__(status)
        self.status = status


class Garbage(FaultInCall):
    body = b"\x00\xff<html>this is no XenAPI"


class ToolstackCrash(DropConnection):
    pass


Act = Callable[["HostMachine", "Fault"], None]


BEFORE = {
    "drop_before": "the connection ends, the call is not executed",
    "reset": "as drop_before, with a TCP reset",
    "delay": "the call waits for `seconds`",
    "hang": "the call waits until faults are removed, then the connection ends",
    "http_500": "an HTML error page",
    "garbage": "a reply that is no XenAPI",
}
AFTER = {"drop_after": "the call is executed, then the connection ends"}
AT_STEP = {"toolstack_crash": "xapi dies at `step` of what it is doing, and starts again"}
LATENT: dict[str, str] = {}
AT_ONCE: dict[str, Act] = {}
F = TypeVar("F", bound="Act")


def latent(kind: str, about: str = "") -> str:
    """Declare a fault that strikes where the code asks for it by this name, and say what happens then."""
    LATENT[kind] = about
    return kind


def at_once(kind: str) -> Callable[[F], F]:
    """Declare a fault that acts on each machine that fits as soon as it is asked for."""

    def register(function: F) -> F:
        AT_ONCE[kind] = function
        return function

    return register


def kinds() -> list[str]:
    return sorted(described())


def described() -> dict[str, str]:
    """What each kind of fault does."""
    acts = {kind: inspect.getdoc(act) or "" for kind, act in AT_ONCE.items()}
    return BEFORE | AFTER | AT_STEP | LATENT | acts


WRONG_PASSWORD = latent("wrong_password", "a right password is refused")
PASSWORD_REJECTED = latent("password_rejected", "the system takes no new password: it is too simple for it")


def is_count(value: object, least: int) -> bool:
    """Whether this is a whole number, and not less."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def is_duration(value: object) -> bool:
    """Whether this is a number of seconds that ends."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


@dataclass(kw_only=True)
class Fault:
    """`times` None means until it is removed; `skip` lets that many pass; `data` narrows it or says what to do."""

    kind: str
    host: str = "*"
    method: str = "*"
    step: str = "*"
    times: int | None = 1
    skip: int = 0
    seconds: float = 0.0
    data: dict[str, str] = field(default_factory=dict)
    id: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.kind not in kinds():
            raise ValueError(f"kind: expected one of {', '.join(kinds())}, got {self.kind!r}")
        for name in ("host", "method", "step"):
            if not isinstance(getattr(self, name), str):
                raise TypeError(f"{name}: expected a text, got {getattr(self, name)!r}")
        if self.times is not None and not is_count(self.times, 1):
            raise ValueError(f"times: expected nothing or a number from 1, got {self.times!r}")
        if not is_count(self.skip, 0):
            raise ValueError(f"skip: expected a number from 0, got {self.skip!r}")
        if not is_duration(self.seconds) or (self.seconds < 0 and self.kind != "clock_skew"):
            raise ValueError(f"seconds: expected a duration, got {self.seconds!r}")

    def is_about(self, facts: dict[str, str]) -> bool:
        """Whether `data` has nothing against these facts."""
        return all(fnmatchcase(facts[key], pattern) for key, pattern in self.data.items() if key in facts)

    def matches(self, host: str, method: str) -> bool:
        return fnmatchcase(host, self.host) and (
            fnmatchcase(method, self.method) or fnmatchcase(plain(method), self.method)
        )


class Faults:
    """The faults now waiting, asked at fixed points of every call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._numbers = itertools.count(1)
        self._removed = threading.Event()
        self._held = threading.local()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nothing goes wrong in this thread meanwhile."""
        self._held.on = True
        try:
            yield
        finally:
            self._held.on = False

    def add(self, fault: Fault) -> Fault:
        with self._lock:
            fault.id = next(self._numbers)
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Remove every fault, and let go of what hangs or waits."""
        with self._lock:
            self._faults.clear()
            released, self._removed = self._removed, threading.Event()
        released.set()

    def waiting(self) -> list[Fault]:
        with self._lock:
            return list(self._faults)

    def before(self, host: str, method: str) -> None:
        """Called before a message runs; may wait, or raise a FaultInCall."""
        fault = self._take(BEFORE, host, method)
        if fault is None:
            return
        if fault.kind in {"delay", "hang"}:
            self._removed.wait(fault.seconds if fault.kind == "delay" else None)
            if fault.kind == "hang":
                raise DropConnection
            return
        raise ERRORS[fault.kind]

    def after(self, host: str, method: str) -> None:
        """Called when a message has run, before its reply is written."""
        if self._take(AFTER, host, method):
            raise DropConnection

    def crashes(self, host: str, step: str) -> bool:
        return self._take(AT_STEP, host, "*", step) is not None

    def happens(self, kind: str, host: str) -> bool:
        """Whether a latent fault of this kind strikes the host now (and uses it up)."""
        return self.strikes(kind, host) is not None

    def strikes(self, kind: str, host: str, **facts: str) -> Fault | None:
        """The latent fault of this kind that strikes the host now; its `data` may name which of many things."""
        with self._lock:
            for fault in self._striking():
                if fault.kind == kind and fnmatchcase(host, fault.host) and fault.is_about(facts):
                    return self._used(fault)
        return None

    def _take(self, kinds: Container[str], host: str, method: str, step: str = "*") -> Fault | None:
        with self._lock:
            for fault in self._striking():
                if fault.kind in kinds and self._fits(fault, host, method, step):
                    return self._used(fault)
        return None

    def _striking(self) -> list[Fault]:
        return [] if getattr(self._held, "on", False) else self._faults

    @staticmethod
    def _fits(fault: Fault, host: str, method: str, step: str) -> bool:
        by_method = method == "*" or fault.matches(host, method)
        return fnmatchcase(host, fault.host) and by_method and (step == "*" or fnmatchcase(step, fault.step))

    def _used(self, fault: Fault) -> Fault | None:
        if fault.skip > 0:
            fault.skip -= 1
            return None
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self._faults.remove(fault)
        return fault


ERRORS: dict[str, type[FaultInCall]] = {
    "drop_before": DropConnection,
    "reset": ResetConnection,
    "http_500": HttpError,
    "garbage": Garbage,
}
