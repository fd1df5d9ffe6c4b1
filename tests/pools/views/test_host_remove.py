"""Removing servers in the browser: from the server's page over its losses and what it comes back as to the plan."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from pools.checks.finding import Finding
from pools.models import Operation, OperationState, Role
from pools.services import cures, deciding, examination, guests, losses, planning
from pools.services.losses import Row
from simulator.xapi.rows import rows as rows_of
from simulator.xapi.storage.rows import add_disk
from tests.fixtures.lab import story
from tests.fixtures.people import PASSWORD, SignIn, make_person
from tests.pools.connected import server_of
from tests.pools.operations.removal.removing import Removing, removing


@pytest.fixture
def busy(transactional_db: None) -> Iterator[Removing]:
    with removing("busy-member", "boss") as found:
        yield found


@pytest.fixture
def otto(busy: Removing, sign_in: SignIn) -> Client:
    return sign_in(busy.owner)


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == HTTPStatus.OK, answer.headers
    return answer.content.decode()


def begun(busy: Removing, otto: Client, name: str = "busy") -> Operation:
    """Press the button on the server's page, and let the worker read."""
    server = server_of(busy.sim.host(name))
    assert "Remove from pool" in text(otto, f"/servers/{server.pk}/")
    where = otto.post(f"/pools/{busy.pool.pk}/remove-servers/", {"servers": [server.pk]}).headers["Location"]
    operation = Operation.objects.get()
    assert where == f"/operations/{operation.pk}/losses/"
    assert "Reading every disk" in text(otto, where)
    return read(operation)


def read(operation: Operation) -> Operation:
    examination.run(str(operation.pk))
    operation.refresh_from_db()
    return operation


def rows(operation: Operation) -> dict[str, Row]:
    """By the name that the page shows."""
    found = [row for table in losses.page(operation).tables for row in table.rows]
    return {row.name: row for row in found}


def answers(operation: Operation, choice: str) -> dict[str, str]:
    """The same for every row."""
    return {row.field: choice for table in losses.page(operation).tables for row in table.rows}


def test_the_page_shows_every_loss_and_asks_for_each(busy: Removing, otto: Client) -> None:
    operation = begun(busy, otto)
    shown = text(otto, f"/operations/{operation.pk}/losses/")
    for row in rows(operation).values():
        assert f'name="{row.field}"' in shown
    assert "archive disk" in shown
    assert f"vdi-export uuid={rows(operation)['archive disk'].uuid}" in shown


def test_going_on_without_a_decision_says_which_rows_wait(busy: Removing, otto: Client) -> None:
    operation = begun(busy, otto)
    page = f"/operations/{operation.pk}/losses/"
    row = rows(operation)["archive disk"]
    where = otto.post(page, {row.field: "export", "go": "next"}).headers["Location"]
    assert where == f"{page}?open=1"
    assert "without a decision" in text(otto, where)
    operation.refresh_from_db()
    assert operation.draft["decisions"] == {row.key: {"do": "export"}}


def test_all_of_a_table_is_accepted_with_the_right_words_only(busy: Removing, otto: Client) -> None:
    operation = begun(busy, otto)
    page = f"/operations/{operation.pk}/losses/"
    asked = answers(operation, "")
    otto.post(page, asked | {"accept:destroyed": "yes, all"})
    operation.refresh_from_db()
    assert operation.draft["decisions"] == {}
    assert "These are other words" in text(otto, page)
    otto.post(page, asked | {f"accept:{name}": words for name, words in losses.WORDS.items()} | {"go": "next"})
    operation.refresh_from_db()
    assert operation.draft["losses_open"] == 0
    assert operation.draft["accepted"] == losses.WORDS
    assert "comes back as" in text(otto, f"/operations/{operation.pk}/return/")


def test_a_vm_moves_with_its_disks(busy: Removing, otto: Client) -> None:
    operation = begun(busy, otto)
    disk, vm = rows(operation)["archive disk"], rows(operation)["archive"]
    filer = next(target for target in disk.targets if target.name == "Filer")
    otto.post(f"/operations/{operation.pk}/losses/", {disk.field: f"move:{filer.uuid}", vm.field: ""})
    operation.refresh_from_db()
    moved = {"do": "move", "to": filer.uuid}
    assert operation.draft["decisions"] == {disk.key: moved, vm.key: moved}


def test_what_runs_is_not_offered_storage_that_its_server_does_not_reach(busy: Removing, otto: Client) -> None:
    offered = {name: [target.name for target in row.targets] for name, row in rows(begun(busy, otto)).items()}
    assert offered["local disk"] == offered["local-disk"] == ["Filer"]
    assert offered["archive disk"] == ["Filer", "Local storage of boss", "Local storage of spare"]


