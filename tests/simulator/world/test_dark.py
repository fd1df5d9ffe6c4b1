"""A host that cannot be reached does not answer; one without power refuses (issue's point 4)."""

import threading

import pytest

from simulator.running import Simulation
from simulator.world.host import HostMachine
from simulator.world.switches import set_carrier
from tests.simulator.pool.joining import joined, refusal
from tests.simulator.rpc import Rpc, XapiFailure
from tests.simulator.waiting import until


def cable(host: HostMachine, *, on: bool) -> None:
    set_carrier(host, host.hardware.nics[0], on=on)


def test_a_dark_host_accepts_and_never_answers(sim: Simulation, host: HostMachine) -> None:
    known = Rpc(host)
    assert known.session
    cable(host, on=False)
    known.timeout = 0.1
    with pytest.raises(TimeoutError):
        known.call("pool.get_all")
    with pytest.raises(TimeoutError):
        assert Rpc(host, timeout=0.1).session
    cable(host, on=True)
    known.timeout = 20
    assert known.call("pool.get_all")
    assert len(sim.calls("pool.get_all")) == 1


def test_who_leaves_a_dark_host_leaves_nothing_behind(host: HostMachine) -> None:
    known = Rpc(host)
    assert known.session
    cable(host, on=False)
    known.timeout = 0.05
    for _ in range(3):
        with pytest.raises(TimeoutError):
            known.call("pool.get_all")
    until(lambda: not any(thread.name == f"xapi-{host.name}-call" for thread in threading.enumerate()))


def test_without_power_a_host_refuses(sim: Simulation, host: HostMachine) -> None:
    sim.world.power_off(host)
    with pytest.raises(ConnectionRefusedError):
        Rpc(host, timeout=5).call("pool.get_all")


def test_what_is_open_stalls_and_goes_on_when_the_cable_is_back(host: HostMachine) -> None:
    rpc, answers = Rpc(host), []
    assert rpc.session
    cable(host, on=False)
    thread = threading.Thread(target=lambda: answers.append(rpc.call("pool.get_all")))
    thread.start()
    thread.join(0.1)
    assert answers == []
    cable(host, on=True)
    thread.join(5)
    assert len(answers) == 1


def test_what_stalls_ends_with_the_power(sim: Simulation, host: HostMachine) -> None:
    rpc, errors = Rpc(host), []
    assert rpc.session
    cable(host, on=False)

    def ask() -> None:
        try:
            rpc.call("pool.get_all")
        except OSError as error:
            errors.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    sim.world.power_off(host)
    thread.join(5)
    assert len(errors) == 1


def test_a_dark_pool_cannot_be_joined(sim: Simulation) -> None:
    joiner, master = sim.hosts
    cable(master, on=False)
    assert refusal(joiner, master) == ["INTERNAL_ERROR", "Connection failed: connection refused."]


def test_a_member_that_is_cut_off_waits_for_its_master(sim: Simulation) -> None:
    joiner, master = sim.hosts
    assert refusal(joiner, master) == []
    until(lambda: joiner.settled)
    cable(master, on=False)
    sim.world.restart(joiner, after=0)
    until(lambda: joiner.emergency_error and joiner.emergency_error.code == "INTERNAL_ERROR")
    cable(master, on=True)
    until(lambda: joiner.settled)
    with pytest.raises(XapiFailure) as failure:
        assert Rpc(joiner).session
    assert failure.value.description == ["HOST_IS_SLAVE", master.address]


def test_a_dark_member_counts_as_dead_until_its_cable_is_back(sim: Simulation) -> None:
    """Its toolstack runs, but no heartbeat arrives; calls for it are refused, and then forwarded again."""
    member, master = sim.hosts
    joined(sim, member, master)
    rpc = Rpc(master)
    metrics = rpc.call("host.get_metrics", member.ref)
    cable(member, on=False)
    until(lambda: not rpc.call("host_metrics.get_live", metrics))
    with pytest.raises(XapiFailure) as failure:
        rpc.call("host.get_servertime", member.ref)
    assert failure.value.description == ["HOST_OFFLINE", member.ref]
    cable(member, on=True)
    until(lambda: rpc.call("host_metrics.get_live", metrics))
    assert rpc.call("host.get_servertime", member.ref)


@pytest.mark.parametrize("lost", ["power", "cable"])
def test_a_member_hangs_until_its_master_is_back(sim: Simulation, lost: str) -> None:
    """pool.md 4.6 [D]: logins still name the master; calls with a session wait, those for emergencies do not."""
    member, master = sim.hosts
    joined(sim, member, master)
    session = Rpc(member).bare("session.slave_local_login_with_password", member.username, member.password)
    assert Rpc(member).bare("pool.get_all", session)
    if lost == "power":
        sim.world.power_off(master)
    else:
        cable(master, on=False)
    with pytest.raises(TimeoutError):
        Rpc(member, timeout=0.1).bare("pool.get_all", session)
    with pytest.raises(XapiFailure, match="HOST_IS_SLAVE"):
        assert Rpc(member).session
    assert Rpc(member).bare("host.is_in_emergency_mode", session) is False
    if lost == "power":
        sim.world.power_on(master)
    else:
        cable(master, on=True)
    assert Rpc(member).bare("pool.get_all", session)


def test_a_host_answers_where_its_management_address_is(host: HostMachine) -> None:
    plug = host.interfaces.plugs["xenbr0"]
    old, new = host.address, host.address.rpartition(".")[0] + ".201"
    host.interfaces.put(type(plug)(bridge="xenbr0", nics=plug.nics, address=new))
    assert host.address == new
    assert Rpc(host).call("pool.get_all")
    assert host.world.at(old) is None
