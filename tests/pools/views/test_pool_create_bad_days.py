"""Bad input and bad days in the wizard: every answer is kept, and nobody changes what is under way."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from pools.checks.finding import Severity
from pools.models import Operation, OperationState, Role, User
from pools.services import examination, planning
from tests.fixtures.lab import Lab
from tests.fixtures.people import SignIn, make_person
from tests.pools.views.conftest import MakeEstate

PAGES = ("servers", "coordinator", "checks", "name", "plan")


@pytest.fixture
def browser_of_owner(lab: Lab, sign_in: SignIn) -> Client:
    return sign_in(lab.owner)


def ids(lab: Lab) -> list[str]:
    return [str(server.pk) for server in lab.servers]


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == HTTPStatus.OK
    return answer.content.decode()


def at(operation: Operation, page: str) -> str:
    return f"/operations/{operation.pk}/{page}/"


def only() -> Operation:
    return Operation.objects.get()


def named(lab: Lab, client: Client, name: str = "One") -> Operation:
    """Walk from the first page to the plan, with a worker that does its part."""
    client.post("/create-pool/", {"servers": ids(lab)})
    operation = only()
    client.post(at(operation, "coordinator"), {"coordinator": lab.coordinator.uuid})
    examination.run(str(operation.pk))
    client.post(at(operation, "name"), {"name": name, "description": "The first"})
    planning.run(str(operation.pk))
    return only()


def submitted(client: Client, operation: Operation, key: str = "k") -> str:
    data = {"plan_hash": operation.plan_hash, "key": key}
    return client.post(at(operation, "submit"), data, follow=True).content.decode()


@pytest.mark.parametrize("foreign", ["0", "999999999", "9" * 30, "nonsense"])
def test_a_server_that_is_not_offered_cannot_be_chosen(foreign: str, lab: Lab, browser_of_owner: Client) -> None:
    answer = browser_of_owner.post("/create-pool/", {"servers": [ids(lab)[0], foreign]})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("x" * 10_000, "A name may have at most 255 characters."),
        ("Frankfurt\u202etrufknarF", "invisible or control characters"),
        ("Frank\x1bfurt", "invisible or control characters"),
        ("Frank\u200bfurt", "invisible or control characters"),
        ("Frank\u2028furt", "invisible or control characters"),
        ("Frank\x00furt", "Null characters are not allowed."),
        ("   ", "This field is required."),
    ],
)
def test_a_name_that_cannot_be_is_refused_and_kept(
    name: str, sentence: str, lab: Lab, browser_of_owner: Client
) -> None:
    operation = lab.draft()
    answer = browser_of_owner.post(at(operation, "name"), {"name": name, "description": "typed with care"})
    page = answer.content.decode()
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert sentence in page
    assert f'value="{name}"' in page or not name.strip()
    assert "typed with care" in page
    assert only().draft["name"] == "One"


@pytest.mark.parametrize(
    "name", ["<img src=x onerror=alert(1)>", "{{ 1700*7 }}", "a'; rm -rf / #", "$(reboot)", "ß語🎉"]
)
def test_any_visible_name_is_shown_and_quoted_as_text(name: str, lab: Lab, browser_of_owner: Client) -> None:
    operation = named(lab, browser_of_owner, name)
    for page in ("name", "plan", "xe"):
        shown = text(browser_of_owner, at(operation, page))
        assert "<img src=x" not in shown or page == "xe"
        assert "11900" not in shown
    script = text(browser_of_owner, at(operation, "xe"))
    lines = [line for line in script.splitlines() if not line.startswith(("#", "xe ")) and line]
    assert lines == ["set -e"]
    submitted(browser_of_owner, operation)
    assert lab.run(operation).state == OperationState.SUCCEEDED


def test_a_draft_outlives_the_session_and_is_found_again(lab: Lab, browser_of_owner: Client, sign_in: SignIn) -> None:
    browser_of_owner.post("/create-pool/", {"servers": ids(lab)})
    operation = only()
    browser_of_owner.logout()
    elsewhere = sign_in(lab.owner)
    assert "/drafts/" in text(elsewhere, "/create-pool/")
    assert f"/operations/{operation.pk}/" in text(elsewhere, "/drafts/")
    page = text(elsewhere, at(operation, "servers"))
    assert all(f'value="{pk}" checked' in page for pk in ids(lab))


@pytest.mark.parametrize(("page", "data"), [
    ("servers", {}),
    ("coordinator", {}),
    ("checks", {}),
    ("name", {"name": "Another", "description": ""}),
    ("plan", {}),
    ("discard", {}),
])  # fmt: skip
def test_the_back_button_after_the_start_changes_nothing(
    page: str, data: dict[str, str], lab: Lab, browser_of_owner: Client
) -> None:
    operation = lab.started()
    sent = {"servers": ids(lab), "coordinator": lab.servers[1].uuid} | data
    answer = browser_of_owner.post(at(operation, page), sent, follow=True)
    assert answer.redirect_chain[-1][0] == f"/operations/{operation.pk}/"
    assert 'role="alert"' in answer.content.decode() or "toast" in answer.content.decode()
    operation.refresh_from_db()
    assert (operation.state, operation.draft["name"]) == (OperationState.QUEUED, "One")
    assert operation.steps.count() == 6


@pytest.mark.parametrize("where", PAGES)
def test_a_page_of_the_wizard_leads_to_the_operation_once_it_runs(
    where: str, lab: Lab, browser_of_owner: Client
) -> None:
    operation = lab.started()
    assert browser_of_owner.get(at(operation, where)).headers["Location"] == f"/operations/{operation.pk}/"


@pytest.mark.parametrize("key", ["k" * 1000, "a\x00b", ""])
def test_an_odd_key_is_no_crash(key: str, lab: Lab, browser_of_owner: Client) -> None:
    operation = named(lab, browser_of_owner)
    submitted(browser_of_owner, operation, key)
    assert only().state in {OperationState.PLANNED, OperationState.QUEUED}


def test_two_people_with_the_same_server_do_not_both_start(lab: Lab, browser_of_owner: Client, sign_in: SignIn) -> None:
    mine = lab.planned()
    other = make_person("paula", Role.OWNER)
    theirs = lab.planned(user=other)
    submitted(browser_of_owner, mine)
    page = submitted(sign_in(other), theirs, "another key")
    assert f"started by {lab.owner.display_name}, works on one of these servers now" in page
    theirs.refresh_from_db()
    assert theirs.state == OperationState.PLANNED


def test_a_stale_plan_is_shown_with_what_changed(lab: Lab, browser_of_owner: Client) -> None:
    operation = named(lab, browser_of_owner)
    submitted(browser_of_owner, operation)
    host = lab.sim.hosts[1]
    host.database.set("host", host.ref, name_label="<img src=x>\u202e" + "y" * 5000)
    assert lab.run(operation).state == OperationState.STALE
    page = text(browser_of_owner, at(operation, "plan"))
    assert "The plan is out of date" in page
    assert f"was {host.name}, is now &lt;img src=x&gt;" in page
    assert "\u202e" not in page
    assert "y" * 2000 not in page
    assert "Start now" not in page


@pytest.mark.parametrize(("step", "leads_to"), [
    ("servers", "coordinator"),
    ("coordinator", "checks"),
    ("checks", "checks"),
    ("name", "plan"),
    ("plan", "plan"),
])  # fmt: skip
def test_changing_a_plan_that_began_to_run_leads_to_a_draft_of_its_own(
    step: str, leads_to: str, lab: Lab, browser_of_owner: Client
) -> None:
    old = lab.started()
    lab.sim.hosts[1].database.set("host", lab.sim.hosts[1].ref, name_label="another name")
    assert lab.run(old).state == OperationState.STALE
    answers = {"servers": ids(lab), "coordinator": lab.coordinator.uuid, "name": "One", "description": ""}
    where = browser_of_owner.post(at(old, step), answers).headers["Location"]
    new = Operation.objects.exclude(pk=old.pk).get()
    assert where == at(new, leads_to)
    assert "One" in text(browser_of_owner, at(new, "name"))
    old.refresh_from_db()
    assert (old.state, old.steps.count()) == (OperationState.CANCELLED, 6)


def test_a_worker_that_is_away_is_said_to_be_away(lab: Lab, browser_of_owner: Client) -> None:
    operation = lab.draft()
    examination.ask(operation=operation, user=lab.owner)
    page = text(browser_of_owner, at(operation, "checks"))
    assert "Reading 2 servers" in page
    assert 'hx-trigger="every' in page
    long_ago = (timezone.now() - timedelta(seconds=91)).isoformat()
    Operation.objects.update(report=operation.report | {"asked_at": long_ago})
    page = text(browser_of_owner, at(operation, "checks"))
    assert "No worker has answered" in page
    assert 'hx-trigger="every' not in page


def test_what_cannot_be_read_is_never_called_fine(lab: Lab, browser_of_owner: Client) -> None:
    lab.sim.fault("power_off", host=lab.sim.hosts[1].name)
    operation = named(lab, browser_of_owner)
    report = examination.state(operation).report
    assert report is not None
    assert report.unknowns
    page = text(browser_of_owner, at(operation, "checks"))
    assert "could not be read" in page
    assert "All 2 servers fit together" not in page
    assert {cell.state.value for row in report.rows() for cell in row.cells if cell.server_uuid == lab.servers[1].uuid
            and Severity.UNKNOWN in {finding.severity for finding in cell.findings}} <= {"unknown"}  # fmt: skip
    assert "Start now" not in text(browser_of_owner, at(operation, "plan"))


@pytest.mark.parametrize("where", [*PAGES, "xe"])
def test_a_draft_of_another_team_is_no_draft(where: str, lab: Lab, charlie: User, sign_in: SignIn) -> None:
    operation = lab.draft()
    assert sign_in(charlie).get(at(operation, where)).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("where", PAGES)
def test_a_viewer_makes_no_plans(where: str, lab: Lab, sign_in: SignIn) -> None:
    client = sign_in(make_person("viktor", Role.VIEWER))
    operation = lab.draft()
    assert client.get(at(operation, where)).status_code == HTTPStatus.FORBIDDEN
    assert "Create pool" not in text(client, "/estate/")


@pytest.mark.parametrize("count", [3, 30])
def test_the_wizards_pages_cost_twelve_queries_at_most(
    count: int,
    alice: User,
    sign_in: SignIn,
    make_estate: MakeEstate,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    servers = [pool.servers.get() for pool in make_estate(count)]
    operation = Operation.objects.create(kind="pool_create", created_by=alice, title="Many", pool=servers[0].pool)
    operation.servers.set(servers)
    uuids = [server.uuid for server in servers]
    operation.draft = {"servers": uuids, "coordinator": uuids[0], "name": "Many"}
    operation.save()
    client = sign_in(alice)
    client.get("/errors/")
    for page in ("/create-pool/", *(at(operation, page) for page in PAGES)):
        with django_assert_max_num_queries(12):
            text(client, page)


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "\u202egnp.exe", "x" * 100_000])
def test_a_server_with_a_hostile_name_is_shown_as_text_on_every_page(
    name: str, lab: Lab, browser_of_owner: Client
) -> None:
    host = lab.sim.hosts[1]
    host.database.set("host", host.ref, name_label=name)
    host.database.set("pool", next(iter(host.database.records("pool"))), ha_enabled=True)
    lab.servers[1].name_label = name
    lab.servers[1].save()
    operation = named(lab, browser_of_owner)
    assert "HA_IS_ENABLED" in text(browser_of_owner, at(operation, "checks"))
    for where in ("/create-pool/", *(at(operation, where) for where in PAGES)):
        page = text(browser_of_owner, where)
        assert "<img src=x" not in page
        assert "\u202e" not in page
        assert "x" * 2000 not in page