def test_decisions_stay_when_it_is_read_again_and_what_is_new_is_marked(busy: Removing, otto: Client) -> None:
    operation = begun(busy, otto)
    page = f"/operations/{operation.pk}/losses/"
    row = rows(operation)["archive disk"]
    database = busy.sim.host("boss").database
    old = next(rows_of(database, "VDI", name_label="archive disk"))
    add_disk(old.to("SR", "SR"), "late disk", 1)
    otto.post(page, {row.field: "accept", "again": "1"})
    operation = read(Operation.objects.get())
    assert rows(operation)["archive disk"].decision is not None
    assert rows(operation)["late disk"].new
    assert not rows(operation)["archive"].new
    assert "1 new" in text(otto, page)


def test_each_vm_says_whether_it_can_move_and_goes_where_it_is_sent(busy: Removing, otto: Client) -> None:
    operation = begun(busy, otto)
    page, spare = f"/operations/{operation.pk}/losses/", busy.sim.host("spare").uuid
    shown = text(otto, page)
    assert "19 cannot move" in shown
    assert shown.index("A device is passed through to the VM") < shown.index("Destroyed")
    assert f'href="/operations/{operation.pk}/fix/guests/{busy.sim.host("busy").uuid}/"' in shown
    by_name = {row.name: row for row in guests.page(operation, examination.state(operation).report).rows}
    sent = {by_name[name].field: spare for name in ("mail", "local-disk", "much-memory", "lone-network")}
    otto.post(page, sent | {by_name["web"].field: "nobody"})
    operation.refresh_from_db()
    chosen = {name: operation.draft["vm_targets"].get(row.uuid) for name, row in by_name.items()}
    assert {name for name, place in chosen.items() if place} == {"mail", "local-disk"}
    assert "XAPI is asked again with the plan" in text(otto, page)
    otto.post(page, {by_name["mail"].field: ""})
    operation.refresh_from_db()
    assert list(operation.draft["vm_targets"]) == [by_name["local-disk"].uuid]


def to_the_plan(busy: Removing, otto: Client, name: str) -> Operation:
    """Accept everything, answer the rest, and let the worker make the plan."""
    operation = begun(busy, otto, name)
    base = f"/operations/{operation.pk}"
    asked = answers(operation, "accept")
    assert otto.post(f"{base}/losses/", asked | {"go": "next"}).headers["Location"] == f"{base}/return/"
    shown = text(otto, f"{base}/return/")
    assert "comes back as" in shown
    assert otto.post(f"{base}/return/", {"go": "next"}).headers["Location"] == f"{base}/plan/"
    planning.run(str(operation.pk))
    operation.refresh_from_db()
    return operation


def prove(client: Client) -> None:
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def test_the_plan_draws_its_point_of_no_return_and_asks_for_the_name(busy: Removing, otto: Client) -> None:
    operation = to_the_plan(busy, otto, "spare")
    shown = text(otto, f"/operations/{operation.pk}/plan/")
    assert shown.count("plan-line") == 1
    assert shown.index("Until here it can be stopped") < shown.index("Async.pool.eject")
    assert "Type <strong><bdi>spare</bdi></strong>" in shown


def test_it_starts_only_with_the_typed_name_and_a_repeated_sign_in(busy: Removing, otto: Client) -> None:
    operation = to_the_plan(busy, otto, "spare")
    base, uuid = f"/operations/{operation.pk}", busy.sim.host("spare").uuid
    form = {"plan_hash": operation.plan_hash, "key": "k", f"confirm:{uuid}": "Spare"}
    assert otto.post(f"{base}/submit/", form).headers["Location"].startswith("/accounts/reauthenticate/?next=")
    prove(otto)
    assert "Type the name of every server" in otto.post(f"{base}/submit/", form, follow=True).content.decode()
    assert 'value="Spare"' in text(otto, f"{base}/plan/")
    otto.post(f"{base}/submit/", form | {f"confirm:{uuid}": "spare"})
    operation.refresh_from_db()
    assert operation.state == OperationState.QUEUED
    assert "Nothing has been destroyed" in text(otto, f"{base}/")
    busy.lab.run(operation)
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    ended = text(otto, f"{base}/")
    assert "spare is a pool of its own" in ended
    assert "Past the point of no return" in ended


def test_a_second_person_says_yes_and_proves_who_he_is(busy: Removing, otto: Client, sign_in: SignIn) -> None:
    adam = make_person("adam", Role.ADMINISTRATOR)
    operation = to_the_plan(busy, otto, "spare")
    base, uuid = f"/operations/{operation.pk}", busy.sim.host("spare").uuid
    prove(otto)
    otto.post(f"{base}/submit/", {"plan_hash": operation.plan_hash, "key": "k", f"confirm:{uuid}": "spare"})
    approval = operation.approvals.get()
    second, page = sign_in(adam), f"/approvals/{approval.pk}/"
    assert "Confirm it is you, to approve" in text(second, page)
    yes = {"decision": "approve", "plan_hash": approval.plan_hash, "note": "As agreed."}
    assert second.post(page, yes).status_code == HTTPStatus.FORBIDDEN
    prove(second)
    assert "What it costs" in text(second, page)
    second.post(page, yes)
    operation.refresh_from_db()
    assert operation.state == OperationState.QUEUED


