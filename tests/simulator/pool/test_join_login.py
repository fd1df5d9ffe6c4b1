"""What the joining host hears when it cannot even log in to the pool."""

from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException

import pytest

from simulator.running import Simulation, running
from simulator.world.host import HostMachine
from tests.simulator.pool.joining import refusal
from tests.simulator.rpc import Rpc, XapiFailure
from tests.simulator.waiting import until


def test_a_host_without_pooling_does_not_try(sim: Simulation) -> None:
    joiner, master = sim.hosts
    joiner.database.set("pool", joiner.database.refs("pool")[0], restrictions={"restrict_pooling": "true"})
    assert refusal(joiner, master) == ["LICENCE_RESTRICTION"]
    assert sim.calls("session.login_with_password", master.name) == []


def test_an_address_where_nothing_listens_is_refused(sim: Simulation) -> None:
    joiner, master = sim.hosts
    sim.fault("power_off", host=master.name)
    assert refusal(joiner, master) == ["INTERNAL_ERROR", "Connection failed: connection refused."]


def test_a_wrong_password_names_the_user(sim: Simulation) -> None:
    joiner, master = sim.hosts
    with pytest.raises(XapiFailure) as failure:
        Rpc(joiner).call("pool.join", master.address, "root", "wrong")
    told = failure.value.description
    assert told == ["SESSION_AUTHENTICATION_FAILED", "root", "Authentication failure"]


def test_the_address_of_a_member_names_its_master(sim: Simulation, member: HostMachine) -> None:
    master = sim.hosts[0]
    member.role, joiner = "master", member
    master.role = "slave:10.0.0.1"
    assert refusal(joiner, master) == ["HOST_IS_SLAVE", "10.0.0.1"]


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("drop_before", "JOINING_HOST_CONNECTION_FAILED"),
        ("reset", "JOINING_HOST_CONNECTION_FAILED"),
        ("http_500", "JOINING_HOST_SERVICE_FAILED"),
    ],
)
def test_a_master_that_answers_badly_fails_the_join(sim: Simulation, kind: str, code: str) -> None:
    joiner, master = sim.hosts
    sim.fault(kind, host=master.name, method="session.login_with_password")
    assert refusal(joiner, master) == [code]


def test_a_secret_that_is_being_changed_fails_the_join(sim: Simulation) -> None:
    joiner, master = sim.hosts
    master.database.set("pool", master.database.refs("pool")[0], is_psr_pending=True)
    assert refusal(joiner, master) == ["POOL_SECRET_ROTATION_PENDING"]


def test_a_master_that_dies_during_the_exchange_fails_the_join() -> None:
    with running("two-standalone", profile="fast") as sim, ThreadPoolExecutor() as pool:
        joiner, master = sim.hosts
        join = pool.submit(refusal, joiner, master)
        (ref,) = master.database.refs("pool")
        until(lambda: master.database.field("pool", ref, "current_operations"))
        sim.fault("power_off", host=master.name)
        assert join.result(10) == ["INTERNAL_ERROR", "Connection failed: connection refused."]
        assert joiner.pool_conf == "master"


def test_a_host_that_loses_power_during_the_join_cuts_the_connection() -> None:
    with running("two-standalone", profile="fast") as sim, ThreadPoolExecutor() as pool:
        joiner, master = sim.hosts
        join = pool.submit(refusal, joiner, master)
        until(lambda: sim.calls("pool.initial_auth", master.name))
        sim.fault("power_off", host=joiner.name)
        assert isinstance(join.exception(10), OSError | HTTPException)
        assert joiner.pool_conf == "master"
