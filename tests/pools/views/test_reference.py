"""Pages to look things up: readable by everybody, searched without JavaScript."""

from html import unescape
from http import HTTPStatus
from urllib.parse import quote

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from pools.models import Server, User
from pools.xapi.messages import MESSAGES, explain
from simulator.running import Simulation
from tests.fixtures.lab import Lab
from tests.fixtures.people import SignIn, make_person
from tests.pools.connected import connected


@pytest.fixture
def reader(db: None, sign_in: SignIn) -> Client:
    """Somebody without any role."""
    return sign_in(make_person("rita"))


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == HTTPStatus.OK
    return answer.content.decode()


def test_every_code_has_its_cause_and_remedy(reader: Client) -> None:
    page = text(reader, "/errors/")
    assert all(f'id="{code.partition(" ")[0]}"' in page for code in MESSAGES)
    assert "{0}" not in page


@pytest.mark.parametrize("code", ["HOST_IS_SLAVE", "HOSTS_NOT_HOMOGENEOUS", "XENWEB_TIMEOUT", "SR_BACKEND_FAILURE_73"])
def test_each_code_has_a_page_of_its_own(code: str, reader: Client) -> None:
    page = text(reader, f"/errors/{code}/")
    assert explain(code).remedy in unescape(page)
    assert "Where it came up" in page


@pytest.mark.parametrize("code", ["NOBODY_KNOWS_THIS", "'; rm -rf ~; '", "<img src=x>", "x" * 5000, "\u202eedoc"])
def test_the_page_of_an_unknown_code_says_so(code: str, reader: Client) -> None:
    page = text(reader, f"/errors/{quote(code, safe='')}/")
    assert "xenweb does not know this code" in page
    assert ("grep -n" in page) == (code == "NOBODY_KNOWS_THIS")
    assert "<img src=x>" not in page
    assert "\u202e" not in page


def test_the_dictionary_is_narrowed_to_a_subject(reader: Client) -> None:
    page = text(reader, "/errors/?subject=Joining+a+pool")
    assert 'id="POOL_JOINING_HOST_HAS_BONDS"' in page
    assert 'id="XENWEB_TIMEOUT"' not in page
    assert 'id="XENWEB_TIMEOUT"' in text(reader, "/errors/?subject=no+such+subject")


@pytest.mark.parametrize("wanted", ["HOST_IS_SLAVE", "host_is_slave", "  Host_Is_Slave "])
def test_a_code_is_found_however_it_is_written(wanted: str, reader: Client) -> None:
    page = reader.get("/errors/", {"q": wanted}).content.decode()
    assert "HOST_IS_SLAVE" in page
    assert "XENWEB_TIMEOUT" not in page


@pytest.mark.parametrize("wanted", ["<img src=x onerror=alert(1)>", "\x00", "\u202e", "x" * 100_000, "%", "{0}"])
def test_any_search_is_a_search(wanted: str, reader: Client) -> None:
    answer = reader.get("/errors/", {"q": wanted})
    page = answer.content.decode()
    assert answer.status_code == HTTPStatus.OK
    assert "<img src=x" not in page
    assert "x" * 1000 not in page


def test_an_unknown_code_is_no_dead_end(reader: Client) -> None:
    assert "No code matches" in reader.get("/errors/", {"q": "no such code"}).content.decode()


def test_the_lab_says_which_of_its_servers_are_connected(sim: Simulation, alice: User, sign_in: SignIn) -> None:
    connected(sim.hosts[0])
    page = text(sign_in(alice), "/lab/")
    assert f"/servers/{Server.objects.get().pk}/" in page
    assert page.count("not connected") == 1
    assert "Connect the lab’s servers" in page
    assert sim.hosts[0].password not in page


def test_the_lab_shows_nobody_elses_server(sim: Simulation, charlie: User, sign_in: SignIn) -> None:
    connected(sim.hosts[0])
    page = text(sign_in(charlie), "/lab/")
    assert "/servers/" not in page
    assert page.count("not connected") == 2


@pytest.mark.parametrize("connect", [0, 2])
def test_the_lab_costs_ten_queries_at_most(
    connect: int, sim: Simulation, alice: User, sign_in: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for host in sim.hosts[:connect]:
        connected(host)
    client = sign_in(alice)
    client.get("/errors/")
    with django_assert_max_num_queries(10):
        text(client, "/lab/")


def test_without_a_lab_there_is_no_page_of_it(alice: User, sign_in: SignIn, settings: Settings) -> None:
    settings.LAB = None
    assert sign_in(alice).get("/lab/").status_code == HTTPStatus.NOT_FOUND
    assert sign_in(alice).post("/connect/lab/").status_code == HTTPStatus.NOT_FOUND
    assert "/lab/" not in text(sign_in(alice), "/")


def test_the_components_are_for_those_who_build_the_pages(alice: User, sign_in: SignIn) -> None:
    assert sign_in(alice).get("/components/").status_code == HTTPStatus.FORBIDDEN
    alice.is_staff = True
    alice.save()
    assert sign_in(alice).get("/components/").status_code == HTTPStatus.OK


def test_a_page_shows_where_its_code_came_up_to_those_who_may_see_it(lab: Lab, sign_in: SignIn) -> None:
    operation = lab.planned()
    operation.steps.filter(seq=2).update(error_code="POOL_JOINING_HOST_HAS_BONDS")
    path = f"/operations/{operation.pk}/"
    assert path in text(sign_in(lab.owner), "/errors/POOL_JOINING_HOST_HAS_BONDS/")
    assert path not in text(sign_in(lab.owner), "/errors/POOL_JOINING_HOST_HAS_TUNNELS/")
    assert path not in text(sign_in(make_person("rita")), "/errors/POOL_JOINING_HOST_HAS_BONDS/")


@pytest.mark.parametrize("path", ["/errors/", "/errors/?q=bond&subject=Joining+a+pool", "/errors/HOST_IS_SLAVE/"])
def test_the_dictionary_costs_twelve_queries_at_most(
    path: str, lab: Lab, sign_in: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for operation in (lab.planned(), lab.draft()):
        operation.steps.update(error_code="HOST_IS_SLAVE")
    client = sign_in(lab.owner)
    client.get("/errors/")
    with django_assert_max_num_queries(12):
        text(client, path)
