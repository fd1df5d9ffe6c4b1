"""Every answer carries the security headers, whatever went wrong; the matrix test looks at the rest of the pages."""

import re
from http import HTTPStatus

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, include, path

from pools.access import anonymous
from pools.models import User
from tests.fixtures.people import SignIn
from tests.pools.test_access_matrix import assert_headers


@anonymous
def crash(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret detail")


urlpatterns: list[URLPattern] = [path("crash", crash), path("", include("xenweb.urls"))]  # type: ignore[list-item]


@pytest.mark.urls("tests.pools.test_headers")
def test_a_crash_carries_the_headers_and_tells_no_detail(db: None) -> None:
    response = Client(raise_request_exception=False).get("/crash")
    assert response.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    assert "a secret detail" not in response.content.decode()
    assert_headers(response)


@pytest.mark.parametrize("where", ["/accounts/login/", "/nowhere/", "/people/", "/pools/x/"])
def test_pages_for_strangers_carry_the_headers(client: Client, db: None, where: str) -> None:
    assert_headers(client.get(where))


def test_a_form_without_its_token_is_refused_with_the_headers(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    response = client.post("/teams/add/", {"name": "forged"})
    assert response.status_code == HTTPStatus.FORBIDDEN
    assert_headers(response)


def test_the_nonce_is_new_for_every_answer_and_stands_in_the_page(alice: User, sign_in: SignIn) -> None:
    client = sign_in(alice)
    answers = [client.get("/people/") for _ in range(2)]
    policies = [answer.headers["Content-Security-Policy"] for answer in answers]
    nonces = [found.group(1) for found in map(re.compile(r"'nonce-([^']+)'").search, policies) if found]
    assert len(set(nonces)) == 2
    assert f'nonce="{nonces[0]}"' in answers[0].content.decode()


def test_no_page_brings_inline_script_style_or_handlers(alice: User, sign_in: SignIn) -> None:
    client = sign_in(alice)
    for where in ("/people/", "/people/add/", f"/people/{alice.pk}/", "/teams/add/", "/approvals/", "/audit/"):
        page = client.get(where).content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)", page), where
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=", page), where
