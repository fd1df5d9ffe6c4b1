"""People, teams and roles: who may give and take what, and what always stays."""

from http import HTTPStatus

import pytest
from django.contrib.auth import authenticate
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory

from pools.access import has_role
from pools.models import AuditEntry, Grant, Pool, Role, Team, User
from pools.services import people, teams
from pools.services.errors import NotAllowed, WrongState
from tests.fixtures.people import Places, SignIn, make_person

LONG = "correct horse battery staple"


def test_a_new_person_signs_in_with_the_password_that_was_shown(alice: User) -> None:
    made = people.add_person(by=alice, username="dora", full_name="Dora Deer")
    request = RequestFactory().post("/accounts/login/")
    assert authenticate(request, username="dora", password=made.password) == made.person
    assert made.person.display_name == "Dora Deer"


def test_the_password_is_shown_once_and_kept_nowhere(alice: User, sign_in: SignIn) -> None:
    client = sign_in(alice)
    answer = client.post("/people/add/", {"username": "dora", "role": Role.VIEWER, "password": LONG})
    assert LONG in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store"
    stored = [*Session.objects.values_list("session_data", flat=True), str(list(AuditEntry.objects.values()))]
    assert not [text for text in stored if LONG in text]
    assert LONG not in client.get("/people/").content.decode()


def test_a_made_up_password_is_not_in_the_text_of_the_object(alice: User) -> None:
    made = people.add_person(by=alice, username="dora")
    assert made.password not in repr(made)


@pytest.mark.parametrize("password", ["short", "password12345678"[:14], "dora-dora-dora-dora"])
def test_a_weak_password_is_refused(alice: User, password: str) -> None:
    with pytest.raises(WrongState):
        people.add_person(by=alice, username="dora-dora-dora-dora", password=password)


def test_user_names_that_differ_only_in_capitals_are_one(alice: User, sign_in: SignIn) -> None:
    answer = sign_in(alice).post("/people/add/", {"username": "ALICE"})
    assert answer.status_code == 422
    assert "already" in answer.content.decode()


def test_a_role_given_to_a_team_holds_for_its_people(alice: User, places: Places) -> None:
    dora = make_person("dora")
    team = teams.add_team(by=alice, name="Night shift")
    people.give_role(by=alice, to=team, role=Role.OPERATOR, pool=places.ours)
    teams.add_member(by=alice, team=team, person=dora)
    assert has_role(dora, Role.OPERATOR, places.ours)
    teams.remove_member(by=alice, team=team, person=dora)
    assert not has_role(dora, Role.VIEWER, places.ours)


def test_another_role_on_the_same_pool_replaces_the_first(alice: User, places: Places) -> None:
    dora = make_person("dora", Role.ADMINISTRATOR, places.ours)
    people.give_role(by=alice, to=dora, role=Role.VIEWER, pool=places.ours)
    assert list(dora.grants.values_list("role", flat=True)) == [Role.VIEWER]


def test_a_disabled_person_is_out_at_once(alice: User, bob: User, sign_in: SignIn) -> None:
    browser = sign_in(bob)
    assert browser.get("/audit/").status_code == 200
    people.disable(by=alice, person=bob)
    assert browser.get("/audit/").status_code == 302
    people.enable(by=alice, person=bob)
    assert browser.get("/audit/").status_code == 302


@pytest.mark.parametrize("password", ["x" * 129, "nul\0nul\0nul\0nul\0nul", "qwert"])
def test_a_refused_password_changes_nothing_and_says_so_at_its_field(
    alice: User, bob: User, sign_in: SignIn, password: str
) -> None:
    his = sign_in(bob)
    answer = sign_in(alice).post(f"/people/{bob.pk}/password/", {"password": password})
    page = answer.content.decode()
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'aria-invalid="true"' in page
    assert "Shown only now" not in page
    assert password not in page
    assert his.get("/audit/").status_code == HTTPStatus.OK
    assert User.objects.get(pk=bob.pk).password == bob.password


def test_a_new_password_ends_every_session(alice: User, bob: User, sign_in: SignIn) -> None:
    browser = sign_in(bob)
    browser.get("/audit/")
    people.set_password(by=alice, person=bob)
    assert browser.get("/audit/").status_code == 302


def test_a_role_taken_away_ends_every_session(alice: User, bob: User, sign_in: SignIn) -> None:
    browser = sign_in(bob)
    browser.get("/audit/")
    people.take_role(by=alice, grant=Grant.objects.get(user=bob))
    assert browser.get("/audit/").status_code == 302


def test_the_last_owner_keeps_the_role(alice: User) -> None:
    with pytest.raises(WrongState, match="last owner"):
        people.take_role(by=alice, grant=Grant.objects.get(user=alice))
    with pytest.raises(WrongState, match="last owner"):
        people.give_role(by=alice, to=alice, role=Role.VIEWER)
    assert has_role(alice, Role.OWNER)


def test_the_last_owner_by_a_team_keeps_the_team(db: None) -> None:
    olga = make_person("olga")
    team = Team.objects.create(name="Owners")
    team.members.add(olga)
    Grant.objects.create(team=team, role=Role.OWNER)
    with pytest.raises(WrongState, match="last owner"):
        teams.remove_member(by=olga, team=team, person=olga)
    with pytest.raises(WrongState, match="last owner"):
        teams.delete_team(by=olga, team=team)


