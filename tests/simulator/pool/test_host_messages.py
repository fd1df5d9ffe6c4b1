import pytest

from simulator.running import Simulation
from simulator.world.host import HostMachine
from tests.simulator.pool.joining import is_enabled, joined
from tests.simulator.rpc import Rpc, XapiFailure
from tests.simulator.waiting import until


def network(**fields: object) -> dict[str, object]:
    return {"name_label": "Guests", "MTU": 9000, "other_config": {}, **fields}


def test_a_created_network_gets_a_bridge_of_its_own(rpc: Rpc) -> None:
    made = [rpc.record("network", rpc.call("network.create", network())) for _ in range(2)]
    assert [row["bridge"] for row in made] == ["xapi0", "xapi1"]
    assert made[0]["MTU"] == 9000


@pytest.mark.parametrize(
    ("bridge", "code"),
    [("xenbr0", "INVALID_VALUE"), ("a-bridge-too-long", "INVALID_VALUE"), ("lan", "BRIDGE_NAME_EXISTS")],
)
def test_a_bridge_name_may_be_refused(rpc: Rpc, bridge: str, code: str) -> None:
    rpc.call("network.create", network(bridge="lan"))
    with pytest.raises(XapiFailure) as failure:
        rpc.call("network.create", network(bridge=bridge))
    assert failure.value.description[0] == code


def test_a_host_that_is_disabled_for_good_stays_so_over_a_restart(sim: Simulation, rpc: Rpc) -> None:
    host = sim.hosts[0]
    rpc.call("host.disable", host.ref, False)
    life = host.life
    rpc.call("host.restart_agent", host.ref)
    until(lambda: host.life is not life and host.up)
    assert Rpc(host).record("host", host.ref)["enabled"] is False
    Rpc(host).call("host.enable", host.ref)
    assert Rpc(host).record("host", host.ref)["enabled"] is True


def test_a_restarted_master_has_forgotten_sessions_and_tasks_but_nothing_else(sim: Simulation, rpc: Rpc) -> None:
    host = sim.hosts[0]
    task, life = rpc.call("task.create", "mine", ""), host.life
    rpc.call("host.restart_agent", host.ref)
    until(lambda: host.life is not life and host.up)
    with pytest.raises(XapiFailure) as failure:
        rpc.call("task.get_status", task)
    assert failure.value.description[0] == "SESSION_INVALID"
    assert len(Rpc(host).call("host.get_all")) == 1  # type: ignore[arg-type]


def test_a_member_is_restarted_through_its_master(sim: Simulation) -> None:
    joiner, master = sim.hosts
    joined(sim, joiner, master)
    life = joiner.life
    Rpc(master).call("host.restart_agent", joiner.ref)
    until(lambda: joiner.life is not life and is_enabled(master, joiner.uuid))


def test_a_host_tells_its_management_interface_and_licence(rpc: Rpc, host: HostMachine) -> None:
    pif = rpc.record("PIF", rpc.call("host.get_management_interface", host.ref))
    assert pif["IP"] == host.address
    pool = rpc.call("pool.get_all")[0]  # type: ignore[index]
    assert rpc.call("pool.get_license_state", pool) == {"edition": "xcp-ng", "expiry": "never"}


def test_the_lowest_edition_goes_by_rank_and_not_by_name(rpc: Rpc, host: HostMachine) -> None:
    host.database.set("host", host.ref, edition="enterprise")
    host.database.create("host", edition="standard")
    pool = rpc.call("pool.get_all")[0]  # type: ignore[index]
    assert rpc.call("pool.get_license_state", pool) == {"edition": "standard", "expiry": "never"}
