"""Whatever NICs, bonds, VLANs and bridges two servers have: what is foretold of the join is what it makes."""

from hypothesis import HealthCheck, Phase, given, settings

from pools.checks.after_join import compare
from simulator.running import running
from tests.pools.forecast.parity import assert_network_as_foretold, bridges_of_nics, join
from tests.pools.forecast.topologies import Topology, topologies


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
@given(topologies())
def test_any_small_network_comes_out_as_foretold(topology: Topology) -> None:
    with running(topology.scene) as sim:
        master, joiner = sim.hosts
        topology.spoil(joiner)
        parity = join(sim, joiner, master)
    assert_network_as_foretold(parity)
    assert {nic.device: nic.bridge for nic in parity.forecast.nics} == bridges_of_nics(parity)
    assert compare(parity.forecast, parity.after, parity.host.uuid) == []
