"""One wrong thing at a time: for each check of Pool.join a way to make it refuse, and what it will say."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from simulator.world.host import HostMachine

Side = Literal["joiner", "pool"]
Refusal = list[str]
Spoil = Callable[[HostMachine, HostMachine], Refusal]


@dataclass(frozen=True)
class Spoiler:
    """`rule` is the row of xapi's ordered checks; `side` the one that is at fault."""

    name: str
    rule: str
    side: Side
    apply: Spoil


SPOILERS: dict[str, Spoiler] = {}
F = TypeVar("F", bound=Spoil)


def spoiler(name: str, rule: str, side: Side = "joiner") -> Callable[[F], F]:
    def register(function: F) -> F:
        SPOILERS[name] = Spoiler(name, rule, side, function)
        return function

    return register


def spoil(name: str, joiner: HostMachine, coordinator: HostMachine) -> Refusal:
    """Spoil one thing; gives code and parameters with which the join will be refused."""
    return SPOILERS[name].apply(joiner, coordinator)


def spoil_in_scene(name: str, machine: HostMachine, reference: HostMachine) -> None:
    """Spoil `machine`, whichever side is at fault; `reference` plays the other."""
    if SPOILERS[name].side == "joiner":
        spoil(name, machine, reference)
    else:
        spoil(name, reference, machine)
