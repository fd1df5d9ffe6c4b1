"""The Connect page: read strictly, nothing typed lost, each address with its own answer."""

import re
import uuid
from collections.abc import Mapping
from http import HTTPStatus

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from pools.models import Probe, ProbeState, Role, Server, User
from pools.services import connect, probing
from pools.xapi.endpoint import Login
from simulator.running import Simulation
from tests.fixtures.people import SignIn, make_person

SECRET = "a-secret-nobody-else-types"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def anna(alice: User, sign_in: SignIn) -> Client:
    return sign_in(alice)


def paste(client: Client, addresses: str, password: str = SECRET) -> tuple[int, str]:
    answer = client.post("/connect/", {"addresses": addresses, "username": "root", "password": password})
    return answer.status_code, answer.content.decode()


def batch_of(client: Client, path: str = "/connect/lab/", data: dict[str, str] | None = None) -> str:
    """Begin, and let the worker look once."""
    where = client.post(path, data or {}).headers["Location"]
    probing.examine_batch(where.strip("/").rpartition("/")[2])
    return where


def ticked(client: Client, where: str) -> Mapping[str, list[str] | str]:
    """Fill in the form as the page offers it: every box ticked, every fingerprint as shown."""
    page = client.get(where).content.decode()
    pins = dict(re.findall(r'name="(pin-\d+)" value="([0-9a-f]{64})"', page))
    return {"probe": re.findall(r'name="probe" value="(\d+)"', page)} | pins


@pytest.mark.parametrize(
    ("addresses", "message"),
    [
        ("", "This field is required"),
        ("# only a comment\n", "Give at least one address."),
        ("10.0.0.1\n10.0.0.2:port", "Line 2"),
        ("10.0.0.1 root", "Line 1 has a user name but no password."),
        ("\n".join(f"10.0.{n // 250}.{n % 250}" for n in range(257)), "at most 256 addresses"),
    ],
)
def test_a_wrong_paste_is_explained_and_kept(anna: Client, addresses: str, message: str) -> None:
    status, page = paste(anna, addresses)
    assert status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert message in page
    assert addresses.partition("\n")[0] in page
    assert SECRET not in page
    assert not Probe.objects.exists()


def test_a_line_without_a_login_needs_the_one_for_all(anna: Client) -> None:
    status, page = paste(anna, "10.0.0.1 root own-secret\n10.0.0.2", password="")
    assert status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Some lines have no login of their own" in page


def test_each_line_has_its_own_port_and_login(anna: Client) -> None:
    status, _ = paste(anna, "10.0.0.1:8443 admin pass word\n10.0.0.2\n[fd00::1]:444")
    assert status == HTTPStatus.FOUND
    found = [(probe.address, probe.port, connect.unseal(probe)) for probe in Probe.objects.all()]
    assert found == [
        ("10.0.0.1", 8443, Login(username="admin", password="pass word")),
        ("10.0.0.2", 443, Login(username="root", password=SECRET)),
        ("fd00::1", 444, Login(username="root", password=SECRET)),
    ]


def test_the_whole_way_from_the_lab_to_the_estate(sim: Simulation, anna: Client) -> None:
    where = batch_of(anna)
    assert "2 certificates to confirm" in anna.get(where).content.decode()
    anna.post(f"{where}trust/", ticked(anna, where))
    probing.examine_batch(where.strip("/").rpartition("/")[2])
    assert "2 servers ready" in anna.get(where).content.decode()
    anna.post(f"{where}add/", ticked(anna, where))
    for probe in Probe.objects.all():
        probing.examine(probe.pk)
    page = anna.get(where).content.decode()
    assert "2 connected" in page
    assert "hx-get" not in page
    assert Server.objects.count() == 2


def test_a_fingerprint_that_changed_since_the_page_was_shown_is_not_confirmed(sim: Simulation, anna: Client) -> None:
    where = batch_of(anna)
    form = ticked(anna, where)
    Probe.objects.update(pin="0" * 64)
    answer = anna.post(f"{where}trust/", form, follow=True)
    assert "No certificate was confirmed" in answer.content.decode()
    assert not Probe.objects.filter(trusted=True).exists()


def test_nothing_ticked_is_nothing_done(sim: Simulation, anna: Client) -> None:
    where = batch_of(anna)
    assert "No certificate was confirmed" in anna.post(f"{where}trust/", follow=True).content.decode()
    assert "Nothing was added" in anna.post(f"{where}add/", follow=True).content.decode()


def test_a_failed_address_says_why_and_can_be_looked_at_again(sim: Simulation, anna: Client) -> None:
    data = {"addresses": "127.66.0.1:9", "username": "root", "password": SECRET}
    where = batch_of(anna, "/connect/", data)
    page = anna.get(where).content.decode()
    probe = Probe.objects.get()
    assert probe.state == ProbeState.FAILED
    assert f"{where}{probe.pk}/again/" in page
    assert SECRET not in page
    anna.post(f"{where}{probe.pk}/again/")
    probe.refresh_from_db()
    assert probe.state == ProbeState.WAITING


def test_htmx_gets_the_table_alone(sim: Simulation, anna: Client) -> None:
    where = batch_of(anna)
    part = anna.get(where, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="probes"')
    assert "<html" not in part


def test_a_batch_is_its_owners_alone(sim: Simulation, anna: Client, sign_in: SignIn) -> None:
    where = batch_of(anna)
    other = sign_in(make_person("other", Role.OWNER))
    assert other.get(where).status_code == HTTPStatus.NOT_FOUND
    assert other.post(f"{where}trust/", ticked(anna, where)).status_code == HTTPStatus.NOT_FOUND
    assert other.post(f"{where}{Probe.objects.earliest('pk').pk}/again/").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("count", [3, 60])
def test_the_results_cost_twelve_queries_at_most(
    count: int, alice: User, anna: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    login = Login(username="root", password=SECRET)
    targets = [connect.Target(address=f"10.0.0.{number + 1}", port=443, login=login) for number in range(count)]
    batch: uuid.UUID = connect.begin(user=alice, targets=targets)
    anna.get("/errors/")
    with django_assert_max_num_queries(12):
        page = anna.get(f"/connect/{batch}/").content.decode()
    assert page.count('id="probe-') == count
