import http.client
import ssl
import threading

import pytest

from simulator.running import Simulation
from simulator.world.faults import Fault, Faults
from simulator.world.features import intersect
from tests.simulator.pool.joining import is_enabled, refusal
from tests.simulator.rpc import Rpc, XapiFailure
from tests.simulator.waiting import until

BROKEN = (ConnectionError, ssl.SSLError, http.client.RemoteDisconnected)


def test_a_fault_strikes_as_often_as_it_was_told(sim: Simulation) -> None:
    rpc = Rpc(sim.hosts[0])
    assert rpc.session
    sim.fault("drop_before", method="pool.get_all", times=2)
    for _ in range(2):
        with pytest.raises(BROKEN):
            rpc.call("pool.get_all")
    assert rpc.call("pool.get_all")


def test_a_fault_may_let_calls_pass_first() -> None:
    faults = Faults()
    faults.add(Fault(kind="wrong_password", skip=1))
    assert [faults.happens("wrong_password", "any") for _ in range(3)] == [False, True, False]


def test_faults_are_only_for_the_host_that_they_name(sim: Simulation) -> None:
    sim.fault("http_500", host=sim.hosts[0].name, method="pool.get_all")
    assert Rpc(sim.hosts[1]).call("pool.get_all")


def test_an_unknown_fault_names_those_that_exist() -> None:
    with pytest.raises(ValueError, match="drop_after"):
        Fault(kind="gremlins")


def test_drop_after_executes_and_then_cuts_the_connection(sim: Simulation) -> None:
    joiner, master = sim.hosts
    rpc = Rpc(joiner)
    assert rpc.session
    sim.fault("drop_after", method="pool.join")
    with pytest.raises(BROKEN):
        rpc.call("pool.join", master.address, master.username, master.password)
    until(lambda: is_enabled(master, joiner.uuid))
    assert [call.outcome for call in sim.calls("pool.join")] == ["DropConnection"]


def test_what_hangs_is_let_go_when_faults_are_removed(sim: Simulation) -> None:
    rpc = Rpc(sim.hosts[0])
    assert rpc.session
    sim.fault("hang", method="pool.get_all")
    outcome: list[str] = []

    def ask() -> None:
        try:
            rpc.call("pool.get_all")
        except OSError:
            outcome.append("cut")

    thread = threading.Thread(target=ask)
    thread.start()
    until(lambda: not sim.world.faults.waiting())
    sim.world.faults.clear()
    thread.join(5)
    assert outcome == ["cut"]


@pytest.mark.parametrize("step", ["before login", "after checks", "after certificates", "after host record"])
def test_a_toolstack_that_crashes_before_the_switch_stays_a_master(sim: Simulation, step: str) -> None:
    joiner, master = sim.hosts
    rpc = Rpc(joiner)
    assert rpc.session
    sim.fault("toolstack_crash", host=joiner.name, step=step)
    with pytest.raises(BROKEN):
        rpc.call("pool.join", master.address, master.username, master.password)
    until(lambda: joiner.up)
    until(lambda: refusal(joiner, master) == [])
    until(lambda: is_enabled(master, joiner.uuid))


@pytest.mark.parametrize("step", ["after switch", "hello", "sync", "storage", "networks"])
def test_a_toolstack_that_crashes_after_the_switch_comes_back_as_a_member(sim: Simulation, step: str) -> None:
    joiner, master = sim.hosts
    rpc = Rpc(joiner)
    assert rpc.session
    sim.fault("toolstack_crash", host=joiner.name, step=step)
    try:
        rpc.call("pool.join", master.address, master.username, master.password)
    except OSError:
        assert step == "after switch"
    until(lambda: not sim.world.faults.waiting() and is_enabled(master, joiner.uuid))
    assert joiner.role == f"slave:{master.address}"


def test_a_lost_host_record_leaves_a_joiner_that_nobody_knows(sim: Simulation) -> None:
    joiner, master = sim.hosts
    sim.fault("host_record_lost", host=joiner.name)
    assert refusal(joiner, master) == []
    until(lambda: joiner.emergency_error and joiner.emergency_error.code == "HOST_UNKNOWN_TO_MASTER")
    with pytest.raises(XapiFailure) as failure:
        Rpc(joiner).call("pool.get_all")
    assert failure.value.description == ["HOST_UNKNOWN_TO_MASTER", joiner.uuid]


def test_lost_metadata_leaves_a_member_without_interfaces(sim: Simulation) -> None:
    joiner, master = sim.hosts
    sim.fault("join_metadata_lost", host=joiner.name)
    assert refusal(joiner, master) == []
    until(lambda: is_enabled(master, joiner.uuid))
    assert master.database.field("host", joiner.ref, "PIFs") == []


def test_power_off_is_noticed_only_when_heartbeats_stay_away(sim: Simulation) -> None:
    joiner, master = sim.hosts
    assert refusal(joiner, master) == []
    until(lambda: is_enabled(master, joiner.uuid))
    metrics = str(master.database.field("host", joiner.ref, "metrics"))
    sim.fault("power_off", host=joiner.name)
    with pytest.raises(BROKEN):
        Rpc(joiner).call("pool.get_all")
    assert master.database.field("host_metrics", metrics, "live")
    until(lambda: not master.database.field("host_metrics", metrics, "live"))
    sim.fault("power_on", host=joiner.name)
    until(lambda: master.database.field("host_metrics", metrics, "live"))


def test_a_replaced_certificate_is_another_one(sim: Simulation) -> None:
    host = sim.hosts[0]
    before = host.certificate.fingerprint()
    sim.fault("certificate_replaced", host=host.name)
    assert host.certificate.fingerprint() != before
    assert Rpc(host).call("host.get_server_certificate", host.ref) == host.certificate.pem


def test_a_skewed_clock_is_told(sim: Simulation) -> None:
    early, late = sim.hosts
    sim.fault("clock_skew", host=late.name, seconds=7200.0)
    now = str(Rpc(early).call("host.get_servertime", early.ref))
    later = str(Rpc(late).call("host.get_servertime", late.ref))
    assert later > now


def test_wrong_password_refuses_the_right_one(sim: Simulation) -> None:
    sim.fault("wrong_password")
    with pytest.raises(XapiFailure) as failure:
        Rpc(sim.hosts[0]).call("pool.get_all")
    assert failure.value.description[0] == "SESSION_AUTHENTICATION_FAILED"


@pytest.mark.parametrize(
    ("left", "right", "both"),
    [("ff-0f", "0f", "0000000f-00000000"), ("", "00000001", "00000001"), ("3", "6", "00000002")],
)
def test_feature_sets_are_cut_to_what_both_have(left: str, right: str, both: str) -> None:
    assert intersect(left, right) == both
