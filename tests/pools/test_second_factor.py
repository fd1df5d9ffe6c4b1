"""The second factor: asked for, throttled, audited."""

from http import HTTPStatus

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client

from pools.models import AuditEntry, User
from tests.fixtures.people import PASSWORD, make_person

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
