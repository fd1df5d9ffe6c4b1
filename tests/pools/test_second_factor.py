"""The second factor: asked for, throttled, audited."""

from http import HTTPStatus

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client

from pools.models import AuditEntry, Role, User
from pools.services import people
from pools.services.errors import NotAllowed, WrongState
from tests.fixtures.people import PASSWORD, SignIn, make_person

CODE_PAGE = "/accounts/2fa/authenticate/"


@pytest.fixture
def secret() -> str:
    return str(generate_totp_secret())


@pytest.fixture
def dora(db: None, secret: str) -> User:
    cache.clear()
    dora = make_person("dora")
    TOTP.activate(dora, secret)
    return dora


@pytest.fixture
def halfway(client: Client, dora: User) -> Client:
    """A browser after the password, before the code."""
    client.post("/accounts/login/", {"login": "dora", "password": PASSWORD})
    return client


def code_of(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(hotp_value(secret, counter)).zfill(6)


def test_the_password_alone_opens_nothing(halfway: Client) -> None:
    assert halfway.get("/audit/").status_code == HTTPStatus.FOUND


def test_the_code_opens(halfway: Client, secret: str) -> None:
    halfway.post(CODE_PAGE, {"code": code_of(secret)})
    assert halfway.get("/audit/").status_code == HTTPStatus.OK


def test_codes_cannot_be_tried_out(halfway: Client, secret: str) -> None:
    for _ in range(6):
        halfway.post(CODE_PAGE, {"code": "000000"})
    halfway.post(CODE_PAGE, {"code": code_of(secret)})
    assert halfway.get("/audit/").status_code == HTTPStatus.FOUND


def test_a_wrong_code_is_in_the_audit(halfway: Client) -> None:
    halfway.post(CODE_PAGE, {"code": "000000"})
    assert AuditEntry.objects.filter(action="second-factor.refused", actor_name="dora").exists()


def test_the_stored_factor_does_not_show_its_secret(dora: User, secret: str) -> None:
    assert secret not in str(list(Authenticator.objects.values()))


def test_an_owner_lets_somebody_in_who_lost_the_phone(client: Client, alice: User, dora: User, sign_in: SignIn) -> None:
    RecoveryCodes.activate(dora)
    hers, owners = sign_in(dora), sign_in(alice)
    hers.get("/audit/")
    assert "Remove second factor" in owners.get(f"/people/{dora.pk}/").content.decode()
    page = owners.post(f"/people/{dora.pk}/second-factor/remove/", follow=True).content.decode()
    assert "signs in with the password alone" in page
    assert "Remove second factor" not in page
    assert not Authenticator.objects.filter(user=dora).exists()
    assert hers.get("/audit/").status_code == HTTPStatus.FOUND
    client.post("/accounts/login/", {"login": "dora", "password": PASSWORD})
    assert client.get("/audit/").status_code == HTTPStatus.OK
    entry = AuditEntry.objects.get(action="second-factor.removed")
    assert (entry.actor, entry.subject) == (alice, "dora")


def test_nobody_removes_his_own_factor_this_way(alice: User, secret: str, sign_in: SignIn) -> None:
    TOTP.activate(alice, secret)
    with pytest.raises(NotAllowed):
        people.remove_second_factor(by=alice, person=alice)
    assert "Remove second factor" not in sign_in(alice).get(f"/people/{alice.pk}/").content.decode()


def test_the_factor_of_a_stronger_account_stays(dora: User, alice: User, secret: str) -> None:
    TOTP.activate(alice, secret)
    with pytest.raises(NotAllowed):
        people.remove_second_factor(by=make_person("adam", Role.ADMINISTRATOR), person=alice)
    assert Authenticator.objects.filter(user=alice).exists()


def test_where_there_is_no_factor_none_is_removed(alice: User, bob: User) -> None:
    with pytest.raises(WrongState):
        people.remove_second_factor(by=alice, person=bob)
    assert not AuditEntry.objects.exists()
