"""Drafts are rows: they survive the browser, are listed, deleted by who may, and lose nothing to a second window."""

from datetime import timedelta
from http import HTTPStatus

import pytest
import redis
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from pools.models import Operation, OperationState, Pool, Role, User
from pools.services import drafts, host_add, operations, overtaken, pool_create
from tests.fixtures.lab import Lab
from tests.fixtures.people import Places, SignIn, make_person

LONG_AGO = timedelta(days=15)


@pytest.fixture
def otto(lab: Lab, sign_in: SignIn) -> Client:
    """The browser of the lab's owner."""
    return sign_in(lab.owner)


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == HTTPStatus.OK, answer.headers
    return answer.content.decode()


def left_behind(lab: Lab, by: User) -> Operation:
    """A draft without a coordinator yet, that nobody touched for two weeks."""
    operation = pool_create.begin(user=by, servers=lab.servers)
    Operation.objects.filter(pk=operation.pk).update(changed_at=timezone.now() - LONG_AGO)
    return operation


def test_a_draft_survives_signing_out_another_browser_and_an_empty_redis(
    lab: Lab, otto: Client, sign_in: SignIn, valkey: redis.Redis
) -> None:
    chosen = [str(server.pk) for server in lab.servers]
    where = otto.post("/create-pool/", {"servers": chosen}).headers["Location"]
    operation = Operation.objects.get()
    otto.post(where, {"coordinator": lab.coordinator.uuid})
    otto.post(f"/operations/{operation.pk}/name/", {"name": "Frankfurt", "description": "Racks 7 and 8"})
    otto.logout()
    valkey.flushall()
    other = sign_in(lab.owner)
    assert f'href="/operations/{operation.pk}/plan/"' in text(other, "/drafts/")
    shown = text(other, f"/operations/{operation.pk}/name/")
    assert 'value="Frankfurt"' in shown
    assert "Racks 7 and 8" in shown
    assert text(other, f"/operations/{operation.pk}/servers/").count(" checked") == 2


def test_the_list_is_found_from_home_and_from_operations(lab: Lab, otto: Client) -> None:
    lab.draft()
    for page in ("/", "/operations/", "/create-pool/"):
        assert 'href="/drafts/"' in text(otto, page)


def test_an_administrator_sees_opens_and_deletes_what_others_left_on_his_pools(lab: Lab, sign_in: SignIn) -> None:
    left = left_behind(lab, make_person("otto", Role.OPERATOR))
    adele = make_person("adele", Role.ADMINISTRATOR, lab.servers[0].pool)
    assert left.title not in text(sign_in(adele), "/drafts/")
    adele.grants.create(pool=lab.servers[1].pool, role=Role.ADMINISTRATOR)
    client = sign_in(adele)
    shown = text(client, "/drafts/")
    assert "Left behind by others" in shown
    assert "Abandoned" in shown
    assert f'href="/operations/{left.pk}/coordinator/"' in shown
    assert "Recommended" in text(client, f"/operations/{left.pk}/coordinator/")
    client.post("/drafts/", {"draft": str(left.pk)})
    assert not Operation.objects.exists()


def test_what_others_work_on_is_not_listed_and_cannot_be_deleted_from_the_list(lab: Lab, sign_in: SignIn) -> None:
    fresh = pool_create.begin(user=make_person("otto", Role.OPERATOR), servers=lab.servers)
    client = sign_in(make_person("adele", Role.ADMINISTRATOR))
    assert "Left behind by others" not in text(client, "/drafts/")
    client.post("/drafts/", {"draft": str(fresh.pk)})
    assert Operation.objects.filter(pk=fresh.pk).exists()


def test_a_colleague_without_rights_sees_nothing_of_it(lab: Lab, sign_in: SignIn) -> None:
    left = left_behind(lab, make_person("otto", Role.OPERATOR))
    client = sign_in(make_person("oscar", Role.OPERATOR))
    assert "Left behind" not in text(client, "/drafts/")
    assert client.get(f"/operations/{left.pk}/servers/").status_code == HTTPStatus.NOT_FOUND


def test_several_are_deleted_at_once_and_nothing_that_ran(lab: Lab, otto: Client) -> None:
    mere = [pool_create.begin(user=lab.owner, servers=lab.servers) for _ in range(2)]
    planned = lab.planned()
    running = lab.started()
    ticked = [str(each.pk) for each in (*mere, planned, running)]
    answer = otto.post("/drafts/", {"draft": [*ticked, "nonsense"]}, follow=True)
    assert "3 drafts are gone" in answer.content.decode()
    states = dict(Operation.objects.values_list("pk", "state"))
    assert states == {planned.pk: OperationState.CANCELLED, running.pk: OperationState.QUEUED}
    assert planned.journal.exists()