def test_a_disabled_owner_does_not_count(alice: User) -> None:
    olga = make_person("olga", Role.OWNER)
    people.disable(by=alice, person=olga)
    with pytest.raises(WrongState, match="last owner"):
        people.take_role(by=alice, grant=Grant.objects.get(user=alice))


def test_with_a_second_owner_the_first_can_go(alice: User) -> None:
    olga = make_person("olga", Role.OWNER)
    people.disable(by=olga, person=alice)
    assert not has_role(User.objects.get(username="alice"), Role.VIEWER)


def test_nobody_disables_himself(alice: User) -> None:
    make_person("olga", Role.OWNER)
    with pytest.raises(NotAllowed):
        people.disable(by=alice, person=alice)


def test_nobody_touches_an_account_stronger_than_his_own(alice: User, adam: User, places: Places) -> None:
    team = Team.objects.create(name="Owners")
    team.members.add(alice)
    with pytest.raises(NotAllowed):
        people.set_password(by=adam, person=alice)
    with pytest.raises(NotAllowed):
        people.disable(by=adam, person=alice)
    with pytest.raises(NotAllowed):
        people.give_role(by=adam, to=team, role=Role.VIEWER)
    with pytest.raises(NotAllowed):
        teams.delete_team(by=adam, team=team)


def test_nobody_gives_a_role_above_his_own(adam: User, bob: User, places: Places) -> None:
    with pytest.raises(NotAllowed):
        people.give_role(by=adam, to=bob, role=Role.OWNER, pool=places.ours)


def test_an_owner_does_not_touch_a_superuser(alice: User) -> None:
    root = User.objects.create_superuser("root")
    with pytest.raises(NotAllowed):
        people.set_password(by=alice, person=root)


def test_every_change_of_people_is_in_the_audit(alice: User, places: Places) -> None:
    dora = people.add_person(by=alice, username="dora").person
    grant = people.give_role(by=alice, to=dora, role=Role.VIEWER, pool=places.ours)
    people.take_role(by=alice, grant=grant)
    people.set_password(by=alice, person=dora)
    people.disable(by=alice, person=dora)
    people.enable(by=alice, person=dora)
    team = teams.add_team(by=alice, name="Night")
    teams.rename_team(by=alice, team=team, name="Day")
    teams.add_member(by=alice, team=team, person=dora)
    teams.remove_member(by=alice, team=team, person=dora)
    teams.delete_team(by=alice, team=team)
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert actions == [
        "person.added", "role.given", "role.taken", "password.reset", "person.disabled", "person.enabled",
        "team.added", "team.renamed", "team.member_added", "team.member_removed", "team.deleted",
    ]  # fmt: skip


def test_the_pages_do_what_the_services_do(alice: User, bob: User, places: Places, sign_in: SignIn) -> None:
    client = sign_in(alice)
    client.post("/teams/add/", {"name": "Night shift"})
    team = Team.objects.get(name="Night shift")
    client.post(f"/teams/{team.pk}/members/add/", {"person": bob.pk})
    client.post(f"/teams/{team.pk}/role/", {"role": Role.ADMINISTRATOR, "pool": places.theirs.pk})
    assert has_role(bob, Role.ADMINISTRATOR, places.theirs)
    page = client.get(f"/teams/{team.pk}/").content.decode()
    assert "bob" in page
    assert "Their pool" in page
    client.post(f"/teams/{team.pk}/delete/")
    assert not has_role(bob, Role.VIEWER, places.theirs)


def test_a_refusal_is_said_on_the_page(alice: User, sign_in: SignIn) -> None:
    grant = Grant.objects.get(user=alice)
    page = sign_in(alice).post(f"/roles/{grant.pk}/take/", follow=True).content.decode()
    assert "The last owner stays" in page


@pytest.mark.parametrize("field", ["q", "page"])
def test_a_hostile_search_finds_nothing_and_breaks_nothing(alice: User, sign_in: SignIn, field: str) -> None:
    answer = sign_in(alice).get("/people/", {field: "\x00<img src=x onerror=alert(1)>\u202e"})
    assert answer.status_code == 200
    assert "<img src=x" not in answer.content.decode()


def test_a_retired_pool_cannot_be_chosen_for_a_role(alice: User, bob: User, places: Places, sign_in: SignIn) -> None:
    Pool.objects.filter(pk=places.theirs.pk).update(retired_at="2026-01-01T00:00Z")
    client: Client = sign_in(alice)
    client.post(f"/people/{bob.pk}/role/", {"role": Role.VIEWER, "pool": places.theirs.pk})
    assert not Grant.objects.filter(user=bob, pool=places.theirs).exists()


def test_where_a_role_holds_must_be_said(alice: User, bob: User, sign_in: SignIn) -> None:
    client = sign_in(alice)
    client.post(f"/people/{bob.pk}/role/", {"role": Role.OWNER})
    assert not has_role(bob, Role.VIEWER)
    client.post(f"/people/{bob.pk}/role/", {"role": Role.OPERATOR, "pool": "estate"})
    assert has_role(bob, Role.OPERATOR)


def test_the_list_shows_roles_that_come_from_a_team(alice: User, charlie: User, sign_in: SignIn) -> None:
    page = sign_in(alice).get("/people/?q=charlie").content.decode()
    assert "Their pool" in page
    assert "by team" in page
