"""The QR code of the authenticator app: drawn from this session's secret, and gone with it."""

from http import HTTPStatus

import pytest
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from django.core.cache import cache
from django.test import Client

from pools.models import User
from tests.fixtures.people import PASSWORD, SignIn

QR_CODE = "/accounts/2fa/totp/qr.svg"
SET_UP = "/accounts/2fa/totp/activate/"


@pytest.fixture
def visitor(client: Client, bob: User) -> Client:
    """A browser that gave the password once more, as the set-up asks."""
    cache.clear()
    client.post("/accounts/login/", {"login": bob.username, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def test_the_set_up_page_shows_its_secret_as_a_picture(visitor: Client) -> None:
    page = visitor.get(SET_UP)
    assert QR_CODE in page.content.decode()
    answer = visitor.get(QR_CODE)
    drawing = answer.content.decode()
    assert (answer.status_code, answer.headers["Content-Type"]) == (HTTPStatus.OK, "image/svg+xml")
    assert "<svg" in drawing
    assert "<script" not in drawing
    assert "no-store" in answer.headers["Cache-Control"]


def test_another_secret_is_another_picture(visitor: Client) -> None:
    visitor.get(SET_UP)
    first = visitor.get(QR_CODE).content
    assert visitor.get(QR_CODE).content == first
    session = visitor.session
    session[SECRET_SESSION_KEY] = "A" * 32
    session.save()
    assert visitor.get(QR_CODE).content != first


def test_the_set_up_asks_for_the_password_again(bob: User, sign_in: SignIn) -> None:
    assert sign_in(bob).get(SET_UP).headers["Location"].startswith("/accounts/reauthenticate/")


def test_without_a_set_up_there_is_no_picture(visitor: Client) -> None:
    assert visitor.get(QR_CODE).status_code == HTTPStatus.NOT_FOUND


def test_a_secret_is_drawn_in_its_own_session_alone(visitor: Client, bob: User, sign_in: SignIn) -> None:
    visitor.get(SET_UP)
    assert sign_in(bob).get(QR_CODE).status_code == HTTPStatus.NOT_FOUND
    assert Client().get(QR_CODE).status_code == HTTPStatus.FOUND
