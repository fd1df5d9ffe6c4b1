"""The ordered checks of pool.join (pool.md 1.2); check 1 needs a pool of three."""

from functools import partial

from simulator.running import Simulation
from simulator.scenes.rules import SPOILERS, spoil
from tests.simulator.conformance.runner import Asked, Row


def _spoiled(sim: Simulation, name: str) -> Asked:
    joiner, master = sim.hosts
    error = spoil(name, joiner, master)
    return Asked(host=joiner, args=(master.address, master.username, master.password), error=error)


def _fourth(sim: Simulation) -> Asked:
    joiner, master = sim.host("pool-size"), sim.host("trio-1")
    args = (master.address, master.username, master.password)
    return Asked(host=joiner, args=args, error=["LICENCE_RESTRICTION", "Pool_size"])


ROWS = (
    Row(id="join-1", source="pool.md 1.2, 1", method="pool.join", arrange=_fourth, scene="every-join-refusal"),
    *(
        Row(
            id=f"join-{each.rule}-{each.name}",
            source=f"pool.md 1.2, {each.rule}",
            method="pool.join",
            arrange=partial(_spoiled, name=each.name),
        )
        for each in SPOILERS.values()
        if each.rule != "1"
    ),
)
