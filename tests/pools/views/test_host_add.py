"""Adding servers from the pool's page, a server's page and the estate's selection: same frame, same rules."""

from http import HTTPStatus

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from pools.models import Inventory, Operation, OperationState, Pool, Role
from pools.services import examination, planning
from tests.fixtures.growing import begun, set_on_pool
from tests.fixtures.lab import Lab
from tests.fixtures.people import Places, SignIn, make_person
from tests.pools.views.conftest import MakeEstate


@pytest.fixture
def otto(lab: Lab, sign_in: SignIn) -> Client:
    """The browser of the lab's owner."""
    return sign_in(lab.owner)


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == HTTPStatus.OK, answer.headers
    return answer.content.decode()


def test_the_whole_way_from_the_pool_to_the_start(lab: Lab, growing: Pool, otto: Client) -> None:
    entry = f"/pools/{growing.pk}/add-servers/"
    assert f'href="{entry}"' in text(otto, f"/pools/{growing.pk}/")
    shown = text(otto, entry)
    assert "Add servers to <bdi>Frankfurt</bdi>" in shown
    assert shown.count('name="servers"') == 1
    where = otto.post(entry, {"servers": [lab.servers[1].pk]}).headers["Location"]
    operation = Operation.objects.get()
    base = f"/operations/{operation.pk}"
    assert where == f"{base}/checks/"
    examination.run(str(operation.pk))
    assert "fit together" in text(otto, where)
    assert otto.post(f"{base}/network/").headers["Location"] == f"{base}/plan/"
    planning.run(str(operation.pk))
    operation.refresh_from_db()
    assert "Start now" in text(otto, f"{base}/plan/")
    otto.post(f"{base}/submit/", {"plan_hash": operation.plan_hash, "key": "k"})
    assert lab.run(operation).state == OperationState.SUCCEEDED


def test_every_page_says_add_servers_and_names_the_pool(lab: Lab, growing: Pool, otto: Client) -> None:
    operation = begun(lab, growing)
    for page in ("servers", "checks", "network", "plan"):
        shown = text(otto, f"/operations/{operation.pk}/{page}/")
        assert "<title>Add servers" in shown
        assert "Frankfurt" in shown
        assert f'href="/pools/{growing.pk}/"' in shown


def test_pages_of_another_wizard_are_not_there(lab: Lab, growing: Pool, otto: Client) -> None:
    operation = begun(lab, growing)
    for page in ("coordinator", "name"):
        assert otto.get(f"/operations/{operation.pk}/{page}/").status_code == HTTPStatus.NOT_FOUND


def test_nothing_chosen_is_explained_and_begins_no_draft(lab: Lab, growing: Pool, otto: Client) -> None:
    answer = otto.post(f"/pools/{growing.pk}/add-servers/")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Choose the servers that are to join the pool" in answer.content.decode()
    assert not Operation.objects.exists()


def test_from_a_server_and_from_the_estate_one_chooses_the_pool(lab: Lab, growing: Pool, otto: Client) -> None:
    joiner = lab.servers[1].pk
    assert f'href="/add-to-pool/?server={joiner}"' in text(otto, f"/servers/{joiner}/")
    assert 'formaction="/add-to-pool/"' in text(otto, "/estate/")
    entry = f"/pools/{growing.pk}/add-servers/?server={joiner}"
    assert f'href="{entry}"' in text(otto, f"/add-to-pool/?server={joiner}&server=nonsense")
    assert f'value="{joiner}" checked' in text(otto, entry)


def test_a_standalone_server_is_no_pool_yet(lab: Lab, growing: Pool, otto: Client) -> None:
    lonely = lab.servers[1]
    where = otto.get(f"/pools/{lonely.pool_id}/add-servers/").headers["Location"]
    assert where == f"/create-pool/?server={lonely.pk}"


def test_a_viewer_of_the_pool_adds_nothing_to_it(lab: Lab, growing: Pool, sign_in: SignIn) -> None:
    person = make_person("vera", Role.VIEWER, growing)
    person.grants.create(pool=lab.servers[1].pool, role=Role.OPERATOR)
    client = sign_in(person)
    assert client.get(f"/pools/{growing.pk}/add-servers/").status_code == HTTPStatus.FORBIDDEN
    assert "add-servers" not in text(client, f"/pools/{growing.pk}/")
    assert "There is no pool you may add to" in text(client, f"/add-to-pool/?server={lab.servers[1].pk}")


def test_a_pool_that_did_not_answer_is_said_on_every_page_before_the_plan(
    lab: Lab, growing: Pool, otto: Client
) -> None:
    operation = begun(lab, growing)
    Inventory.objects.filter(pool=growing).update(error_code="XENWEB_TIMEOUT", error_params=["127.0.0.1", "5"])
    for path in (f"/pools/{growing.pk}/add-servers/", f"/operations/{operation.pk}/checks/"):
        assert "The pool did not answer when it was last asked" in text(otto, path)


def test_ha_is_switched_when_the_button_is_pressed_and_left_when_it_is_pressed_again(
    lab: Lab, growing: Pool, otto: Client
) -> None:
    set_on_pool(lab, ha_enabled=True)
    operation = begun(lab, growing)
    base = f"/operations/{operation.pk}"
    examination.run(str(operation.pk))
    assert "Switch HA off for the joins" in text(otto, f"{base}/checks/")
    for pressed, chosen, offered in (("switch", True, "Leave HA as it is"), ("leave", False, "Switch HA off")):
        assert otto.post(f"{base}/ha/", {"ha": pressed}).headers["Location"] == f"{base}/checks/"
        operation.refresh_from_db()
        assert operation.draft["ha"] is chosen
        examination.run(str(operation.pk))
        assert offered in text(otto, f"{base}/checks/")


def test_connect_leads_back_to_the_choice_and_nowhere_else(lab: Lab, growing: Pool, otto: Client) -> None:
    here = f"/pools/{growing.pk}/add-servers/"
    assert "/connect/?next=%2Fpools%2F" in text(otto, here)
    for given, kept in ((here, here), ("https://evil.example/", ""), ("//evil.example", ""), ("", "")):
        otto.get("/connect/", {"next": given})
        assert otto.session["connect_way_back"] == kept


@pytest.mark.parametrize("count", [3, 30])
def test_choosing_pool_and_servers_costs_twelve_queries_at_most(
    count: int,
    places: Places,
    make_estate: MakeEstate,
    sign_in: SignIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    pools = make_estate(count, "Pool")
    make_estate(count)
    client = sign_in(make_person("olga", Role.OPERATOR))
    client.get("/errors/")
    for path in ("/add-to-pool/", f"/pools/{pools[0].pk}/add-servers/"):
        with django_assert_max_num_queries(12):
            text(client, path)
