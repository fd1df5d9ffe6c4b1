"""Estate, pool and server pages: from what is stored, to whom it is for, in a few queries."""

from http import HTTPStatus

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from pools.models import Inventory, Operation, Pool, Role, Server, User
from tests.fixtures.lab import Lab
from tests.fixtures.people import Places, SignIn, make_person
from tests.pools.views.conftest import MakeEstate


@pytest.fixture
def owner(alice: User, sign_in: SignIn) -> Client:
    """A browser in the middle of a session: its beginning costs a few writes, once a minute."""
    client = sign_in(alice)
    client.get("/errors/")
    return client


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == HTTPStatus.OK
    return answer.content.decode()


@pytest.mark.parametrize("count", [3, 30])
def test_the_estate_costs_twelve_queries_at_most_whatever_its_size(
    count: int, owner: Client, make_estate: MakeEstate, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_estate(count, "Pool")
    make_estate(count)
    with django_assert_max_num_queries(12):
        page = text(owner, "/estate/")
    assert page.count('href="/pools/') == count
    assert page.count('href="/servers/') == count


@pytest.mark.parametrize("kind", ["pools", "servers"])
def test_a_pools_and_a_servers_page_cost_twelve_queries_at_most(
    kind: str, owner: Client, make_estate: MakeEstate, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    pool = make_estate(1, "Pool")[0]
    for number in range(15):
        Server.objects.create(uuid=f"member-{number}", pool=pool, name_label=f"m-{number}", address="10.2.0.1")
    for number in range(10):
        operation = Operation.objects.create(
            kind="pool_create",
            title=f"Operation {number}",
            pool=pool,
            state="succeeded",
            created_by=make_person(f"p{number}"),
        )
        operation.servers.set(pool.servers.all())
    assert pool.coordinator is not None
    with django_assert_max_num_queries(12):
        page = text(owner, f"/{kind}/{pool.pk if kind == 'pools' else pool.coordinator.pk}/")
    assert "Operation 9" in page


def test_an_empty_estate_teaches_who_may_connect(owner: Client, bob: User, places: Places, sign_in: SignIn) -> None:
    Pool.objects.update(retired_at=timezone.now())
    assert "/connect/" in text(owner, "/estate/")
    assert "/connect/" not in text(sign_in(bob), "/estate/")


def test_people_see_their_own_pools_only(bob: User, places: Places, sign_in: SignIn) -> None:
    page = text(sign_in(bob), "/estate/")
    assert "Our pool" in page
    assert "Their pool" not in page


def test_a_server_shows_operations_of_ones_own_pools_only(places: Places, bob: User, sign_in: SignIn) -> None:
    ours = places.ours.servers.get()
    for pool, title in ((places.ours, "Ours"), (places.theirs, "Theirs")):
        operation = Operation.objects.create(
            kind="pool_create", title=f"{title} grows", pool=pool, state="succeeded", created_by=make_person(title)
        )
        operation.servers.add(ours)
    page = text(sign_in(bob), f"/servers/{ours.pk}/")
    assert "Ours grows" in page
    assert "Theirs grows" not in page


def test_the_pages_show_the_facts_of_a_real_inventory(lab: Lab, sign_in: SignIn) -> None:
    server = lab.coordinator
    page = text(sign_in(lab.owner), f"/servers/{server.pk}/")
    for fact in (server.name_label, server.address, server.uuid, "eth0", "Management", "Enabled", "Standalone", "root"):
        assert fact in page
    assert server.pin[:2].upper() + ":" + server.pin[2:4].upper() in page
    assert all(host.password not in page for host in lab.sim.hosts)


def test_a_standalone_servers_pool_page_is_its_server_page(lab: Lab, sign_in: SignIn) -> None:
    answer = sign_in(lab.owner).get(f"/pools/{lab.coordinator.pool_id}/")
    assert answer.headers["Location"] == f"/servers/{lab.coordinator.pk}/"


def test_a_pool_made_by_an_operation_shows_its_members_and_it(lab: Lab, sign_in: SignIn) -> None:
    operation = lab.succeeded()
    page = text(sign_in(lab.owner), f"/pools/{operation.pool_id}/")
    assert "One" in page
    assert "2 of 2" in page
    assert "Coordinator" in page
    assert all(server.name_label in page for server in lab.servers)
    assert operation.title in page


def test_a_pool_that_is_down_stays_readable_and_says_why(owner: Client, make_estate: MakeEstate) -> None:
    pool = make_estate(1, "Pool")[0]
    Inventory.objects.update(error_code="XENWEB_UNREACHABLE", error_params=["10.1.0.1:443"])
    page = text(owner, f"/pools/{pool.pk}/")
    assert "10.1.0.1:443" in page
    assert "Try again" in page
    assert "xs-0" in page


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "\u202egnp.exe", "{{ 1700*7 }}", "x" * 10_000])
def test_a_hostile_name_is_shown_as_text(name: str, owner: Client, make_estate: MakeEstate) -> None:
    pool = make_estate(1, "Pool")[0]
    inventory = Inventory.objects.get(pool=pool)
    for table in ("pool", "host", "network", "SR"):
        for record in inventory.records.get(table, {}).values():
            record["name_label"] = name
    inventory.save()
    Pool.objects.update(name_label=name)
    Server.objects.update(name_label=name)
    for path in ("/", "/estate/", f"/pools/{pool.pk}/", f"/servers/{pool.coordinator_id}/"):
        page = text(owner, path)
        assert "<img src=x" not in page
        assert "\u202e" not in page
        assert "11900" not in page
        assert "x" * 1000 not in page


def test_reading_again_asks_a_worker_and_comes_back(vera: User, places: Places, sign_in: SignIn) -> None:
    answer = sign_in(vera).post(f"/pools/{places.ours.pk}/refresh/", follow=True)
    assert "Reading Our pool again" in answer.content.decode()


@pytest.mark.parametrize(("role", "shown"), [(Role.VIEWER, False), (Role.ADMINISTRATOR, True)])
def test_only_administrators_are_offered_the_upkeep(
    role: Role, *, shown: bool, places: Places, sign_in: SignIn
) -> None:
    person = make_person("pat", role, places.ours)
    page = text(sign_in(person), f"/pools/{places.ours.pk}/")
    assert (f"/pools/{places.ours.pk}/login/" in page) is shown
