"""What a joiner and a pool exchange before anything is copied (pool.md 2.1)."""

import threading
from collections.abc import Iterator

import pytest

from simulator.running import Simulation, running
from simulator.scenes.loader import parse
from simulator.xapi.machines import pool_row
from simulator.xapi.rows import add
from tests.simulator.pool.joining import joined, refusal
from tests.simulator.rpc import Rpc, XapiFailure
from tests.simulator.waiting import until

IN_ORDER = [
    "session.login_with_password",
    "pool.initial_auth",
    "pool.exchange_certificates_on_join",
    "session.logout",
    "session.login_with_password",
    "pool.exchange_ca_certificates_on_join",
    "pool.exchange_crls_on_join",
]


def test_the_calls_of_a_join_to_its_master_in_their_order(sim: Simulation) -> None:
    joiner, master = sim.hosts
    assert refusal(joiner, master) == []
    asked = [call.method for call in sim.calls(host=master.name) if call.transport == "internal"]
    assert [method for method in asked if method in IN_ORDER] == IN_ORDER


def test_authorities_of_both_sides_are_known_to_both(sim: Simulation) -> None:
    joiner, master = sim.hosts
    add(joiner.database, "Certificate", type="ca", name="mine.pem", fingerprint_sha256="aa")
    add(master.database, "Certificate", type="ca", name="theirs.pem", fingerprint_sha256="bb")
    joined(sim, joiner, master)
    assert len(master.database.find("Certificate", type="ca")) == 2


def test_an_aborted_join_leaves_the_certificate_behind(sim: Simulation) -> None:
    """[D] pool.md 2.1: nothing rolls back."""
    joiner, master = sim.hosts
    sim.fault("http_500", host=master.name, method="pool.exchange_crls_on_join")
    assert refusal(joiner, master) == ["JOINING_HOST_SERVICE_FAILED"]
    assert f"{joiner.uuid}.pem" in master.disk.certificates
    assert f"{master.uuid}.pem" in joiner.disk.certificates
    assert joiner.pool_conf == "master"
    assert not master.database.find("host", uuid=joiner.uuid)


def test_a_failed_verified_login_is_an_internal_error(sim: Simulation) -> None:
    """[D] pool.md 2.1, step 5."""
    joiner, master = sim.hosts
    sim.fault("join_verification_fails", host=joiner.name)
    assert refusal(joiner, master)[0] == "INTERNAL_ERROR"
    assert f"{joiner.uuid}.pem" in master.disk.certificates


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("join_master_certificate_lost", "POOL_JOINING_MASTER_CERTIFICATE_NOT_IN_POOL_BUNDLE"),
        ("join_bundle_empty", "POOL_JOINING_POOL_BUNDLE_EMPTY_AFTER_IMPORT"),
    ],
)
@pytest.mark.parametrize("build", ["26.15.0", "26.16.0"])
def test_the_bundle_is_looked_at_since_26_16(sim: Simulation, fault: str, code: str, build: str) -> None:
    joiner, master = sim.hosts
    joiner.software["xapi_build"] = build
    sim.fault(fault, host=joiner.name)
    told = master.uuid if "master" in fault else "/etc/stunnel/xapi-pool-ca-bundle.pem"
    assert refusal(joiner, master) == ([code, told] if build == "26.16.0" else [])


@pytest.mark.parametrize(
    ("build", "told"), [("25.15.0", "INTERNAL_ERROR"), ("25.14.0", "JOINING_HOST_CONNECTION_FAILED")]
)
def test_connection_refused_is_an_internal_error_since_25_15(sim: Simulation, build: str, told: str) -> None:
    """[D] pool.md 1.1."""
    joiner, master = sim.hosts
    joiner.software["xapi_build"] = build
    sim.fault("power_off", host=master.name)
    assert refusal(joiner, master)[0] == told


def test_a_join_waits_while_another_operation_runs_on_the_pool(sim: Simulation) -> None:
    joiner, master = sim.hosts
    pool = pool_row(master)
    pool.put("current_operations", "OpaqueRef:other", "eject")
    answers: list[list[str]] = []
    join = threading.Thread(target=lambda: answers.append(refusal(joiner, master)))
    join.start()
    until(lambda: sim.calls("pool.initial_auth"))
    assert not sim.calls("session.logout", host=master.name)
    pool.drop("current_operations", "OpaqueRef:other")
    join.join()
    assert answers == [[]]


@pytest.fixture
def four() -> Iterator[Simulation]:
    with running(parse("{name: four, hosts: [{name: 'h-{n}', count: 4}]}", "four.yaml")) as found:
        yield found


def test_two_joins_at_once(four: Simulation) -> None:
    """pool.md 2.1: only their exchanges are serialised."""
    master, *joiners = four.hosts
    answers: list[list[str]] = []
    threads = [threading.Thread(target=lambda host=host: answers.append(refusal(host, master))) for host in joiners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [[]] * 3
    until(lambda: all(host.settled and host.role != "master" for host in joiners))
    assert len(Rpc(master).call("host.get_all")) == 4  # type: ignore[arg-type]


def test_a_missing_flag_restricts_pooling(sim: Simulation) -> None:
    """pool.md 7."""
    joiner, master = sim.hosts
    pool_row(joiner).set(restrictions={})
    with pytest.raises(XapiFailure) as failure:
        Rpc(joiner).call("pool.join", master.address, "nobody", "nothing")
    assert failure.value.description == ["LICENCE_RESTRICTION"]