def test_what_came_after_the_reading_forbids_the_plan_and_says_so(busy: Removing, otto: Client) -> None:
    operation = to_the_plan(busy, otto, "spare")
    base = f"/operations/{operation.pk}"
    machine = busy.sim.host("spare")
    own = [pbd.to("SR", "SR") for pbd in rows_of(machine.database, "PBD", host=machine.ref)]
    add_disk(next(sr for sr in own if sr.text("type") == "ext"), "late disk", 1)
    otto.post(f"{base}/plan/")
    planning.run(str(operation.pk))
    assert f'href="{base}/losses/"' in text(otto, f"{base}/plan/")
    shown = text(otto, f"{base}/losses/")
    assert "More would be lost than was read here" in shown
    assert "late disk" in shown


def test_the_coordinator_leaves_last_and_somebody_follows_it(busy: Removing, otto: Client) -> None:
    servers = [server_of(busy.sim.host(name)) for name in ("boss", "spare")]
    otto.post(f"/pools/{busy.pool.pk}/remove-servers/", {"servers": [server.pk for server in servers]})
    operation = read(Operation.objects.get())
    base = f"/operations/{operation.pk}"
    otto.post(f"{base}/losses/", answers(operation, "accept"))
    assert "Choose the server that coordinates" in otto.post(f"{base}/return/", {}).content.decode()
    shown = text(otto, f"{base}/return/")
    heir = busy.sim.host("busy").uuid
    assert shown.count("comes back as</span>") == 2
    assert f'value="{heir}"' in shown
    given = {"next_coordinator": heir, "not_trusted": "on"}
    assert otto.post(f"{base}/return/", given).headers["Location"] == f"{base}/plan/"
    operation.refresh_from_db()
    assert (operation.draft["next_coordinator"], operation.draft["not_trusted"]) == (heir, True)


def test_a_pool_that_does_not_answer_is_no_pool_without_losses(busy: Removing, otto: Client) -> None:
    server = server_of(busy.sim.host("spare"))
    otto.post(f"/pools/{busy.pool.pk}/remove-servers/", {"servers": [server.pk]})
    busy.sim.world.power_off(busy.sim.host("boss"))
    operation = read(Operation.objects.get())
    base = f"/operations/{operation.pk}"
    assert operation.draft["losses_open"] is None
    assert otto.post(f"{base}/losses/", {"go": "next"}).headers["Location"] == f"{base}/losses/?open=1"
    assert "Not read yet" in text(otto, f"{base}/losses/")


def test_a_server_is_not_the_last_one_to_leave_and_a_link_begins_nothing(busy: Removing, otto: Client) -> None:
    everybody = list(busy.pool.servers.all())
    entry = f"/pools/{busy.pool.pk}/remove-servers/"
    answer = otto.post(entry, {"servers": [server.pk for server in everybody]})
    assert "keeps one server" in answer.content.decode()
    found = Finding(code="JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS", subject=everybody[0].uuid)
    ((_, link),) = cures.fixes_for(Operation(), found)
    assert otto.get(link).headers["Location"] == f"{entry}?server={everybody[0].pk}"
    assert not Operation.objects.exists()


def test_who_has_a_second_factor_proves_himself_with_that(busy: Removing, otto: Client) -> None:
    operation = to_the_plan(busy, otto, "spare")
    cache.clear()
    TOTP.activate(busy.owner, generate_totp_secret())
    prove(otto)
    form = {"plan_hash": operation.plan_hash, "key": "k"}
    answer = otto.post(f"/operations/{operation.pk}/submit/", form)
    assert answer.headers["Location"].startswith("/accounts/2fa/reauthenticate/?next=")


def test_no_page_asks_the_database_more_for_more_rows(
    busy: Removing, otto: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    operation = begun(busy, otto)
    for page in ("leaving", "losses"):
        with django_assert_max_num_queries(12):
            text(otto, f"/operations/{operation.pk}/{page}/")
    deciding.decide(operation=operation, user=busy.owner, given=by_key(operation, "accept"), typed={})
    with django_assert_max_num_queries(12):
        text(otto, f"/operations/{operation.pk}/return/")


def by_key(operation: Operation, choice: str) -> dict[str, str]:
    return {field.removeprefix("do:"): choice for field in answers(operation, choice)}
