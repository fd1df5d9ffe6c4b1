"""Damage by name: rows made wrong in a way that real pools are found in."""

from collections.abc import Callable
from typing import TypeVar

from simulator.world.host import HostMachine
from simulator.xapi.rows import NULL, Row, rows

Damage = Callable[[HostMachine, dict[str, str]], None]
DAMAGES: dict[str, Damage] = {}
F = TypeVar("F", bound=Damage)


def damage(name: str) -> Callable[[F], F]:
    """Declare a damage that a scene may name; it gets the host and the scene's `data`."""

    def register(function: F) -> F:
        DAMAGES[name] = function
        return function

    return register


@damage("bond-without-primary")
def bond_without_primary(machine: HostMachine, _data: dict[str, str]) -> None:
    """Every bond of the host has lost its primary_slave."""
    for bond in rows(machine.database, "Bond"):
        if Row(machine.database, "PIF", bond.text("master")).text("host") == machine.ref:
            bond.set(primary_slave=NULL)
