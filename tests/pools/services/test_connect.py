"""Connecting servers: nothing is sent before a person confirmed the certificate; every failure says its reason."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from pools import connections
from pools.models import AuditEntry, Inventory, Pool, Probe, ProbeState, Server, User
from pools.services import connect, probing, sweeping
from pools.xapi.endpoint import Login
from pools.xapi.errors import XapiError
from pools.xapi.tls import fetch_certificate
from simulator.running import Simulation
from simulator.world.host import HostMachine
from tests.pools.connected import connected, join
from tests.simulator.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


def target(host: HostMachine, password: str | None = None) -> connect.Target:
    login = Login(username=host.username, password=password or host.password)
    return connect.Target(address=host.address, port=host.port, login=login)


def looked(anna: User, *targets: connect.Target) -> list[Probe]:
    """Begin a batch and let the worker look; the certificates wait for a person."""
    batch = connect.begin(user=anna, targets=targets)
    probing.examine_batch(str(batch))
    return in_batch(batch)


def in_batch(batch: uuid.UUID) -> list[Probe]:
    return list(Probe.objects.filter(batch=batch))


def trusted(anna: User, *targets: connect.Target) -> list[Probe]:
    """Go on until the servers themselves have said what they are."""
    probes = looked(anna, *targets)
    connect.trust(user=anna, probes=probes)
    while Probe.objects.filter(batch=probes[0].batch, state=ProbeState.WAITING).exists():
        probing.examine_batch(str(probes[0].batch))
        connect.trust(user=anna, probes=list(Probe.objects.filter(batch=probes[0].batch, state=ProbeState.TRUST)))
    return in_batch(probes[0].batch)


def added(anna: User, *targets: connect.Target) -> list[Probe]:
    probes = trusted(anna, *targets)
    connect.add(user=anna, probes=probes)
    for probe in probes:
        probing.examine(probe.pk)
    return in_batch(probes[0].batch)


def test_an_address_given_twice_is_looked_at_once(sim: Simulation, anna: User) -> None:
    first = target(sim.hosts[0])
    assert len(in_batch(connect.begin(user=anna, targets=[first, target(sim.hosts[1]), first]))) == 2


@pytest.mark.parametrize(("count", "said"), [(1, "1 address"), (2, "2 addresses")])
def test_the_audit_counts_the_addresses(sim: Simulation, anna: User, count: int, said: str) -> None:
    connect.begin(user=anna, targets=[target(host) for host in sim.hosts[:count]])
    assert AuditEntry.objects.get(action="servers.examined").subject == said


def test_no_password_is_sent_before_a_person_confirmed_the_certificate(sim: Simulation, anna: User) -> None:
    probes = looked(anna, *map(target, sim.hosts))
    assert {probe.state for probe in probes} == {ProbeState.TRUST}
    assert all(len(probe.pin) == 64 for probe in probes)
    assert sim.calls() == []


def test_a_confirmed_server_says_what_it_is(sim: Simulation, anna: User) -> None:
    (probe,) = trusted(anna, target(sim.hosts[0]))
    assert probe.state == ProbeState.READY
    assert probe.result["role"] == "standalone"
    assert probe.result["host_name"] == sim.hosts[0].name
    assert AuditEntry.objects.filter(action="certificate.trusted", subject=sim.hosts[0].address).exists()


def test_an_added_server_is_in_the_estate_with_its_records_and_its_login(sim: Simulation, anna: User) -> None:
    probes = added(anna, *map(target, sim.hosts))
    assert {probe.state for probe in probes} == {ProbeState.ADDED}
    assert {bytes(probe.login) for probe in probes} == {b""}
    assert Server.objects.count() == Pool.objects.count() == Inventory.objects.count() == 2
    server = Server.objects.select_related("pool").get(uuid=sim.hosts[0].uuid)
    assert (server.pin, server.pinned_by) == (probes[0].pin, anna)
    assert connections.login_of(server.pool).password == sim.hosts[0].password


def test_a_password_is_nowhere_in_clear(sim: Simulation, anna: User) -> None:
    probes = looked(anna, target(sim.hosts[0], password="a very secret word"))
    stored = str([list(Probe.objects.values()), list(AuditEntry.objects.values())])
    assert "a very secret word" not in stored
    assert connect.unseal(probes[0]).password == "a very secret word"


@pytest.mark.parametrize(
    ("fault", "password", "code"),
    [
        ("power_off", None, "XENWEB_UNREACHABLE"),
        (None, "wrong", "SESSION_AUTHENTICATION_FAILED"),
    ],
)
def test_a_server_that_cannot_be_used_says_why_and_hinders_no_other(
    sim: Simulation, anna: User, fault: str | None, password: str | None, code: str
) -> None:
    if fault:
        sim.fault(fault, host=sim.hosts[0].name)
    bad, good = trusted(anna, target(sim.hosts[0], password), target(sim.hosts[1]))
    assert (bad.state, bad.error_code, good.state) == (ProbeState.FAILED, code, ProbeState.READY)


def test_a_refused_address_is_not_connected_to(sim: Simulation, anna: User) -> None:
    login = Login(username="root", password="x")
    (probe,) = looked(anna, connect.Target(address="169.254.169.254", port=80, login=login))
    assert (probe.state, probe.error_code) == (ProbeState.FAILED, "XENWEB_ADDRESS_REFUSED")


def test_another_certificate_than_the_confirmed_one_gets_no_password(sim: Simulation, anna: User) -> None:
    probes = looked(anna, target(sim.hosts[0]))
    connect.trust(user=anna, probes=probes)
    sim.fault("certificate_replaced", host=sim.hosts[0].name)
    probing.examine_batch(str(probes[0].batch))
    (probe,) = in_batch(probes[0].batch)
    assert (probe.state, probe.error_code) == (ProbeState.FAILED, "XENWEB_CERTIFICATE_CHANGED")
    assert sim.calls() == []


def test_a_failed_address_can_be_looked_at_again(sim: Simulation, anna: User) -> None:
    host = sim.hosts[0]
    sim.fault("power_off", host=host.name)
    (probe,) = looked(anna, target(host))
    assert probe.state == ProbeState.FAILED
    sim.fault("power_on", host=host.name)
    until(lambda: shows_certificate(host))
    connect.try_again(user=anna, probe=probe)
    probing.examine(probe.pk)
    (again,) = in_batch(probe.batch)
    assert (again.state, again.error_code) == (ProbeState.TRUST, "")


def test_a_members_address_leads_to_its_pool(sim: Simulation, anna: User) -> None:
    coordinator, member = sim.hosts
    join(member, coordinator)
    first, led = added(anna, connect.Target(
        address=member.address, port=member.port,
        login=Login(username=coordinator.username, password=coordinator.password),
    ))  # fmt: skip
    assert (first.state, led.state) == (ProbeState.MEMBER, ProbeState.ADDED)
    assert (led.address, led.led_from) == (coordinator.address, member.address)
    assert {server.uuid for server in Server.objects.all()} == {coordinator.uuid, member.uuid}


def test_a_pool_that_is_known_already_is_shown_and_not_added_twice(sim: Simulation, anna: User) -> None:
    pool = connected(sim.hosts[0])
    (probe,) = trusted(anna, target(sim.hosts[0]))
    assert (probe.state, probe.pool) == (ProbeState.ADDED, pool)
    assert Pool.objects.count() == 1


def test_a_double_click_adds_once(sim: Simulation, anna: User) -> None:
    probes = trusted(anna, target(sim.hosts[0]))
    assert connect.add(user=anna, probes=probes) == 1
    assert connect.add(user=anna, probes=probes) == 0
    probing.examine(probes[0].pk)
    probing.examine(probes[0].pk)
    assert Pool.objects.count() == 1


def shows_certificate(host: HostMachine) -> bool:
    try:
        return bool(fetch_certificate(host.address, host.port))
    except XapiError:
        return False


def test_what_was_left_unfinished_is_cleared_away_after_an_hour(sim: Simulation, anna: User) -> None:
    looked(anna, target(sim.hosts[0]))
    Probe.objects.update(created_at=timezone.now() - timedelta(minutes=61))
    batch = connect.begin(user=anna, targets=[target(sim.hosts[1])])
    sweeping.sweep()
    assert {probe.batch for probe in Probe.objects.all()} == {batch}
