"""Every URL × person × method × object gets the answer that tests/access_matrix.py says."""

import asyncio
from collections.abc import Callable, Iterator
from http import HTTPStatus
from itertools import product

import pytest
from asgiref.sync import sync_to_async
from django.db import connections, transaction
from django.http import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from pools.access import RULE
from pools.models import Role
from tests.access_matrix import ALLAUTH, ESTATE_ADMINISTRATOR, ESTATE_OWNER, MATRIX, STAFF, Line, Who
from tests.fixtures.people import Places
from tests.pools.world import Visitor, World, make_world

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
COMMON = {"GET", "HEAD", "POST"}
PLACES = ("own", "other", "missing", "malformed")
SIGN_IN = "/accounts/login/"
ON_ESTATE = {ESTATE_ADMINISTRATOR: Role.ADMINISTRATOR, ESTATE_OWNER: Role.OWNER}
OWNERS_ALONE = {"batch", "probe"}
REFUSALS = {401, 403, 404, 405}
FORBIDDEN, NOT_FOUND, NOT_ALLOWED = {403}, {404}, {405}


@pytest.fixture
def world(places: Places, monkeypatch: pytest.MonkeyPatch) -> World:
    """The stream works in a thread with a connection of its own; here it must see what the test has made."""
    monkeypatch.setattr(asyncio, "to_thread", here)
    monkeypatch.setattr(connections, "close_all", lambda: None)
    return make_world(places)


async def here(function: Callable[..., object], *args: object) -> object:
    """Call in the test's own thread."""
    return await sync_to_async(function)(*args)


def patterns(found: URLResolver | None = None) -> Iterator[URLPattern]:
    """Walk every URL there is."""
    for each in (found or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            yield from patterns(each)
        else:
            yield each


NAMES = sorted({line.name for line in MATRIX})


def test_every_url_stands_in_the_matrix_and_every_line_has_a_url() -> None:
    assert {pattern.name for pattern in patterns()} == {*NAMES, *ALLAUTH}


def test_every_view_of_ours_declares_its_rule() -> None:
    ours = [pattern for pattern in patterns() if pattern.name not in ALLAUTH]
    assert [pattern.name for pattern in ours if not hasattr(pattern.callback, RULE)] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_url_answers_as_the_matrix_says(name: str, world: World) -> None:
    lines = [line for line in MATRIX if line.name == name]
    places = PLACES if lines[0].of else ("own",)
    wrong = [
        f"{method} {path} ({place}) by {who}: {status}, not {sorted(wanted)}"
        for (who, visitor), method, place in product(world.visitors.items(), METHODS, places)
        if method in COMMON or place in {"own", "other"}
        for path in [path_of(lines[0], world, place)]
        for wanted in [expected(lines, visitor, method, place)]
        for status in [ask(visitor, method, path)]
        if status not in wanted
    ]
    assert wrong == []


@pytest.mark.parametrize("name", sorted(ALLAUTH))
def test_a_page_of_allauth_lets_in_whom_the_matrix_says(name: str, world: World) -> None:
    for (who, visitor), method in product(world.visitors.items(), METHODS):
        status = ask(visitor, method, reverse(name), sign_in=ALLAUTH[name] is not Who.ANYBODY)
        assert status < HTTPStatus.INTERNAL_SERVER_ERROR, f"{method} {name} by {who}"


def ask(visitor: Visitor, method: str, path: str, *, sign_in: bool = True) -> int:
    """Send the request, undo what it did, and hold the answer against what is true of all answers."""
    with transaction.atomic():
        response = visitor.browser.generic(method, path)
        transaction.set_rollback(True)
    assert_headers(response)
    if sign_in and not visitor.signed_in and response.status_code == HTTPStatus.FOUND:
        assert response.headers["Location"].startswith(SIGN_IN), path
    return response.status_code


def assert_headers(response: HttpResponseBase) -> None:
    """security.md §2: on every response, errors and streams included."""
    headers = response.headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "no-store" in headers["Cache-Control"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


def path_of(line: Line, world: World, place: str) -> str:
    """Build the URL; nonsense is put in afterwards, because no URL can be made with it."""
    if not line.of:
        return reverse(line.name, kwargs=line.others)
    kinds = {"batch": "batch", "pk": "team"}
    others = {key: world.named(kinds[key], "own") if text == "own" else text for key, text in line.others.items()}
    sane = "own" if place == "malformed" else place
    path = reverse(line.name, kwargs={line.key: world.named(line.of, sane), **others})
    own, nonsense = world.named(line.of, "own"), world.named(line.of, "malformed")
    return path.replace(f"/{own}/", f"/{nonsense}/") if place == "malformed" else path


def expected(lines: list[Line], visitor: Visitor, method: str, place: str) -> set[int]:
    """Say which answers are right."""
    if place == "malformed":
        return NOT_FOUND
    line = next((each for each in lines if method.replace("HEAD", "GET") in each.methods.split()), None)
    rule = line or lines[0]
    if rule.who is not Who.ANYBODY and not visitor.signed_in:
        return {HTTPStatus.FOUND}
    if line is None:
        return NOT_ALLOWED if may_somewhere(rule, visitor) else NOT_ALLOWED | FORBIDDEN
    right = right_answer(line, visitor, place)
    return right | NOT_ALLOWED if method == "HEAD" else right


def right_answer(line: Line, visitor: Visitor, place: str) -> set[int]:
    """Say what a person gets who uses a method that the view knows."""
    if not may_somewhere(line, visitor):
        return FORBIDDEN if place == "own" and sees(line, visitor, place) else FORBIDDEN | NOT_FOUND
    if line.of and (place == "missing" or not sees(line, visitor, place)):
        return NOT_FOUND
    if isinstance(line.who, Role) and line.of and held(visitor, place) < line.who:
        return FORBIDDEN
    return set(line.answers) or set(range(200, 500)) - REFUSALS


def may_somewhere(line: Line, visitor: Visitor) -> bool:
    """Whether the person holds the role on anything at all."""
    if isinstance(line.who, Role):
        return visitor.somewhere >= line.who
    if line.who is STAFF:
        return visitor.estate == Role.OWNER
    return visitor.estate >= ON_ESTATE.get(line.who, 0)


def sees(line: Line, visitor: Visitor, place: str) -> bool:
    """Whether the object exists for this person; people, teams and roles are not of one team."""
    if line.of in OWNERS_ALONE or line.of == "member":
        return place == "own"
    return not isinstance(line.who, Role) or held(visitor, place) > 0


def held(visitor: Visitor, place: str) -> int:
    """Return the role on the pool of the object."""
    return visitor.ours if place == "own" else visitor.theirs
