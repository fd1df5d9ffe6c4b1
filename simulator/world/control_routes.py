"""How a path of the control API gets its code, and what that code is given."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import unquote

from simulator.world.host import HostMachine
from simulator.world.world import World


class BadRequestError(ValueError):
    """What the caller sent makes no sense; the text says why."""


@dataclass(frozen=True)
class Ask:
    """One request; `names` has what stands for each {name} of the path; setting `ending` ends us after the reply."""

    world: World
    ending: threading.Event
    query: dict[str, str]
    body: dict[str, object]
    names: dict[str, str]

    @property
    def machine(self) -> HostMachine:
        """The host of a path with {host}."""
        return self.world.machine(self.names["host"])

    def flag(self, name: str) -> bool:
        value = self.body.get(name)
        if not isinstance(value, bool):
            raise BadRequestError(f"{name}: expected true or false")
        return value


Route = Callable[[Ask], object]
F = TypeVar("F", bound=Route)
ROUTES: dict[tuple[str, str], Route] = {}


def route(verb: str, path: str) -> Callable[[F], F]:
    """Serve a path, such as "/hosts/{host}/power"; LookupError is 404, ValueError and TypeError are 400."""

    def register(function: F) -> F:
        ROUTES[verb, path] = function
        return function

    return register


def find(verb: str, path: str) -> tuple[Route, dict[str, str]]:
    for (known, pattern), function in ROUTES.items():
        match = re.fullmatch(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", pattern), path.rstrip("/"))
        if known == verb and match:
            return function, {name: unquote(text) for name, text in match.groupdict().items()}
    raise LookupError(f"no {verb} {path}; there is {', '.join(f'{v} {p}' for v, p in ROUTES)}")
