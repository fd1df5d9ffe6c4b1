"""Removals in the hands of hostile names, other people, second windows and impatient fingers."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest
from django.test import Client

from pools import inventories
from pools.checks.typed import typable
from pools.models import NetworkSnapshot, Operation, OperationState, Role
from pools.services import (
    confirming,
    deciding,
    examination,
    host_forget,
    host_remove,
    inventory,
    keeping,
    losses,
    operations,
    planning,
)
from simulator.xapi.rows import rows as rows_of
from tests.fixtures.people import SignIn, make_person
from tests.pools.connected import server_of
from tests.pools.operations.removal.removing import Removing, removing

pytestmark = pytest.mark.django_db(transaction=True)
EVIL = "<img src=x>\"'`$(reboot)`;\u202eevil\u2066\x07{{7*7}}\r\nX-Bad: 1\n" + "é長" * 500
RAW = ("<img src=x", "\u202e", "\u2066", "\x07")
NAMED = ("host", "SR", "VM", "VDI", "network", "pool")


@pytest.fixture
def busy(transactional_db: None) -> Iterator[Removing]:
    with removing("busy-member", "boss") as found:
        yield found


@pytest.fixture
def otto(busy: Removing, sign_in: SignIn) -> Client:
    return sign_in(busy.owner)


def rename(lab: Removing) -> None:
    """Give everything in the pool a name that nobody should have."""
    for host in lab.sim.hosts:
        for name in NAMED:
            for row in list(rows_of(host.database, name)):
                row.set(name_label=f"{name} {EVIL}")
    inventories.refresh(lab.pool)


def shown(client: Client, path: str) -> str:
    """The page, which shows no name as it came."""
    answer = client.get(path)
    assert answer.status_code == HTTPStatus.OK, path
    body = answer.content.decode()
    assert not [raw for raw in RAW if raw in body], path
    return body


def removal(lab: Removing, name: str) -> Operation:
    """A plan to remove a server, with every loss accepted and every question answered."""
    begun = host_remove.begin(user=lab.owner, pool=lab.pool, servers=[server_of(lab.sim.host(name))])
    examination.run(str(begun.pk))
    begun.refresh_from_db()
    given = {row.key: "accept" for row in losses.page(begun).rows()}
    decided = deciding.decide(operation=begun, user=lab.owner, given=given, typed={})
    saved = operations.save_draft(operation=decided, user=lab.owner, changes={"return_answered": True})
    return operations.make_plan(operation=saved, user=lab.owner)


def test_no_page_of_a_removal_shows_a_name_as_it_came(busy: Removing, otto: Client) -> None:
    rename(busy)
    plan = removal(busy, "spare")
    for page in ("leaving", "losses", "return", "plan"):
        shown(otto, f"/operations/{plan.pk}/{page}/")
    row = NetworkSnapshot.objects.get()
    for path in ("", "runbook/", "rebuild/"):
        shown(otto, f"/snapshots/{row.pk}/{path}")
    shown(otto, "/audit/")
    for path in (f"/snapshots/{row.pk}/json/", f"/snapshots/{row.pk}/xe/", f"/operations/{plan.pk}/xe/"):
        headers = otto.get(path).headers
        assert headers["Content-Disposition"].isascii()
        assert "evil" not in str(headers)


def test_what_was_typed_holds_for_that_person_and_that_plan_alone(busy: Removing) -> None:
    plan, adam = removal(busy, "spare"), make_person("adam", Role.ADMINISTRATOR)
    uuid = busy.sim.host("spare").uuid
    confirming.confirm(operation=plan, user=busy.owner, given={uuid: "spare"})
    plan.refresh_from_db()
    assert confirming.asked(plan, busy.owner).complete
    assert not confirming.asked(plan, adam).complete
    plan.plan_hash = "of another plan"
    assert not confirming.asked(plan, busy.owner).complete


def test_the_same_servers_chosen_again_keep_every_answer(busy: Removing, otto: Client) -> None:
    plan = removal(busy, "spare")
    page = f"/operations/{plan.pk}/leaving/"
    otto.post(page, {"servers": [server_of(busy.sim.host("spare")).pk]})
    plan.refresh_from_db()
    assert (plan.draft["return_answered"], plan.draft["losses_open"]) == (True, 0)
    otto.post(page, {"servers": [server_of(busy.sim.host("busy")).pk]})
    plan.refresh_from_db()
    assert (plan.draft["return_answered"], plan.draft["losses_open"], plan.report["asked"] != "") == (False, None, True)


def test_a_reading_that_came_while_rows_were_decided_leaves_its_new_rows_open(busy: Removing) -> None:
    plan = removal(busy, "spare")
    seen = Operation.objects.get(pk=plan.pk)
    server = plan.report["removal"]["servers"][0]
    server["changed"].append({"key": "late", "what": "Came late", "before": "1", "after": "0"})
    Operation.objects.filter(pk=plan.pk).update(report=plan.report)
    given = {row.key: "accept" for row in losses.page(seen).rows()}
    decided = deciding.decide(operation=seen, user=busy.owner, given=given, typed={"changed": "accept all changed"})
    assert decided.draft["losses_open"] == 1


def test_an_operation_that_ends_has_all_its_pools_read(busy: Removing) -> None:
    busy.succeeded("spare")
    assert set(inventory.due()) == {busy.pool, server_of(busy.sim.host("spare")).pool}


def test_a_word_for_the_approver_and_offers_are_for_who_needs_them(busy: Removing, sign_in: SignIn) -> None:
    oscar, vera = make_person("oscar", Role.OPERATOR, busy.pool), make_person("vera", Role.VIEWER, busy.pool)
    plan = removal(busy, "spare")
    asking = sign_in(oscar)
    form = {"plan_hash": plan.plan_hash, "key": "k", "message": "It is <broken>."}
    assert "reauthenticate" in asking.post(f"/operations/{plan.pk}/submit/", form).headers["Location"]
    assert 'value="It is &lt;broken&gt;."' in asking.get(f"/operations/{plan.pk}/plan/").content.decode()
    busy.lab.run(operations.start(operation=plan, user=busy.owner))
    path = f"/operations/{plan.pk}/"
    assert "New password…" in asking.get(path).content.decode()
    assert "New password…" not in sign_in(vera).get(path).content.decode()


def test_what_its_pool_or_server_went_from_is_said_and_no_fault(busy: Removing, otto: Client) -> None:
    plan = removal(busy, "spare")
    silent = host_forget.begin(user=busy.owner, pool=busy.pool, server=server_of(busy.sim.host("spare")))
    busy.succeeded("spare")
    otto.post(f"/operations/{silent.pk}/silence/", {"again": "1"})
    examination.run(str(silent.pk))
    otto.post(f"/operations/{silent.pk}/silence/", {"stated_dead": "spare", "forget_host": "keep"})
    planning.run(str(silent.pk))
    assert "spare is not among the servers of the pool" in otto.get(f"/operations/{silent.pk}/plan/").content.decode()
    keeping.disconnect(pool=busy.pool, user=busy.owner)
    for page in ("leaving", "losses", "return", "plan"):
        answer = otto.get(f"/operations/{plan.pk}/{page}/", follow=True)
        assert answer.status_code == HTTPStatus.OK, page
    assert "not managed here any more" in otto.get(f"/operations/{plan.pk}/leaving/", follow=True).content.decode()


@pytest.fixture
def dead(sign_in: SignIn) -> Iterator[tuple[Removing, Client, Operation]]:
    with removing("dead-member", "coordinator") as lab:
        rename(lab)
        client = sign_in(lab.owner)
        client.post(f"/servers/{server_of(lab.sim.host('dead')).pk}/silent/")
        draft = Operation.objects.get()
        examination.run(str(draft.pk))
        yield lab, client, draft


def test_a_dead_server_of_any_name_can_be_stated_dead(dead: tuple[Removing, Client, Operation]) -> None:
    lab, client, draft = dead
    server = server_of(lab.sim.host("dead"))
    name = typable(server.name_label, server.uuid)
    shown(client, f"/operations/{draft.pk}/silence/")
    client.post(f"/operations/{draft.pk}/silence/", {"stated_dead": name, "forget_host": "forget"})
    planning.run(str(draft.pk))
    draft.refresh_from_db()
    assert draft.state == OperationState.PLANNED, draft.draft
    shown(client, f"/operations/{draft.pk}/plan/")


def test_asking_around_again_keeps_what_was_chosen(dead: tuple[Removing, Client, Operation]) -> None:
    _, client, draft = dead
    page = f"/operations/{draft.pk}/silence/"
    client.post(page, {"again": "1", "forget_host": "keep", "stated_dead": "x"})
    draft.refresh_from_db()
    assert (draft.draft["forget_host"], "stated_dead" in draft.draft) == (False, False)
    assert "What you state" not in shown(client, page), "a page that reloads itself takes no typing"
    Operation.objects.update(state=OperationState.RUNNING)
    assert client.post(page, {"again": "1"}).headers["Location"] == f"/operations/{draft.pk}/"
