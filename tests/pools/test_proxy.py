"""Whose address counts: the connection's, or what our own proxy says."""

from http import HTTPStatus

import pytest
from asgiref.sync import async_to_sync
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client
from django.urls import URLPattern, path
from pytest_django import Settings

from pools.access import anonymous
from pools.models import AuditEntry, User
from tests.fixtures.people import PASSWORD, make_person
from tests.source_tree import ROOT

PROXY = "127.0.0.1"
LOGIN = "/accounts/login/"


@anonymous
def seen(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.META["REMOTE_ADDR"])


@anonymous
async def seen_later(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.META["REMOTE_ADDR"])


urlpatterns: list[URLPattern] = [path("seen", seen), path("seen-later", seen_later)]


@pytest.fixture
def behind_proxy(settings: Settings) -> None:
    settings.BEHIND_PROXY = True


@pytest.fixture
def dora(db: None) -> User:
    cache.clear()
    return make_person("dora")


def try_password(password: str, address: str) -> int:
    data = {"login": "dora", "password": password}
    return Client(REMOTE_ADDR=PROXY).post(LOGIN, data, headers={"x-forwarded-for": address}).status_code


@pytest.mark.urls("tests.pools.test_proxy")
@pytest.mark.parametrize(
    ("header", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("10.9.9.9, 203.0.113.7", "203.0.113.7"),  # the client sent the first one himself
        ("203.0.113.7, nonsense", PROXY),
        ("fe80::1%eth0", PROXY),
        ("203.0.113.7:1234", PROXY),
        ("", PROXY),
    ],
)
def test_the_proxys_own_word_is_taken_and_no_other(behind_proxy: None, header: str, address: str) -> None:
    answer = Client(REMOTE_ADDR=PROXY).get("/seen", headers={"x-forwarded-for": header})
    assert answer.content.decode() == address


@pytest.mark.urls("tests.pools.test_proxy")
@pytest.mark.parametrize("where", ["/seen", "/seen-later"])
def test_asynchronous_requests_are_told_the_same(behind_proxy: None, where: str) -> None:
    answer = async_to_sync(AsyncClient().get)(where, headers={"x-forwarded-for": "203.0.113.7"})
    assert answer.content.decode() == "203.0.113.7"


@pytest.mark.urls("tests.pools.test_proxy")
def test_without_a_proxy_the_header_is_ignored() -> None:
    answer = Client(REMOTE_ADDR=PROXY).get("/seen", headers={"x-forwarded-for": "203.0.113.7"})
    assert answer.content.decode() == PROXY


def test_our_nginx_overwrites_what_the_client_sends() -> None:
    configured = (ROOT / "docs" / "deploy" / "nginx" / "xenweb.conf").read_text(encoding="utf-8")
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in configured


def test_one_strangers_guesses_lock_nobody_else_out(behind_proxy: None, dora: User) -> None:
    for _ in range(6):
        locked = try_password("wrong", "203.0.113.66")
    assert locked == HTTPStatus.TOO_MANY_REQUESTS
    assert try_password(PASSWORD, "198.51.100.7") == HTTPStatus.FOUND


def test_the_audit_names_the_client_and_not_the_proxy(behind_proxy: None, dora: User) -> None:
    try_password(PASSWORD, "198.51.100.7")
    assert AuditEntry.objects.get(action="person.signed_in").address == "198.51.100.7"
