"""What the worker does with addresses: all at once, each for itself, whatever a server says or keeps back."""

import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from pools import connections
from pools.models import Pool, Probe, ProbeState, Server, User
from pools.services import connect, probing
from pools.xapi.endpoint import Login
from simulator.running import Simulation
from simulator.world.host import HostMachine
from tests.pools.connected import connected, server_of
from tests.pools.xapi.hostile import hostile, reply, saying

pytestmark = pytest.mark.django_db(transaction=True)

NOTHING = Login(username="root", password="x")


def target(host: HostMachine, address: str = "") -> connect.Target:
    login = Login(username=host.username, password=host.password)
    return connect.Target(address=address or host.address, port=host.port, login=login)


def looked(anna: User, *targets: connect.Target, confirm: bool = True) -> list[Probe]:
    """Let the worker look; a person confirms what is shown; let it look again."""
    batch = connect.begin(user=anna, targets=targets)
    probing.examine_batch(str(batch))
    probes = list(Probe.objects.filter(batch=batch))
    if confirm and connect.trust(user=anna, probes=probes):
        probing.examine_batch(str(batch))
    return list(Probe.objects.filter(batch=batch))


def let_in(settings: Settings, *ports: int) -> None:
    """Allow these ports of the machine itself, beside the lab's."""
    here = [{"address": "127.0.0.1", "port": port} for port in ports]
    settings.LAB = {"hosts": connect.lab_hosts() + here}


def other_spelling(address: str) -> str:
    """127.64.0.1 as "127.4194305": no IP address to xenweb, but a name that every resolver knows."""
    _, *rest = map(int, address.split("."))
    return f"127.{rest[0] * 65536 + rest[1] * 256 + rest[2]}"


@pytest.mark.slow
def test_a_server_that_hangs_is_given_up_and_holds_up_no_other(sim: Simulation, anna: User) -> None:
    sim.fault("hang", host=sim.hosts[0].name, method="session.login_with_password")
    hangs, good = looked(anna, *map(target, sim.hosts))
    sim.world.faults.clear()
    assert (hangs.state, hangs.error_code) == (ProbeState.FAILED, "XENWEB_TIMEOUT")
    assert good.state == ProbeState.READY
    assert good.changed_at < hangs.changed_at


