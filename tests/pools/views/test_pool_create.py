"""The wizard's pages: one question each, every answer kept, no way into a dead end."""

from http import HTTPStatus

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from pools.models import Grant, Operation, OperationState, Role, User
from pools.services import examination, planning
from tests.fixtures.lab import Lab
from tests.fixtures.people import Places, SignIn, make_person
from tests.pools.views.conftest import MakeEstate


@pytest.fixture
def otto(lab: Lab, sign_in: SignIn) -> Client:
    """The browser of the lab's owner."""
    return sign_in(lab.owner)


def page(client: Client, operation: Operation, step: str, **headers: str) -> str:
    answer = client.get(f"/operations/{operation.pk}/{step}/", headers=headers)
    assert answer.status_code == HTTPStatus.OK, answer.headers
    return answer.content.decode()


def post(client: Client, operation: Operation, step: str, **data: object) -> str:
    """Send an answer; returns where it leads."""
    answer = client.post(f"/operations/{operation.pk}/{step}/", data)
    return answer.headers.get("Location", f"{answer.status_code}")


def planned(lab: Lab) -> Operation:
    operation = lab.draft()
    planning.ask(operation=operation, user=lab.owner)
    planning.run(str(operation.pk))
    operation.refresh_from_db()
    return operation


def test_the_whole_way_from_servers_to_the_start(lab: Lab, otto: Client) -> None:
    chosen = [str(server.pk) for server in lab.servers]
    where = otto.post("/create-pool/", {"servers": chosen}).headers["Location"]
    operation = Operation.objects.get()
    assert where == f"/operations/{operation.pk}/coordinator/"
    assert "Recommended" in page(otto, operation, "coordinator")
    assert post(otto, operation, "coordinator", coordinator=lab.coordinator.uuid).endswith("/checks/")
    assert "Reading 2 servers" in page(otto, operation, "checks")
    examination.run(str(operation.pk))
    checks = page(otto, operation, "checks")
    assert "fit together" in checks
    assert f'href="/operations/{operation.pk}/network/"' in checks
    assert post(otto, operation, "network").endswith("/name/")
    assert post(otto, operation, "name", name="Frankfurt", description="").endswith("/plan/")
    assert "Making the plan" in page(otto, operation, "plan")
    planning.run(str(operation.pk))
    operation.refresh_from_db()
    assert "Start now" in page(otto, operation, "plan")
    assert post(otto, operation, "submit", plan_hash=operation.plan_hash, key="k1") == f"/operations/{operation.pk}/"
    assert lab.run(operation).state == OperationState.SUCCEEDED


