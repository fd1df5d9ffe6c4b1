"""What a join makes of the joiner's networks (network.md 3.2)."""

from simulator.running import Simulation
from simulator.xapi.network.rows import network_of_bridge
from simulator.xapi.rows import first
from tests.simulator.network.rows import network
from tests.simulator.pool.joining import joined


def test_a_network_with_a_bridge_of_its_own_keeps_label_and_mtu_but_no_tags(sim: Simulation) -> None:
    joiner, master = sim.hosts
    network(joiner, "Lost")
    network(joiner, "Kept", MTU=9000).set(bridge="lan", tags=["a"])
    network(joiner, "Clashing").set(bridge="dmz")
    network(master, "Dmz").set(bridge="dmz")
    joined(sim, joiner, master)
    assert first(master.database, "network", name_label="Lost") is None
    assert first(master.database, "network", name_label="Clashing") is None
    kept = network_of_bridge(master.database, "lan")
    assert kept is not None
    assert (kept.text("name_label"), kept.number("MTU"), kept.items("tags")) == ("Kept", 9000, [])
