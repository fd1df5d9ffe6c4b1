"""What pools say, stored: in one fetch, readable when they are down, and nobody's server taken."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from pools import connections, inventories
from pools.models import Credential, Inventory, Pool, Server
from pools.xapi import gate
from pools.xapi.errors import AlreadyKnown, XapiUnreachable
from pools.xapi.gateway import open_session
from simulator.running import Simulation, running
from tests.fixtures.people import make_person
from tests.pools.connected import age, connected, join, reach, server_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool(sim: Simulation) -> Pool:
    return connected(sim.hosts[0])


def test_the_first_visit_makes_all_rows(sim: Simulation, pool: Pool) -> None:
    host, server = sim.hosts[0], server_of(sim.hosts[0])
    assert (server.pool, server.name_label, server.address, server.port) == (pool, host.name, host.address, host.port)
    assert server.pin == host.certificate.fingerprint().replace(":", "").lower()
    assert server.pinned_by is not None
    assert pool.coordinator == server
    assert inventories.snapshot_of(pool).master.uuid == host.uuid
    inventory = Inventory.objects.get(pool=pool)
    assert inventory.clock_skew is not None
    assert abs(inventory.clock_skew) < 2


def test_a_refresh_follows_what_changed_outside(sim: Simulation, pool: Pool) -> None:
    with connections.connect_pool(pool) as xapi:
        xapi.pool_set_name_label("Renamed")
    inventory = inventories.refresh(pool)
    assert inventory.error_code == ""
    pool.refresh_from_db()
    assert pool.name_label == "Renamed"


def test_records_stay_when_the_pool_is_down_and_the_reason_is_kept(sim: Simulation, pool: Pool) -> None:
    before = Inventory.objects.get(pool=pool)
    sim.fault("power_off", host=sim.hosts[0].name)
    inventory = inventories.refresh(pool)
    assert inventory.error_code == "XENWEB_UNREACHABLE"
    assert (inventory.records, inventory.as_of) == (before.records, before.as_of)
    assert inventory.tried_at is not None
    sim.fault("power_on", host=sim.hosts[0].name)


def test_a_wrong_login_and_a_missing_one_are_reasons_too(sim: Simulation, pool: Pool) -> None:
    Credential.objects.filter(pool=pool).delete()
    assert inventories.refresh(pool).error_code == "XENWEB_LOGIN_MISSING"


def test_a_server_that_joined_moves_and_its_own_pool_ends(sim: Simulation, pool: Pool) -> None:
    left = connected(sim.hosts[1])
    pin = server_of(sim.hosts[1]).pin
    join(sim.hosts[1], sim.hosts[0])
    inventories.refresh(pool)
    moved = server_of(sim.hosts[1])
    assert (moved.pool, moved.pin) == (pool, pin)
    left.refresh_from_db()
    assert left.retired_at is not None
    assert left.coordinator is None
    assert not Credential.objects.filter(pool=left).exists()
    assert pool.servers.count() == 2


def test_the_word_of_a_pool_alone_takes_no_server(sim: Simulation, pool: Pool) -> None:
    victim = connected(sim.hosts[1])
    database = sim.hosts[0].database
    database.create("host", uuid=sim.hosts[1].uuid, name_label="mine!", address=sim.hosts[1].address)
    assert inventories.refresh(pool).error_code == ""
    assert server_of(sim.hosts[1]).pool == victim
    assert server_of(sim.hosts[1]).name_label == sim.hosts[1].name


def test_a_new_member_is_pinned_through_its_coordinator(sim: Simulation, pool: Pool) -> None:
    join(sim.hosts[1], sim.hosts[0])
    inventories.refresh(pool)
    member = server_of(sim.hosts[1])
    assert member.pin == sim.hosts[1].certificate.fingerprint().replace(":", "").lower()
    assert (member.pool, member.pinned_by, member.pinned_at is None) == (pool, None, False)


def test_a_person_vouches_for_no_address_that_a_pool_changed(sim: Simulation, pool: Pool) -> None:
    server = server_of(sim.hosts[0])
    inventories.refresh(pool)
    assert server_of(sim.hosts[0]).pinned_by == server.pinned_by
    with connections.connect_pool(pool) as xapi:
        Server.objects.filter(pk=server.pk).update(address="127.0.99.99")
        inventories.store(pool, inventories.read(xapi, pool))
    followed = server_of(sim.hosts[0])
    assert (followed.address, followed.pin, followed.pinned_by) == (server.address, server.pin, None)


def test_a_member_whose_address_the_gate_refuses_is_not_stored(sim: Simulation, pool: Pool, settings: Settings) -> None:
    join(sim.hosts[1], sim.hosts[0])
    settings.LAB = {"hosts": sim.as_line()["hosts"][:1]}  # type: ignore[index]
    assert inventories.refresh(pool).error_code == ""
    assert not Server.objects.filter(uuid=sim.hosts[1].uuid).exists()


def test_a_name_in_place_of_an_address_is_never_looked_up(
    sim: Simulation, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = sim.hosts[0].database
    database.set("host", database.refs("host")[0], address="slow.example")
    database.create("host", uuid=sim.hosts[1].uuid, name_label="new", address="slow.example")
    monkeypatch.setattr(gate, "look_up", lambda *_: pytest.fail("looked up"))
    assert inventories.refresh(pool).error_code == ""
    assert list(pool.servers.values_list("address", flat=True)) == [sim.hosts[0].address]


def test_a_claimed_server_that_may_not_be_asked_hinders_nothing(
    sim: Simulation, pool: Pool, settings: Settings
) -> None:
    connected(sim.hosts[1])
    join(sim.hosts[1], sim.hosts[0])
    settings.LAB = {"hosts": sim.as_line()["hosts"][:1]}  # type: ignore[index]
    age(pool)
    assert inventories.refresh(pool).error_code == ""
    assert server_of(sim.hosts[1]).pool != pool


def test_an_older_reading_that_comes_late_changes_nothing(sim: Simulation, pool: Pool) -> None:
    with connections.connect_pool(pool) as xapi:
        early = inventories.read(xapi, pool)
        xapi.pool_set_name_label("Later")
    inventories.refresh(pool)
    inventories.store(pool, early)
    assert Inventory.objects.get(pool=pool).as_of != early.as_of
    assert Pool.objects.get(pk=pool.pk).name_label == "Later"


@pytest.mark.parametrize("hours", [1, -1])
def test_a_worker_whose_clock_is_wrong_hides_no_other_reading(
    sim: Simulation, pool: Pool, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    right = timezone.now
    with monkeypatch.context() as wrong:
        wrong.setattr(timezone, "now", lambda: right() + timedelta(hours=hours))
        first = inventories.refresh(pool)
    second = inventories.refresh(pool)
    assert moment(first.as_of) < moment(first.tried_at) < moment(second.as_of) < moment(second.tried_at)
    assert abs(moment(second.as_of) - right()) < timedelta(minutes=1)


def test_a_failed_visit_is_dated_by_the_same_clock(
    sim: Simulation, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    Credential.objects.filter(pool=pool).delete()
    right = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: right() + timedelta(hours=1))
    assert moment(inventories.refresh(pool).tried_at) <= right()


def test_a_reading_from_the_future_is_replaced(sim: Simulation, pool: Pool) -> None:
    Inventory.objects.filter(pool=pool).update(as_of=timezone.now() + timedelta(hours=1))
    assert moment(inventories.refresh(pool).as_of) <= timezone.now()


def moment(stored: datetime | None) -> datetime:
    assert stored is not None
    return stored


def test_a_known_pool_is_not_taken_over(sim: Simulation, pool: Pool) -> None:
    endpoint, login = reach(sim.hosts[0])
    mallory = make_person("mallory")
    with open_session(endpoint, login) as xapi, pytest.raises(AlreadyKnown, match="XENWEB_POOL_KNOWN"):
        inventories.adopt(xapi, user=mallory)
    assert server_of(sim.hosts[0]).pinned_by != mallory


def test_a_known_server_is_taken_only_under_its_pin(sim: Simulation, pool: Pool) -> None:
    Pool.objects.filter(pk=pool.pk).update(uuid="00000000-0000-4000-8000-000000000000")
    server = server_of(sim.hosts[0])
    Server.objects.filter(pk=server.pk).update(pin="0" * 64)
    endpoint, login = reach(sim.hosts[0])
    mallory = make_person("mallory")
    with open_session(endpoint, login) as xapi, pytest.raises(AlreadyKnown, match="XENWEB_SERVER_KNOWN"):
        inventories.adopt(xapi, user=mallory)
    Server.objects.filter(pk=server.pk).update(pin=endpoint.pin)
    with open_session(endpoint, login) as xapi:
        again = inventories.adopt(xapi, user=mallory)
    assert server_of(sim.hosts[0]).pool == again
    assert Pool.objects.get(pk=pool.pk).retired_at is not None


def test_sixteen_servers_are_read_in_one_fetch(settings: Settings) -> None:
    with running("sixteen-standalone") as sim:
        settings.LAB = sim.as_line()
        first, *others = sim.hosts
        for host in others:
            join(host, first)
        pool = connected(first)
        age(pool)
        sim.world.calllog.clear()
        assert inventories.refresh(pool).error_code == ""
        methods = [call.method for call in sim.calls()]
        assert pool.servers.exclude(pin="").count() == 16
        assert len(inventories.snapshot_of(pool).hosts) == 16
    assert methods.count("event.from") == 1
    assert len(methods) <= 5


def test_hostile_names_are_stored_and_nothing_breaks(sim: Simulation, pool: Pool) -> None:
    database = sim.hosts[0].database
    ref = database.refs("host")[0]
    for name in ("<img src=x onerror=alert(1)>", "\u202egpj.exe", "=cmd()", "x" * 100_000, "\x07bell", "'; --"):
        database.set("host", ref, name_label=name)
        assert inventories.refresh(pool).error_code == ""
        assert server_of(sim.hosts[0]).name_label == name


@pytest.mark.parametrize("uuid", ["", "x" * 100])
@pytest.mark.parametrize("table", ["pool", "host"])
def test_records_that_no_pool_has_are_refused_and_the_old_ones_stay(
    sim: Simulation, pool: Pool, table: str, uuid: str
) -> None:
    database = sim.hosts[0].database
    with connections.connect_pool(pool) as xapi:
        database.set(table, next(iter(database.records(table))), uuid=uuid)
        with pytest.raises(XapiUnreachable, match="XENWEB_NOT_XAPI"):
            inventories.read(xapi, pool)
    assert {server.uuid for server in pool.servers.all()} == {sim.hosts[0].uuid}
