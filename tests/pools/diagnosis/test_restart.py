"""What a toolstack start is foretold to make of each member is what the simulated one makes, twice in a row."""

import pytest

from pools.diagnosis.restart import Did, Start, next_start
from pools.diagnosis.topology import Side, Topology
from simulator.running import Simulation, running
from tests.pools.diagnosis.reading import read
from tests.simulator.network.pair import start_again


def foretold(sim: Simulation) -> tuple[Topology, dict[str, Start]]:
    topology = Topology(pool=read(sim.hosts[0]))
    return topology, {side.host.name_label: next_start(topology, side) for side in topology.sides.values()}


def vlans(side: Side) -> list[tuple[str, str]]:
    return sorted((side.named(each.pif), each.below.ref) for each in side.vlans)


@pytest.mark.parametrize("scene", ["bond-museum", "ibm-cloud"])
def test_bonds_vlans_and_management_are_where_they_were_foretold(scene: str) -> None:
    with running(scene) as sim:
        for _ in range(2):
            before, starts = foretold(sim)
            for host in sim.hosts:
                if host.name in starts and host.role != "master":
                    start_again(host)
            for side in Topology(pool=read(sim.hosts[0])).sides.values():
                assert_as_foretold(before.sides[side.host.ref], side, starts[side.host.name_label])


def assert_as_foretold(before: Side, after: Side, start: Start) -> None:
    name = after.host.name_label
    assert {network: bonded.refs for network, bonded in after.bonds.items()} == start.made_of, name
    made = len(after.vlans) - len(before.vlans)
    assert made == len(start.vlans), name
    moved = {what: there for what, _, there in start.moved}
    if "management" in moved:
        assert after.management is not None
        assert after.named(after.management) == moved["management"], name
    elif before.management is not None:
        assert after.management is not None
        assert after.management.network == before.management.network, name


def test_crossed_bonds_take_management_away_before_they_are_whole_again() -> None:
    with running("ibm-cloud") as sim:
        _, starts = foretold(sim)
    crossed = starts["ibm-3"]
    assert [(bond.name, bond.did, bond.refusal) for bond in crossed.bonds] == [
        ("Private bond", Did.DESTROYED, "PIF_ALREADY_BONDED"),
        ("Public bond", Did.REMADE, ""),
    ]
    assert ("management", "Public bond", "eth0") in crossed.moved
    assert crossed.changes
    assert not starts["ibm-1"].changes