def test_deleting_nothing_is_said(lab: Lab, otto: Client) -> None:
    assert "tick the drafts" in otto.post("/drafts/", follow=True).content.decode()


def test_a_plan_that_began_to_run_and_was_out_of_date_keeps_its_journal(lab: Lab) -> None:
    operation = lab.started()
    host = lab.sim.hosts[1]
    host.database.set("host", host.ref, name_label="another name")
    assert lab.run(operation).state == OperationState.STALE
    drafts.discard(operation=operation, user=lab.owner)
    operation.refresh_from_db()
    assert (operation.state, operation.steps.count()) == (OperationState.CANCELLED, 6)


@pytest.mark.parametrize("count", [3, 40])
def test_the_list_costs_twelve_queries_at_most(
    count: int, places: Places, sign_in: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    olga, other = make_person("olga", Role.ADMINISTRATOR), make_person("other", Role.OPERATOR)
    for number in range(count):
        for person in (olga, other):
            row = operations.create_draft(user=person, kind="pool_create")
            row.servers.set(places.ours.servers.all())
            Operation.objects.filter(pk=row.pk).update(title=f"Draft {number}", changed_at=timezone.now() - LONG_AGO)
    client = sign_in(olga)
    client.get("/errors/")
    with django_assert_max_num_queries(12):
        shown = text(client, "/drafts/")
    assert shown.count('name="draft"') == min(count, 30) + count


def stamp_of(shown: str) -> str:
    return shown.split('name="stamp" value="', 1)[1].split('"', 1)[0]


def test_the_second_of_two_windows_sees_what_came_meanwhile_and_chooses(lab: Lab, otto: Client) -> None:
    operation = lab.draft()
    path = f"/operations/{operation.pk}/name/"
    first, second = text(otto, path), text(otto, path)
    sent = {"name": "From the first", "description": "", "stamp": stamp_of(first)}
    assert otto.post(path, sent).status_code == HTTPStatus.FOUND
    mine = {"name": "From the second", "description": "Mine", "stamp": stamp_of(second)}
    answer = otto.post(path, mine)
    assert answer.status_code == HTTPStatus.CONFLICT
    shown = answer.content.decode()
    assert "From the first" in shown
    assert "From the second" in shown
    operation.refresh_from_db()
    assert operation.draft["name"] == "From the first"
    assert otto.post(path, mine | {"stamp": stamp_of(shown)}).status_code == HTTPStatus.FOUND
    operation.refresh_from_db()
    assert operation.draft["name"] == "From the second"


def test_two_windows_with_other_servers_are_told_apart_by_name(lab: Lab, growing: Pool, otto: Client) -> None:
    operation = host_add.begin(user=lab.owner, pool=growing, servers=lab.servers[1:])
    path = f"/operations/{operation.pk}/servers/"
    opened = stamp_of(text(otto, path))
    operations.save_draft(operation=operation, user=lab.owner, changes={"servers": []})
    answer = otto.post(path, {"servers": [lab.servers[1].pk], "stamp": opened})
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "<bdi>nothing</bdi>" in answer.content.decode()
    assert "<bdi>xs-02</bdi>" in answer.content.decode()


def test_no_server_that_a_person_does_not_see_is_named_to_him(lab: Lab) -> None:
    hidden, form = lab.servers[1], {"servers": [str(lab.servers[1].pk), lab.servers[1].uuid]}
    stranger = make_person("stan", Role.OPERATOR, lab.coordinator.pool)
    assert overtaken.sent(form, lab.owner) == [("Servers", f"{hidden.name_label}, {hidden.name_label}")]
    assert hidden.name_label not in str(overtaken.sent(form, stranger))


def test_two_windows_on_different_pages_do_not_disturb_each_other(lab: Lab, otto: Client) -> None:
    operation = lab.draft()
    base = f"/operations/{operation.pk}"
    coordinator, name = text(otto, f"{base}/coordinator/"), text(otto, f"{base}/name/")
    otto.post(f"{base}/name/", {"name": "New", "description": "", "stamp": stamp_of(name)})
    sent = {"coordinator": lab.servers[1].uuid, "stamp": stamp_of(coordinator)}
    assert otto.post(f"{base}/coordinator/", sent).status_code == HTTPStatus.FOUND
    operation.refresh_from_db()
    assert (operation.draft["name"], operation.draft["coordinator"]) == ("New", lab.servers[1].uuid)
