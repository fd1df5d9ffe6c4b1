"""The pages of network snapshots: taken when somebody asks and every night, listed, shown, compared, printed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest
from django.test import Client, override_settings
from django.utils import timezone
from django.utils.html import strip_tags
from pytest_django import DjangoAssertNumQueries

from pools import archive
from pools.archive import MOST_ASKED, Occasion
from pools.models import NetworkSnapshot, Operation, Pool, Role, Server, SnapshotReason
from pools.services import snapshots
from pools.snapshots.exports import from_json
from pools.xapi.inventory import Snapshot
from simulator.running import Simulation, running
from tests.fixtures.lab import connect_one, ports_of
from tests.fixtures.people import SignIn, make_person
from tests.pools.connected import server_of
from tests.pools.forecast.parity import read


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulation]:
    with running("ibm-cloud") as found:
        yield found


@pytest.fixture
def pool(sim: Simulation, db: None) -> Iterator[Pool]:
    with override_settings(HOST_PORTS=ports_of(sim)):
        yield connect_one(sim.host("ibm-1"), make_person("olivia", Role.OWNER)).pool


@pytest.fixture
def otto(pool: Pool, sign_in: SignIn) -> Client:
    return sign_in(make_person("otto", Role.OPERATOR, pool))


@pytest.fixture
def second(sim: Simulation, pool: Pool) -> Server:
    return server_of(sim.host("ibm-2"))


def kept(sim: Simulation, server: Server, reason: SnapshotReason = SnapshotReason.NIGHTLY) -> NetworkSnapshot:
    return archive.keep(read(sim.host("ibm-1")), server, Occasion(reason=reason))


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == HTTPStatus.OK, path
    return answer.content.decode()


def test_a_snapshot_that_was_asked_for_is_read_by_a_worker(otto: Client, second: Server) -> None:
    path = f"/servers/{second.pk}/snapshots/"
    otto.post(path)
    otto.post(path)  # pressed twice
    assert "Being read" in text(otto, path)
    snapshots.take_asked(second.pool_id)
    row = NetworkSnapshot.objects.get()
    assert (row.complete, row.reason, row.taken_by and row.taken_by.username) == (True, "asked", "otto")
    assert "Being read" not in text(otto, path)


def test_a_pool_that_does_not_answer_says_so_in_the_list(otto: Client, pool: Pool) -> None:
    otto.post(f"/pools/{pool.pk}/snapshots/")
    pool.servers.update(pin="")
    snapshots.take_asked(pool.pk)
    assert NetworkSnapshot.objects.filter(error_code="XENWEB_NO_PINNED_SERVER").count() == 3
    page = text(otto, f"/pools/{pool.pk}/snapshots/")
    assert "Not read" in page
    assert "XENWEB_NO_PINNED_SERVER" in page


def test_nobody_waits_for_ever(otto: Client, pool: Pool) -> None:
    otto.post(f"/pools/{pool.pk}/snapshots/")
    snapshots.ring_waiting()
    assert snapshots.waiting_of(pool).count() == 3
    NetworkSnapshot.objects.update(taken_at=timezone.now() - snapshots.GIVE_UP_AFTER)
    snapshots.ring_waiting()
    assert snapshots.waiting_of(pool).count() == 0


def test_every_night_each_server_is_saved_once(sim: Simulation, pool: Pool, second: Server) -> None:
    assert snapshots.nightly() == 3
    assert snapshots.nightly() == 0
    first = NetworkSnapshot.objects.get(server=second)
    yesterday = timezone.now() - timedelta(days=1)
    NetworkSnapshot.objects.update(confirmed_at=yesterday, taken_at=yesterday)
    assert snapshots.nightly() == 3
    assert NetworkSnapshot.objects.count() == 3, "nothing has changed: the last one is renewed"
    ref = sim.host("ibm-1").database.by_uuid("network", archive.data_of(first).bonds[0].network)
    sim.host("ibm-1").database.set("network", ref, MTU=9000)
    NetworkSnapshot.objects.update(confirmed_at=yesterday)
    snapshots.nightly()
    sim.host("ibm-1").database.set("network", ref, MTU=1500)
    assert NetworkSnapshot.objects.filter(server=second).count() == 2


def test_a_night_begins_at_its_hour() -> None:
    morning = datetime(2026, 3, 5, 1, 59, tzinfo=UTC)
    assert snapshots.last_night(morning) == datetime(2026, 3, 4, 2, tzinfo=UTC)
    assert snapshots.last_night(morning + timedelta(minutes=1)) == datetime(2026, 3, 5, 2, tzinfo=UTC)


def test_old_ones_go_but_never_the_newest_nor_those_of_an_operation(sim: Simulation, second: Server) -> None:
    seen, user = read(sim.host("ibm-1")), make_person("ann")
    operation = Operation.objects.create(kind="host_remove", created_by=user)
    archive.keep(seen, second, Occasion(reason=SnapshotReason.REMOVAL, operation=operation))
    rows = [archive.asked(second, Occasion(reason=SnapshotReason.NIGHTLY)) for _ in range(3)]
    rows += [archive.asked(second, Occasion(reason=SnapshotReason.ASKED)) for _ in range(MOST_ASKED + 2)]
    rows.append(archive.asked(second, Occasion(reason=SnapshotReason.REMOVAL)))  # for a draft that was discarded
    rows[-1].confirmed_at -= timedelta(days=31)
    for row in rows:
        row.digest, row.complete = "d", row.reason == SnapshotReason.NIGHTLY
    NetworkSnapshot.objects.bulk_create(rows)
    nights = NetworkSnapshot.objects.filter(reason=SnapshotReason.NIGHTLY)
    nights.update(confirmed_at=timezone.now() - timedelta(days=31))
    assert archive.forget_old([second.uuid]) == 2 + 2 + 1
    assert nights.count() == 1
    assert archive.of_operation(operation, second.uuid) is not None


def test_a_snapshot_shows_tables_and_can_be_taken_away(otto: Client, sim: Simulation, second: Server) -> None:
    row = kept(sim, second)
    page = text(otto, f"/snapshots/{row.pk}/")
    for shown in ("Private bond", "Storage 1100", "10.110.0.12", "eth2", "lacp", "Bond Public bond: eth1 + eth3"):
        assert shown in page
    assert "not complete" not in page
    assert from_json(text(otto, f"/snapshots/{row.pk}/json/")) == archive.data_of(row)
    assert "xe bond-create" in text(otto, f"/snapshots/{row.pk}/xe/")
    book = strip_tags(text(otto, f"/snapshots/{row.pk}/runbook/"))
    assert "xe-reset-networking --device=$D --mode=static" in book
    assert "Management leaves its LACP bond" in book


def test_an_incomplete_one_is_never_shown_as_complete(otto: Client, second: Server) -> None:
    row = archive.keep(Snapshot(), second, Occasion(reason=SnapshotReason.NIGHTLY))
    for path in (f"/snapshots/{row.pk}/", f"/snapshots/{row.pk}/runbook/"):
        assert "This snapshot is not complete" in text(otto, path)
    assert "Nothing: this server comes back" not in text(otto, f"/snapshots/{row.pk}/")
    assert "Incomplete" in text(otto, f"/servers/{second.pk}/snapshots/")
    assert "# NOT COMPLETE" in text(otto, f"/snapshots/{row.pk}/xe/")


def test_two_are_compared_in_words_and_as_a_table(otto: Client, sim: Simulation, second: Server) -> None:
    one, other = kept(sim, second), kept(sim, server_of(sim.host("ibm-3")))
    page = text(otto, f"/snapshots/compare/?pick={one.pk}&pick={other.pk}")
    assert "Bond Private bond: members is eth0 + eth2 on ibm-2, eth1 + eth3 on ibm-3." in page
    same = text(otto, f"/snapshots/compare/?pick={one.pk}&pick={kept(sim, second, SnapshotReason.ASKED).pk}")
    assert "The networks are the same" in same
    for picks in ("", f"?pick={one.pk}", "?pick=x", f"?pick={one.pk}&pick={one.pk}"):
        assert otto.get(f"/snapshots/compare/{picks}").status_code == HTTPStatus.FOUND


def test_it_outlives_the_servers_membership_and_is_seen_by_who_sees_the_old_pool(
    otto: Client, sim: Simulation, second: Server, sign_in: SignIn
) -> None:
    row, pool = kept(sim, second), second.pool
    Server.objects.filter(pk=second.pk).update(pool=Pool.objects.create(uuid="own"))
    assert "has left this pool" in text(otto, f"/pools/{pool.pk}/snapshots/")
    assert "ibm-2" in text(otto, f"/snapshots/{row.pk}/")
    second.delete()
    assert "ibm-2" in text(otto, f"/snapshots/{row.pk}/")
    stranger = sign_in(make_person("sara", Role.OPERATOR, Pool.objects.create(uuid="other")))
    assert stranger.get(f"/snapshots/{row.pk}/").status_code == HTTPStatus.NOT_FOUND


def test_a_list_costs_twelve_queries_at_most_whatever_its_size(
    otto: Client, second: Server, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    rows = [archive.asked(second, Occasion(reason=SnapshotReason.ASKED)) for _ in range(60)]
    for row in rows:
        row.digest = "d"
    NetworkSnapshot.objects.bulk_create(rows)
    path = f"/pools/{second.pool_id}/snapshots/"
    otto.get(path)
    with django_assert_max_num_queries(12):
        assert text(otto, path).count("Incomplete") == 30
