"""Tables of refusals for calm rows: method, case, and how it comes about on the first host of a lab."""

from collections.abc import Callable, Mapping
from functools import partial

from simulator.running import Simulation
from simulator.world.host import HostMachine
from simulator.xapi.rows import Row as Record
from tests.simulator.conformance.runner import Asked, Row
from tests.simulator.network.rows import pool

Arranged = tuple[tuple[object, ...], list[str]]
Arrange = Callable[[HostMachine], Arranged]
Table = Mapping[str, Mapping[str, Arrange]]


def rows_of(table: Table, source: str, scene: str = "two-standalone") -> tuple[Row, ...]:
    return tuple(
        Row(
            id=f"{method.lower().replace('.', '-')}-{name}",
            source=f"{source}, {method}",
            method=method,
            arrange=partial(_asked, arrange),
            scene=scene,
            calm=True,
        )
        for method, cases in table.items()
        for name, arrange in cases.items()
    )


def refused(code: str, make: Callable[[HostMachine], Record], *rest: object) -> Arrange:
    """What is made is refused, with these further arguments, by its own reference."""

    def arrange(host: HostMachine) -> Arranged:
        made = make(host)
        return (made.ref, *rest), [code, made.ref]

    return arrange


def protected(flag: str, code: str, make: Callable[[HostMachine], Record], *rest: object) -> Arrange:
    """The same, refused because the pool has a flag set."""

    def arrange(host: HostMachine) -> Arranged:
        made = make(host)
        pool(host).set(**{flag: True})
        return (made.ref, *rest), [code]

    return arrange


def _asked(arrange: Arrange, sim: Simulation) -> Asked:
    args, error = arrange(sim.hosts[0])
    return Asked(host=sim.hosts[0], args=args, error=error)
