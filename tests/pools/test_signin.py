"""Signing in and out: throttled, audited, and over after a while."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from pools.models import AuditEntry, User
from tests.fixtures.people import PASSWORD, make_person

LOGIN = "/accounts/login/"


@pytest.fixture
def dora(db: None) -> User:
    cache.clear()
    return make_person("dora")


def try_password(client: Client, password: str, username: str = "dora", address: str = "10.1.1.1") -> int:
    data = {"login": username, "password": password}
    return client.post(LOGIN, data, REMOTE_ADDR=address).status_code


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def test_who_is_not_signed_in_is_led_to_the_sign_in_and_back(client: Client, dora: User) -> None:
    answer = client.get("/audit/")
    assert answer.headers["Location"] == f"{LOGIN}?next=/audit/"
    answer = client.post(f"{LOGIN}?next=/audit/", {"login": "dora", "password": PASSWORD})
    assert answer.headers["Location"] == "/audit/"


def test_nobody_is_led_to_another_site(client: Client, dora: User) -> None:
    answer = client.post(f"{LOGIN}?next=https://evil.example/", {"login": "dora", "password": PASSWORD})
    assert answer.headers["Location"] == "/"


def test_sign_in_and_sign_out_are_in_the_audit_with_the_address(client: Client, dora: User) -> None:
    try_password(client, PASSWORD)
    client.post("/accounts/logout/")
    assert actions() == ["person.signed_in", "person.signed_out"]
    first = AuditEntry.objects.earliest("pk")
    assert (first.actor, first.address) == (dora, "10.1.1.1")


def test_a_refused_sign_in_is_in_the_audit_without_the_password(client: Client, dora: User) -> None:
    assert try_password(client, "a wrong password") == HTTPStatus.OK
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject, entry.actor) == ("sign-in.refused", "dora", None)
    assert "a wrong password" not in str(AuditEntry.objects.values().get())


def test_an_unknown_name_gets_the_same_answer_as_a_wrong_password(client: Client, dora: User) -> None:
    known = client.post(LOGIN, {"login": "dora", "password": "wrong"})
    unknown = client.post(LOGIN, {"login": "nobody", "password": "wrong"})
    assert known.context["form"].errors == unknown.context["form"].errors
    assert known.status_code == unknown.status_code


def test_the_fifth_wrong_password_closes_the_door_for_this_address_only(client: Client, dora: User) -> None:
    answers = [try_password(client, "wrong") for _ in range(5)]
    assert answers == [200, 200, 200, 200, HTTPStatus.TOO_MANY_REQUESTS]
    assert try_password(client, PASSWORD) == HTTPStatus.TOO_MANY_REQUESTS
    assert try_password(client, PASSWORD, address="10.2.2.2") == HTTPStatus.FOUND


def test_the_locked_page_says_what_to_do(client: Client, dora: User) -> None:
    for _ in range(4):
        try_password(client, "wrong")
    page = client.post(LOGIN, {"login": "dora", "password": "wrong"}, REMOTE_ADDR="10.1.1.1").content.decode()
    assert "quarter of an hour" in page


def test_the_door_opens_again_after_a_quarter_of_an_hour(client: Client, dora: User) -> None:
    from axes.models import AccessAttempt

    for _ in range(5):
        try_password(client, "wrong")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert try_password(client, PASSWORD) == HTTPStatus.FOUND


def test_a_flood_of_tries_writes_few_audit_entries(client: Client, dora: User) -> None:
    for _ in range(12):
        try_password(client, "wrong")
    assert actions().count("sign-in.refused") == 4
    assert actions().count("sign-in.locked") == 1


def test_many_names_from_one_address_are_slowed_down(client: Client, dora: User) -> None:
    answers = [try_password(client, "wrong", username=f"name{number}") for number in range(31)]
    assert answers[-1] == HTTPStatus.TOO_MANY_REQUESTS


def test_a_disabled_account_cannot_sign_in(client: Client, dora: User) -> None:
    User.objects.update(is_active=False)
    try_password(client, PASSWORD)
    assert "_auth_user_id" not in client.session


def test_nobody_can_make_an_account_by_himself(client: Client) -> None:
    assert client.get("/accounts/signup/").status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.FOUND}
    assert client.post("/accounts/signup/", {"username": "x"}).status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.FOUND}


@pytest.mark.parametrize(
    ("field", "ago", "answer"),
    [
        ("last_seen_at", timedelta(minutes=29), HTTPStatus.OK),
        ("last_seen_at", timedelta(minutes=31), HTTPStatus.FOUND),
        ("created_at", timedelta(hours=11), HTTPStatus.OK),
        ("created_at", timedelta(hours=13), HTTPStatus.FOUND),
    ],
)
def test_a_session_ends_when_it_is_idle_or_old(
    client: Client, dora: User, field: str, ago: timedelta, answer: HTTPStatus
) -> None:
    try_password(client, PASSWORD)
    UserSession.objects.update(**{field: timezone.now() - ago})
    assert client.get("/audit/").status_code == answer


def test_signing_in_changes_the_session_key(client: Client, dora: User) -> None:
    client.get(LOGIN)
    before = client.session.session_key
    try_password(client, PASSWORD)
    assert client.session.session_key != before


def test_a_changed_password_ends_the_other_sessions(client: Client, dora: User) -> None:
    other = Client()
    for browser in (client, other):
        try_password(browser, PASSWORD)
    new = "another long password"
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert client.get("/audit/").status_code == HTTPStatus.OK
    assert other.get("/audit/").status_code == HTTPStatus.FOUND
    assert "password.changed" in actions()
