"""Operations drawn at random: a table of messages, whose arguments are picked from what the pool has."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from simulator.schema.types import NULL
from simulator.world.host import HostMachine
from simulator.world.switches import set_carrier
from tests.simulator.invariants import Lab

Picks = Iterator[int]


@dataclass(frozen=True)
class One:
    """The reference of some object of this class; `fields` that it has."""

    cls: str
    fields: dict[str, object]

    def __init__(self, cls: str, **fields: object) -> None:
        object.__setattr__(self, "cls", cls)
        object.__setattr__(self, "fields", fields)

    def value(self, lab: Lab, picks: Picks) -> object:
        return picked(lab.coordinator.database.find(self.cls, **self.fields), picks)


@dataclass(frozen=True)
class Consecutive:
    """Some that were made one after the other: mostly those of one host."""

    cls: str
    count: int

    def value(self, lab: Lab, picks: Picks) -> object:
        refs = lab.coordinator.database.refs(self.cls)
        place = next(picks) % max(len(refs), 1)
        return refs[place : place + self.count]


@dataclass(frozen=True)
class Fresh:
    """One that is made for the purpose."""

    cls: str

    def value(self, lab: Lab, _picks: Picks) -> object:
        before = lab.coordinator.database.refs(self.cls)
        lab.call(lab.coordinator, f"{self.cls}.create", {"name_label": "fresh", "other_config": {}})
        new = [ref for ref in lab.coordinator.database.refs(self.cls) if ref not in before]
        return new[0] if new else NULL


@dataclass(frozen=True)
class Number:
    most: int

    def value(self, _lab: Lab, picks: Picks) -> object:
        return next(picks) % self.most


@dataclass(frozen=True)
class Address:
    """Of the coordinator."""

    def value(self, lab: Lab, _picks: Picks) -> object:
        return lab.coordinator.address


def picked(refs: list[str], picks: Picks) -> str:
    return refs[next(picks) % len(refs)] if refs else NULL


def perform(lab: Lab, method: str, arguments: tuple[object, ...], picks: Picks) -> list[str]:
    """Call the coordinator, or for what a member does about itself the server picked."""
    values = [each.value(lab, picks) if hasattr(each, "value") else each for each in arguments]
    asked = machine(lab, picks) if method in ON_ANY else lab.coordinator
    return lab.call(asked, method, *values)


ON_ANY = {"pool.join", "pool.emergency_transition_to_master"}


def machine(lab: Lab, picks: Picks) -> HostMachine:
    return lab.sim.hosts[next(picks) % len(lab.sim.hosts)]


def switch_power(lab: Lab, picks: Picks) -> None:
    """One server at most is off: a lab in which nobody answers shows little."""
    off = [each for each in lab.sim.hosts if not each.powered]
    if off:
        lab.sim.world.power_on(off[0])
    else:
        lab.sim.world.power_off(machine(lab, picks))


def pull_or_put_a_cable(lab: Lab, picks: Picks) -> None:
    cards = [(each, nic) for each in lab.sim.hosts for nic in each.hardware.nics]
    pulled = [(each, nic) for each, nic in cards if not nic.carrier]
    chosen, nic = pulled[0] if pulled else cards[next(picks) % len(cards)]
    set_carrier(chosen, nic, on=not nic.carrier)


WORLD: dict[str, Callable[[Lab, Picks], None]] = {"power": switch_power, "cable": pull_or_put_a_cable}
