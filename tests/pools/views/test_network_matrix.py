"""The page of a pool's network: the matrix, one cell of it explained, and the file."""

import re
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client, override_settings
from django.utils import timezone
from django.utils.html import strip_tags
from pytest_django import DjangoAssertNumQueries

from pools import archive, inventories
from pools.archive import Occasion
from pools.models import NetworkSnapshot, Pool, Role, SnapshotReason
from simulator.running import Simulation, running
from simulator.xapi.machines import host_row
from simulator.xapi.network.owned import bonds_of
from tests.fixtures.lab import connect_one, ports_of
from tests.fixtures.people import SignIn, make_person
from tests.pools.connected import server_of
from tests.pools.diagnosis.reading import read


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulation]:
    with running("ibm-cloud") as found:
        yield found


@pytest.fixture
def pool(sim: Simulation, db: None) -> Iterator[Pool]:
    with override_settings(HOST_PORTS=ports_of(sim)):
        yield connect_one(sim.host("ibm-1"), make_person("olivia", Role.OWNER)).pool


@pytest.fixture
def vera(pool: Pool, sign_in: SignIn) -> Client:
    return sign_in(make_person("vera", Role.VIEWER, pool))


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == HTTPStatus.OK, path
    return " ".join(strip_tags(answer.content.decode()).split())


def test_whoever_sees_the_pool_sees_what_is_wrong_with_its_network(vera: Client, pool: Pool) -> None:
    shown = text(vera, f"/pools/{pool.pk}/network/")
    assert "1 of 3 servers is not as ibm-1: bonds crossed." in shown
    assert "Bonds crossed: bond Private bond" in shown
    assert "With it: VLAN network Storage 1100 (VLAN on another interface)" in shown


def test_a_cell_is_explained_with_both_values_and_what_xapi_will_do(vera: Client, pool: Pool) -> None:
    snapshot = inventories.snapshot_of(pool)
    network = next(each for each in snapshot.networks.values() if each.name_label == "Private bond")
    host = next(each for each in snapshot.hosts.values() if each.name_label == "ibm-3")
    shown = text(vera, f"/pools/{pool.pk}/network/?server={host.uuid}&network={network.uuid}")
    assert "Wanted eth0 + eth2 Found eth1 + eth3, eth0 is in Public bond" in shown
    assert re.search("takes the bond (Private|Public) bond apart, and cannot make it again", shown)
    assert "moves management from Public bond to" in shown
    assert "No snapshot of this server says since when." in shown
    whole = text(vera, f"/pools/{pool.pk}/network/?server={host.uuid}")
    assert "Management on another network" in whole


def test_snapshots_say_since_when(vera: Client, pool: Pool, sim: Simulation) -> None:
    server, host = server_of(sim.host("ibm-3")), sim.host("ibm-3")
    private = bonds_of(host_row(host))[0]
    now, mode = timezone.now(), private.text("mode")
    for days, value in ((9, "balance-slb"), (3, mode)):
        private.set(mode=value)
        row = archive.keep(read(sim.host("ibm-1")), server, Occasion(reason=SnapshotReason.ASKED))
        moment = now - timedelta(days=days)
        NetworkSnapshot.objects.filter(pk=row.pk).update(taken_at=moment, confirmed_at=moment)
    network = private.to("master", "PIF").to("network", "network")
    shown = text(vera, f"/pools/{pool.pk}/network/?server={server.uuid}&network={network.uuid}")
    before, after = (f"{now - timedelta(days=days):%Y, %H:%M}" for days in (9, 3))
    assert f"{before}, by" in shown
    assert f"{after} at the latest" in shown
    assert "mode was" in shown


def test_what_the_address_names_and_is_not_there_is_left_out(vera: Client, pool: Pool) -> None:
    for query in ("server=nobody", "reference=nobody", "with=nobody", "by=nothing", "server=%00&network=%00"):
        assert "1 of 3 servers is not as ibm-1" in text(vera, f"/pools/{pool.pk}/network/?{query}")


def test_the_table_can_be_taken_away(vera: Client, pool: Pool) -> None:
    answer = vera.get(f"/pools/{pool.pk}/network/csv/?by=nics")
    lines = answer.content.decode().splitlines()
    assert answer["Content-Type"].startswith("text/csv")
    assert lines[0] == "server,network,group,has,details,links,management,problems"
    assert any(line.startswith("ibm-3,Position 0,NICs by place,eth0 in Public bond") for line in lines)


def test_a_pool_that_was_never_read_says_so(vera: Client, pool: Pool) -> None:
    pool.inventory.delete()
    assert "Nothing was read yet" in text(vera, f"/pools/{pool.pk}/network/")
    assert vera.get(f"/pools/{pool.pk}/network/csv/").content.count(b"\n") == 1


def test_the_page_costs_few_queries(
    vera: Client, pool: Pool, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(12):
        vera.get(f"/pools/{pool.pk}/network/")
