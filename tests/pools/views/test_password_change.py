"""The page of a server's new password: typed twice, kept nowhere in clear, started only by who proves who he is."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest
from django.test import Client

from pools.models import NewPassword, Operation, Role
from pools.services import password_change, planning
from tests.fixtures.lab import Lab, lab_of
from tests.fixtures.people import SignIn, make_person

NEW = "abcd-2345-EFGH-6789"
TYPED = {"password": NEW, "again": NEW, "kept": "on"}


@pytest.fixture
def alone(transactional_db: None) -> Iterator[Lab]:
    with lab_of("two-standalone", connected=1) as lab:
        yield lab


@pytest.fixture
def olivia(alone: Lab, sign_in: SignIn) -> Client:
    return sign_in(alone.owner)


def url(lab: Lab) -> str:
    return f"/servers/{lab.servers[0].pk}/password/"


def test_what_is_typed_is_planned_and_never_shown_again(alone: Lab, olivia: Client) -> None:
    answer = olivia.post(url(alone), TYPED)
    operation = Operation.objects.get()
    assert answer["Location"] == f"/operations/{operation.pk}/plan/"
    planning.run(str(operation.pk))
    for path in ("plan", "password", "journal"):
        assert NEW not in olivia.get(f"/operations/{operation.pk}/{path}/").content.decode()
    assert NEW not in olivia.get(f"/operations/{operation.pk}/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"again": "another-one-3456"}, "The two are not the same"),
        ({"password": "short", "again": "short"}, "Use at least 12 characters"),
        ({"password": "ein längeres Wort", "again": "ein längeres Wort"}, "without accents, and no spaces"),
        ({"kept": ""}, "Keep it first"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(
    alone: Lab, olivia: Client, wrong: dict[str, str], said: str
) -> None:
    answer = olivia.post(url(alone), TYPED | wrong)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert said in answer.content.decode()
    assert not Operation.objects.exists()
    assert not NewPassword.objects.exists()


def test_an_operator_may_not(alone: Lab, sign_in: SignIn) -> None:
    otto = sign_in(make_person("otto", Role.OPERATOR))
    assert otto.post(url(alone), TYPED).status_code == HTTPStatus.FORBIDDEN
    assert not Operation.objects.exists()


def test_the_start_asks_who_it_is_once_more(alone: Lab, olivia: Client) -> None:
    olivia.post(url(alone), TYPED)
    operation = Operation.objects.get()
    planning.run(str(operation.pk))
    operation.refresh_from_db()
    answer = olivia.post(f"/operations/{operation.pk}/submit/", {"plan_hash": operation.plan_hash, "key": "once"})
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert alone.sim.hosts[0].password != NEW


def test_another_one_can_be_typed_for_the_same_draft(alone: Lab, olivia: Client) -> None:
    olivia.post(url(alone), TYPED)
    operation = Operation.objects.get()
    first = bytes(NewPassword.objects.get().ciphertext)
    other = "another-one-3456"
    answer = olivia.post(f"/operations/{operation.pk}/password/", {"password": other, "again": other, "kept": "on"})
    assert answer.status_code == HTTPStatus.FOUND
    assert bytes(NewPassword.objects.get().ciphertext) != first
    assert Operation.objects.count() == 1


def test_one_is_made_for_whoever_wants_one(alone: Lab, olivia: Client) -> None:
    shown = olivia.get(url(alone)).content.decode()
    made = shown.split('id="suggestion"')[1].split("</")[0].rpartition(">")[2].strip()
    assert len(made) >= 20
    assert made not in olivia.get(url(alone)).content.decode()
    assert olivia.post(url(alone), {"password": made, "again": made, "kept": "on"}).status_code == HTTPStatus.FOUND


def test_a_server_in_a_pool_says_whose_password_it_is(transactional_db: None, sign_in: SignIn) -> None:
    with lab_of("pool-of-four", connected=1) as lab:
        shown = sign_in(lab.owner).get(url(lab)).content.decode()
    assert "its password is that of all of them" in shown
    assert password_change.why_not(lab.servers[0])
