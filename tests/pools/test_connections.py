"""From rows to sessions: which server is asked, and what is never sent."""

from ipaddress import ip_network

import pytest
from pytest_django import Settings

from pools import connections, inventories
from pools.models import Credential, Pool, Server
from pools.xapi.endpoint import Login
from pools.xapi.errors import AddressRefused, CertificateChanged, LoginMissing, XapiError, XapiFailure
from simulator.running import Simulation
from tests.pools.connected import connected, join, server_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool(sim: Simulation) -> Pool:
    return connected(sim.hosts[0])


@pytest.fixture
def pair(sim: Simulation, pool: Pool) -> Pool:
    """A pool of two: both servers stored and pinned, the second one a member in XAPI and here."""
    connected(sim.hosts[1])
    join(sim.hosts[1], sim.hosts[0])
    Server.objects.filter(uuid=sim.hosts[1].uuid).update(pool=pool)
    return pool


def test_a_stored_server_is_reached_with_the_stored_login(sim: Simulation, pool: Pool) -> None:
    with connections.connect(server_of(sim.hosts[0])) as xapi:
        assert xapi.pool_uuid() == pool.uuid
    with connections.connect_pool(pool) as xapi:
        assert xapi.endpoint == connections.endpoint_of(server_of(sim.hosts[0]))


def test_a_member_itself_is_not_its_coordinator(sim: Simulation, pair: Pool) -> None:
    with pytest.raises(XapiFailure, match="HOST_IS_SLAVE"), connections.connect(server_of(sim.hosts[1])):
        pass


def test_a_pool_is_found_though_its_coordinator_is_another_one_now(sim: Simulation, pair: Pool) -> None:
    pair.coordinator = server_of(sim.hosts[1])
    with connections.connect_pool(pair) as xapi:
        assert xapi.endpoint.address == sim.hosts[0].address


def test_a_dead_coordinators_own_error_is_told(sim: Simulation, pair: Pool) -> None:
    sim.fault("power_off", host=sim.hosts[0].name)
    with pytest.raises(XapiError, match="XENWEB_UNREACHABLE") as caught, connections.connect_pool(pair):
        pass
    assert caught.value.params == (f"{sim.hosts[0].address}:{sim.hosts[0].port}",)


def test_an_unpinned_member_is_never_asked_nor_followed(sim: Simulation, pair: Pool) -> None:
    pair.coordinator = server_of(sim.hosts[1])
    Server.objects.filter(uuid=sim.hosts[0].uuid).update(pin="")
    sim.world.calllog.clear()
    with pytest.raises(XapiFailure, match="HOST_IS_SLAVE"), connections.connect_pool(pair):
        pass
    assert sim.calls(host=sim.hosts[0].name) == []


def test_a_server_that_left_the_pool_does_not_speak_for_it(sim: Simulation, pool: Pool) -> None:
    pool.uuid = "00000000-0000-4000-8000-000000000000"
    connections.save_login(pool, Login(username="root", password=sim.hosts[0].password), None)
    with pytest.raises(XapiError, match="XENWEB_OTHER_POOL"), connections.connect_pool(pool):
        pass


def test_a_wrong_password_is_tried_once(sim: Simulation, pair: Pool) -> None:
    connections.save_login(pair, Login(username="root", password="wrong"), None)
    sim.world.calllog.clear()
    with pytest.raises(XapiFailure, match="SESSION_AUTHENTICATION_FAILED"), connections.connect_pool(pair):
        pass
    assert len(sim.calls("session.login_with_password")) == 1


def test_a_changed_certificate_is_kept_for_a_person_to_see(sim: Simulation, pool: Pool) -> None:
    host = sim.hosts[0]
    sim.fault("certificate_replaced", host=host.name)
    sim.world.calllog.clear()
    with pytest.raises(CertificateChanged), connections.connect_pool(pool):
        pass
    server = server_of(host)
    assert server.refused_pin == host.certificate.fingerprint().replace(":", "").lower()
    assert server.pin != server.refused_pin
    assert sim.calls() == []


def test_a_refused_certificate_is_forgotten_when_the_trusted_one_is_back(sim: Simulation, pool: Pool) -> None:
    Server.objects.filter(uuid=sim.hosts[0].uuid).update(refused_pin="0" * 64)
    with connections.connect_pool(pool):
        assert server_of(sim.hosts[0]).refused_pin == ""


def test_a_login_is_stored_unreadably_and_for_its_pool_only(sim: Simulation, pool: Pool) -> None:
    login = connections.login_of(pool)
    assert login.password == sim.hosts[0].password
    stored = Credential.objects.get(pool=pool)
    assert login.password.encode() not in bytes(stored.ciphertext)
    other = connected(sim.hosts[1])
    Credential.objects.filter(pool=other).update(ciphertext=stored.ciphertext)
    with pytest.raises(LoginMissing, match="XENWEB_LOGIN_UNREADABLE"):
        connections.login_of(other)
    Credential.objects.filter(pool=other).delete()
    with pytest.raises(LoginMissing, match="XENWEB_LOGIN_MISSING"):
        connections.login_of(other)


def test_a_stored_server_outside_the_lab_is_never_dialled(
    sim: Simulation, pool: Pool, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LAB = {"hosts": sim.as_line()["hosts"][1:]}  # type: ignore[index]
    monkeypatch.setattr("socket.create_connection", lambda *_: pytest.fail("dialled"))
    with pytest.raises(AddressRefused), connections.connect_pool(pool):
        pass
    with pytest.raises(AddressRefused), connections.connect(server_of(sim.hosts[0])):
        pass
    assert inventories.refresh(pool).error_code == "XENWEB_ADDRESS_REFUSED"


def test_narrower_networks_hold_for_servers_stored_before(sim: Simulation, pool: Pool, settings: Settings) -> None:
    settings.LAB, settings.HOST_PORTS, settings.HOST_NETWORKS = None, [sim.hosts[0].port], [ip_network("10.0.0.0/8")]
    with pytest.raises(AddressRefused, match=sim.hosts[0].address), connections.connect_pool(pool):
        pass


def test_a_member_that_may_not_be_asked_keeps_no_other_from_answering(
    sim: Simulation, pair: Pool, settings: Settings
) -> None:
    pair.coordinator = server_of(sim.hosts[1])
    settings.LAB = {"hosts": sim.as_line()["hosts"][:1]}  # type: ignore[index]
    with connections.connect_pool(pair) as xapi:
        assert xapi.endpoint.address == sim.hosts[0].address


def test_a_member_leads_nobody_to_a_refused_coordinator(sim: Simulation, pair: Pool, settings: Settings) -> None:
    settings.LAB = {"hosts": sim.as_line()["hosts"][1:]}  # type: ignore[index]
    with pytest.raises(AddressRefused, match=sim.hosts[0].address), connections.connect_pool(pair):
        pass


def test_the_gate_is_the_labs_in_practice_and_the_settings_otherwise(sim: Simulation, settings: Settings) -> None:
    host = sim.hosts[0]
    assert connections.allowed_address(host.address, host.port) == host.address
    with pytest.raises(AddressRefused):
        connections.allowed_address("10.0.0.1", 443)
    settings.LAB = None
    settings.HOST_NETWORKS = []
    with pytest.raises(AddressRefused):
        connections.allowed_address(host.address, host.port)