def test_an_address_where_nobody_listens_hinders_no_other(sim: Simulation, anna: User, settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    let_in(settings, port)
    gone = connect.Target(address="127.0.0.1", port=port, login=NOTHING)
    bad, good = looked(anna, gone, target(sim.hosts[0]))
    assert (bad.error_code, good.state) == ("XENWEB_UNREACHABLE", ProbeState.READY)


def test_what_is_not_xapi_is_said_to_be_not_xapi(anna: User, settings: Settings, tmp_path: Path) -> None:
    page = reply(b"<html>It works!</html>", kind="text/html")
    with hostile(tmp_path, saying(page)) as server:
        let_in(settings, server.endpoint.port)
        given = connect.Target(address="127.0.0.1", port=server.endpoint.port, login=NOTHING)
        (probe,) = looked(anna, given)
    assert (probe.state, probe.error_code) == (ProbeState.FAILED, "XENWEB_NOT_XAPI")


def test_a_member_may_name_anything_as_its_coordinator(anna: User, settings: Settings, tmp_path: Path) -> None:
    refusal = b'{"jsonrpc":"2.0","id":1,"error":{"message":"HOST_IS_SLAVE","data":["%s"]}}' % (b"x" * 100_000)
    with hostile(tmp_path, saying(reply(refusal))) as server:
        let_in(settings, server.endpoint.port)
        given = connect.Target(address="127.0.0.1", port=server.endpoint.port, login=NOTHING)
        member, led = looked(anna, given, confirm=True)
    probing.examine_batch(str(member.batch))
    led.refresh_from_db()
    assert (member.state, bytes(member.login)) == (ProbeState.MEMBER, b"")
    assert (led.state, led.error_code) == (ProbeState.FAILED, "XENWEB_NAME_UNKNOWN")


def test_a_name_leads_to_the_server_behind_it(sim: Simulation, anna: User) -> None:
    host = sim.hosts[0]
    (probe,) = looked(anna, target(host, other_spelling(host.address)))
    assert probe.state == ProbeState.READY
    connect.add(user=anna, probes=[probe])
    probing.examine(probe.pk)
    assert server_of(host).address == host.address


def test_a_server_whose_certificate_is_pinned_needs_no_second_confirmation(sim: Simulation, anna: User) -> None:
    pool = connected(sim.hosts[0])
    known, new = looked(anna, *map(target, sim.hosts), confirm=False)
    assert (known.state, known.pool, new.state) == (ProbeState.ADDED, pool, ProbeState.TRUST)
    assert bytes(known.login) == b""


def test_a_pin_of_one_address_is_not_trusted_at_another(sim: Simulation, anna: User) -> None:
    connected(sim.hosts[0])
    Server.objects.update(address="10.0.0.1")
    (probe,) = looked(anna, target(sim.hosts[0]), confirm=False)
    assert probe.state == ProbeState.TRUST


def test_a_login_that_cannot_be_read_any_more_hinders_no_other(sim: Simulation, anna: User) -> None:
    batch = connect.begin(user=anna, targets=list(map(target, sim.hosts)))
    first, second = Probe.objects.filter(batch=batch)
    Probe.objects.filter(pk=first.pk).update(login=second.login)
    probing.examine_batch(str(batch))
    assert list(Probe.objects.values_list("state", "error_code")) == [
        ("failed", "XENWEB_LOGIN_UNREADABLE"),
        ("trust", ""),
    ]


def test_another_certificate_than_the_confirmed_one_can_be_confirmed_by_looking_again(
    sim: Simulation, anna: User
) -> None:
    (probe,) = looked(anna, target(sim.hosts[0]), confirm=False)
    connect.trust(user=anna, probes=[probe])
    sim.fault("certificate_replaced", host=sim.hosts[0].name)
    probing.examine_batch(str(probe.batch))
    failed = Probe.objects.get()
    assert failed.error_code == "XENWEB_CERTIFICATE_CHANGED"
    connect.try_again(user=anna, probe=failed)
    probing.examine(failed.pk)
    again = Probe.objects.get()
    assert (again.state, again.trusted) == (ProbeState.TRUST, False)
    assert again.pin != probe.pin
    assert sim.calls() == []


def test_a_certificate_that_changes_before_the_adding_gets_no_password(sim: Simulation, anna: User) -> None:
    (probe,) = looked(anna, target(sim.hosts[0]))
    connect.add(user=anna, probes=[probe])
    sim.world.calllog.clear()
    sim.fault("certificate_replaced", host=sim.hosts[0].name)
    probing.examine(probe.pk)
    probe.refresh_from_db()
    assert (probe.state, probe.error_code) == (ProbeState.FAILED, "XENWEB_CERTIFICATE_CHANGED")
    assert not Pool.objects.exists()
    assert sim.calls() == []


def test_two_servers_added_at_once_are_two_pools_with_their_own_logins(sim: Simulation, anna: User) -> None:
    probes = looked(anna, *map(target, sim.hosts))
    connect.add(user=anna, probes=probes)
    for probe in probes:
        probing.examine(probe.pk)
    for host in sim.hosts:
        assert connections.login_of(server_of(host).pool).password == host.password


def test_a_message_that_comes_twice_at_once_adds_once(sim: Simulation, anna: User) -> None:
    (probe,) = looked(anna, target(sim.hosts[0]))
    connect.add(user=anna, probes=[probe])
    sim.fault("delay", method="session.login_with_password", seconds=0.2, times=None)
    with ThreadPoolExecutor() as threads:
        list(threads.map(in_a_worker, [probe.pk] * 2))
    probe.refresh_from_db()
    assert (probe.state, probe.error_code) == (ProbeState.ADDED, "")
    assert Pool.objects.count() == 1


def in_a_worker(probe_id: int) -> None:
    try:
        probing.examine(probe_id)
    finally:
        connection.close()


def test_an_address_that_is_gone_or_settled_is_left_alone(sim: Simulation, anna: User) -> None:
    (probe,) = looked(anna, target(sim.hosts[0]))
    sim.world.calllog.clear()
    probing.examine(probe.pk)
    probing.examine(0)
    assert sim.calls() == []