@pytest.mark.parametrize("count", [3, 30])
def test_the_choice_of_servers_costs_twelve_queries_at_most(
    count: int,
    places: Places,
    make_estate: MakeEstate,
    sign_in: SignIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    make_estate(count)
    client = sign_in(make_person("olga", Role.OPERATOR))
    client.get("/errors/")
    with django_assert_max_num_queries(12):
        shown = client.get("/create-pool/").content.decode()
    assert shown.count('name="servers"') == count


def test_every_later_page_costs_twelve_queries_at_most(
    lab: Lab, otto: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    operation = planned(lab)
    examination.ask(operation=operation, user=lab.owner)
    for step in ("servers", "coordinator", "checks", "network", "name", "plan"):
        page(otto, operation, step)
        with django_assert_max_num_queries(12):
            page(otto, operation, step)


def test_one_server_is_no_pool_and_looking_begins_no_draft(lab: Lab, otto: Client) -> None:
    answer = otto.post("/create-pool/", {"servers": [str(lab.coordinator.pk)]})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Choose at least two servers" in answer.content.decode()
    assert f'value="{lab.coordinator.pk}" checked' in answer.content.decode()
    otto.get(f"/create-pool/?server={lab.coordinator.pk}")
    assert not Operation.objects.exists()


def test_a_server_that_is_not_ones_own_cannot_be_chosen(lab: Lab, sign_in: SignIn) -> None:
    person = make_person("petra", Role.OPERATOR, lab.servers[0].pool)
    answer = sign_in(person).post("/create-pool/", {"servers": [str(server.pk) for server in lab.servers]})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "not yours to use" in answer.content.decode()


def test_a_coordinator_must_be_one_of_the_chosen(lab: Lab, otto: Client) -> None:
    operation = lab.draft()
    for wrong in ("", "00000000-0000-4000-8000-000000000000"):
        assert post(otto, operation, "coordinator", coordinator=wrong) == "422"


def test_a_page_whose_question_comes_too_early_leads_back(lab: Lab, otto: Client) -> None:
    operation = Operation.objects.create(kind="pool_create", created_by=lab.owner, draft={"servers": []})
    assert otto.get(f"/operations/{operation.pk}/checks/").headers["Location"].endswith("/servers/")
    assert otto.get(f"/operations/{operation.pk}/plan/").headers["Location"].endswith("/servers/")


@pytest.mark.parametrize("name", ["x" * 10_240, "evil\u202ename", "tab\there", "", "nul\x00byte"])
def test_a_name_that_cannot_be_is_explained(name: str, lab: Lab, otto: Client) -> None:
    operation = lab.draft()
    assert post(otto, operation, "name", name=name, description="") == "422"
    operation.refresh_from_db()
    assert operation.draft["name"] == "One"


def test_a_hostile_name_is_a_name(lab: Lab, otto: Client) -> None:
    operation, hostile = lab.draft(), "<script>alert(1)</script> {{ 7*7 }} “ü” $(reboot)"
    assert post(otto, operation, "name", name=hostile, description=hostile).endswith("/plan/")
    operation.refresh_from_db()
    assert operation.draft["name"] == hostile
    for step in ("servers", "name", "plan"):
        assert "<script>alert" not in page(otto, operation, step)


def test_problems_are_shown_with_their_values_and_forbid_the_plan(lab: Lab, otto: Client) -> None:
    host = lab.sim.hosts[1]
    host.database.set("pool", next(iter(host.database.records("pool"))), ha_enabled=True)
    operation = planned(lab)
    examination.ask(operation=operation, user=lab.owner)
    examination.run(str(operation.pk))
    assert "HA_IS_ENABLED" in page(otto, operation, "checks")
    plan = page(otto, operation, "plan")
    assert "The checks found problems" in plan
    assert "Start now" not in plan


def test_examining_again_asks_anew_and_waits_for_no_plan(lab: Lab, otto: Client) -> None:
    operation = planned(lab)
    assert post(otto, operation, "checks").endswith("/checks/")
    assert "Being read again: <bdi>xs-01</bdi>, <bdi>xs-02</bdi>" in page(otto, operation, "checks")
    plan = page(otto, operation, "plan")
    assert "There is no plan yet" in plan
    assert "Start now" not in plan


def test_htmx_gets_the_changing_part_alone(lab: Lab, otto: Client) -> None:
    operation = planned(lab)
    for step, element in (("checks", '<div id="checks"'), ("plan", '<div id="plan-page"')):
        part = page(otto, operation, step, **{"HX-Request": "true"})
        assert part.lstrip().startswith(element)


def test_a_double_click_starts_one_operation(lab: Lab, otto: Client) -> None:
    operation = planned(lab)
    for _ in range(2):
        post(otto, operation, "submit", plan_hash=operation.plan_hash, key="the same")
    operation.refresh_from_db()
    assert operation.state == OperationState.QUEUED
    assert operation.journal.filter(text__contains="started the operation").count() == 1


def test_a_plan_that_changed_since_it_was_shown_is_not_started(lab: Lab, otto: Client) -> None:
    operation = planned(lab)
    assert post(otto, operation, "submit", plan_hash="0" * 64, key="k").endswith("/plan/")
    assert "The plan changed since this page was opened" in page(otto, operation, "plan")
    operation.refresh_from_db()
    assert operation.state == OperationState.PLANNED


def test_two_people_with_the_same_server_the_second_is_told_by_whom_it_is_used(lab: Lab, otto: Client) -> None:
    second = planned(lab)
    first = lab.started()
    post(otto, second, "submit", plan_hash=second.plan_hash, key="k")
    shown = otto.get(f"/operations/{second.pk}/plan/").content.decode()
    assert first.title in shown
    assert "works on one of these servers now" in shown
    second.refresh_from_db()
    assert second.state == OperationState.PLANNED


def test_the_back_button_after_the_start_changes_nothing(lab: Lab, otto: Client) -> None:
    operation = lab.started()
    for step, data in (
        ("servers", {"servers": [str(s.pk) for s in lab.servers]}),
        ("name", {"name": "Other"}),
        ("plan", {}),
    ):
        assert post(otto, operation, step, **data) == f"/operations/{operation.pk}/"
    assert otto.get(f"/operations/{operation.pk}/plan/").status_code in {HTTPStatus.OK, HTTPStatus.FOUND}
    operation.refresh_from_db()
    assert (operation.state, operation.draft["name"]) == (OperationState.QUEUED, "One")


def test_an_operator_asks_where_an_administrator_starts(lab: Lab, sign_in: SignIn) -> None:
    operator = make_person("olga", Role.OPERATOR)
    operation = lab.planned(user=operator)
    client = sign_in(operator)
    assert "Ask for approval" in page(client, operation, "plan")
    data = {"plan_hash": operation.plan_hash, "key": "k", "message": "For the new rack"}
    assert post(client, operation, "submit", **data) == f"/operations/{operation.pk}/"
    operation.refresh_from_db()
    assert operation.state == OperationState.AWAITING_APPROVAL
    assert operation.approvals.get().message == "For the new rack"


def test_the_script_is_a_download_without_passwords(lab: Lab, otto: Client) -> None:
    operation = planned(lab)
    answer = otto.get(f"/operations/{operation.pk}/xe/")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    script = answer.content.decode()
    assert "pool-join" in script
    assert all(host.password not in script for host in lab.sim.hosts)


def test_a_draft_is_deleted_and_what_runs_is_not(lab: Lab, otto: Client) -> None:
    draft = lab.draft()
    assert post(otto, draft, "discard") == "/estate/"
    assert not Operation.objects.exists()
    started = lab.started()
    post(otto, started, "discard")
    assert Operation.objects.get() == started


@pytest.fixture
def half(lab: Lab) -> User:
    """An operator of the first server, and a viewer of the other one."""
    person = make_person("half", Role.OPERATOR, lab.servers[0].pool)
    Grant.objects.create(user=person, pool=lab.servers[1].pool, role=Role.VIEWER)
    return person


@pytest.mark.parametrize("step", ["servers", "coordinator", "checks", "name", "plan", "discard", "submit"])
def test_a_draft_opens_for_operators_of_every_server_in_it(step: str, lab: Lab, half: User, sign_in: SignIn) -> None:
    operation = planned(lab)
    client = sign_in(half)
    if step not in {"discard", "submit"}:
        assert client.get(f"/operations/{operation.pk}/{step}/").status_code == HTTPStatus.FORBIDDEN
    assert post(client, operation, step) == f"{HTTPStatus.FORBIDDEN}"
    operation.refresh_from_db()
    assert operation.state == OperationState.PLANNED


def test_a_draft_whose_servers_are_gone_opens_for_who_began_it(lab: Lab, sign_in: SignIn) -> None:
    person = make_person("petra", Role.OPERATOR, lab.servers[0].pool)
    empty = Operation.objects.create(kind="pool_create", created_by=person)
    page(sign_in(person), empty, "servers")


def test_no_plan_is_asked_for_while_an_answer_is_missing(lab: Lab, otto: Client) -> None:
    operation = lab.draft()
    Operation.objects.filter(pk=operation.pk).update(draft={**operation.draft, "coordinator": ""})
    assert post(otto, operation, "plan").endswith("/coordinator/")
    operation.refresh_from_db()
    assert "plan_asked_at" not in operation.draft
