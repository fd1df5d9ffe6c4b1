"""A start that fails: what aborts it, and what the host says meanwhile (pool.md 4.6)."""

from simulator.running import Simulation
from tests.simulator.pool.joining import is_enabled, joined
from tests.simulator.waiting import until


def test_a_failing_database_sync_is_an_emergency_and_is_tried_again(sim: Simulation) -> None:
    host = sim.hosts[0]
    metrics = host.database.field("host", host.ref, "metrics")
    host.database.set("host", host.ref, metrics="OpaqueRef:gone")
    sim.world.restart(host, after=0)
    until(lambda: host.emergency_error and host.up)
    assert host.emergency_error
    assert host.emergency_error.description == ["HANDLE_INVALID", "host_metrics", "OpaqueRef:gone"]
    assert not host.settled
    host.database.set("host", host.ref, metrics=metrics)
    until(lambda: host.settled and host.up)
    assert host.emergency_error is None


def test_a_network_that_cannot_be_copied_never_aborts_a_start(sim: Simulation) -> None:
    joiner, master = sim.hosts
    joined(sim, joiner, master)
    until(lambda: joiner.settled)
    pifs = master.database.field("host", master.ref, "PIFs")
    assert isinstance(pifs, list)
    master.database.create("Bond", master=pifs[0], slaves=["OpaqueRef:gone"], primary_slave="OpaqueRef:gone")
    sim.world.restart(joiner, after=0)
    until(lambda: joiner.settled and joiner.up)
    assert is_enabled(master, joiner.uuid)
    assert joiner.emergency_error is None
