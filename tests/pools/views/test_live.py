"""The live stream: nothing missed, nothing twice, nothing to whom it is not for."""

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from datetime import timedelta
from http import HTTPStatus

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from pools.models import Grant, Operation, OperationState, Role, Step, StepState, User
from pools.operations import journal
from pools.operations.states import move_operation
from pools.views import hub, live, visits
from tests.fixtures.people import Places, SignIn, make_person
from tests.pools.views.streams import Stream, Web, all_connections_are_back, pool_threads, serving
from tests.simulator.waiting import until
from xenweb import asgi

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def web(transactional_db: None) -> Iterator[Web]:
    with serving() as found:
        yield found


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at the viewers' rights so often that a test need not wait."""
    monkeypatch.setattr(hub, "RECHECK", 0.2)


@pytest.fixture
def running(planned: Operation) -> Operation:
    """Bob's operation at work, two steps on its one server."""
    for seq in (1, 2):
        lane = planned.servers.get().uuid
        Step.objects.create(operation=planned, seq=seq, kind="JoinPool", title=f"Step {seq}", lane=lane)
    move_operation(planned, OperationState.QUEUED, "Queued")
    move_operation(planned, OperationState.RUNNING, "Begun")
    return planned


def write(operation: Operation, count: int = 1) -> list[int]:
    """Append lines to the journal; each in a transaction of its own."""
    step = operation.steps.first()
    return [journal.write(operation, kind="note", text=f"Line {n}", step=step).pk for n in range(count)]


def path(operation: Operation, after: int | None = None) -> str:
    return f"/operations/{operation.pk}/stream" + ("" if after is None else f"?after={after}")


def ended(stream: Stream) -> bool:
    return stream.ended.wait(5)


def test_what_was_missed_comes_first_then_what_is_new(web: Web, bob: User, sign_in: SignIn, running: Operation) -> None:
    old = write(running, 3)
    stream = web.open(sign_in(bob), path(running), last_event_id=str(old[0]))
    stream.has(old[2])
    assert stream.lines == old[1:]
    new = write(running)
    stream.has(new[0])
    assert stream.lines == [*old[1:], *new]


def test_nothing_is_missed_or_doubled_while_rows_are_committed(
    web: Web, bob: User, sign_in: SignIn, running: Operation
) -> None:
    client, first = sign_in(bob), write(running)[0]
    written: list[int] = []

    def work() -> None:
        try:
            for _ in range(60):
                written.extend(write(running))
        finally:
            connection.close()

    writer = threading.Thread(target=work)
    writer.start()
    streams = [web.open(client, path(running, after=first)) for _ in range(4)]
    writer.join()
    for stream in streams:
        stream.has(written[-1])
        assert stream.lines == written
        assert [event.id for event in stream.events] == sorted({event.id for event in stream.events})


def test_a_broken_stream_goes_on_where_it_broke(web: Web, bob: User, sign_in: SignIn, running: Operation) -> None:
    client, rows = sign_in(bob), write(running, 2)
    first = web.open(client, path(running, after=0))
    first.has(rows[1])
    first.close()
    rows += write(running, 2)
    second = web.open(client, path(running, after=0), last_event_id=str(first.events[-1].id))
    second.has(rows[3])
    assert second.lines == rows[2:]


def test_an_event_carries_what_the_page_shows_under_the_same_ids(
    web: Web, bob: User, sign_in: SignIn, running: Operation
) -> None:
    client = sign_in(bob)
    page = client.get(f"/operations/{running.pk}/").content.decode()
    stream = web.open(client, path(running, after=journal_end(running)))
    step = running.steps.get(seq=1)
    Step.objects.filter(pk=step.pk).update(state=StepState.RUNNING, progress=0.42, started_at=timezone.now())
    stream.has(write(running)[0])
    data = stream.events[-1].data
    assert "42 %" in data
    for name in ("operation-head", "operation-trouble", "operation-progress", f"lane-{step.lane}", f"step-{step.pk}"):
        assert f'id="{name}"' in data
        assert f'id="{name}"' in page


def journal_end(operation: Operation) -> int:
    return max(operation.journal.values_list("pk", flat=True))


def test_a_page_is_never_older_than_the_row_its_stream_begins_behind(
    bob: User, sign_in: SignIn, running: Operation
) -> None:
    page = sign_in(bob).get(f"/operations/{running.pk}/")
    assert f'data-live-after="{journal_end(running)}"' in page.content.decode()
    assert page.context["last_id"] <= max(entry.pk for entry in page.context["entries"])


def test_entries_without_words_move_the_stream_but_make_no_line(
    web: Web, bob: User, sign_in: SignIn, running: Operation
) -> None:
    client = sign_in(bob)
    stream = web.open(client, path(running, after=journal_end(running)))
    silent = journal.write(running, kind="progress", step=running.steps.first()).pk
    until(lambda: stream.events)
    assert (stream.events[-1].id, stream.lines) == (silent, [])
    assert f"journal-{silent}" not in client.get(f"/operations/{running.pk}/").content.decode()


@pytest.mark.parametrize("odd", ["x", "-1", "²", "1.5", "9" * 30, "9" * 18])
def test_an_odd_last_event_id_does_no_harm(odd: str, web: Web, bob: User, sign_in: SignIn, running: Operation) -> None:
    stream = web.open(sign_in(bob), path(running), last_event_id=odd.encode("utf-8").decode("latin-1"))
    stream.has(write(running)[0])


def test_several_viewers_get_the_same(web: Web, alice: User, vera: User, sign_in: SignIn, running: Operation) -> None:
    start = journal_end(running)
    people = (alice, vera, running.created_by)
    streams = [web.open(sign_in(person), path(running, after=start)) for person in people]
    rows = write(running, 5)
    for stream in streams:
        stream.has(rows[-1])
    assert streams[0].lines == streams[1].lines == streams[2].lines == rows


def test_another_teams_operation_is_not_found(web: Web, charlie: User, sign_in: SignIn, running: Operation) -> None:
    assert web.open(sign_in(charlie), path(running)).answer.status == HTTPStatus.NOT_FOUND


def test_a_stranger_is_led_to_the_sign_in(web: Web, running: Operation) -> None:
    answer = web.open(Client(), path(running)).answer
    assert answer.status == HTTPStatus.FOUND
    assert str(answer.headers["Location"]).startswith("/accounts/login/")


@pytest.mark.usefixtures("often")
def test_signing_out_ends_the_stream(web: Web, bob: User, sign_in: SignIn, running: Operation) -> None:
    client = sign_in(bob)
    stream = web.open(client, path(running))
    client.post("/accounts/logout/")
    assert ended(stream)


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize("loss", ["role", "account", "session", "password"])
def test_a_loss_of_rights_ends_the_stream(loss: str, web: Web, vera: User, sign_in: SignIn, running: Operation) -> None:
    stream = web.open(sign_in(vera), path(running))
    stream.has(write(running)[0])
    if loss == "role":
        Grant.objects.filter(user=vera).delete()
    elif loss == "account":
        User.objects.filter(pk=vera.pk).update(is_active=False)
    elif loss == "session":
        Session.objects.all().delete()
    else:
        vera.set_password("another one altogether")
        vera.save()
    assert ended(stream)


@pytest.mark.usefixtures("often")
def test_a_stream_does_not_outlive_an_idle_session(web: Web, bob: User, sign_in: SignIn, running: Operation) -> None:
    stream = web.open(sign_in(bob), path(running))
    assert UserSession.objects.update(last_seen_at=timezone.now() - timedelta(minutes=31)) == 1
    assert ended(stream)


@pytest.mark.usefixtures("often")
def test_rights_are_looked_at_every_five_seconds_though_events_never_stop(
    web: Web, vera: User, sign_in: SignIn, running: Operation
) -> None:
    assert hub.RECHECK < 5
    stream = web.open(sign_in(vera), path(running))
    Grant.objects.filter(user=vera).delete()
    deadline = time.monotonic() + 5
    while not stream.ended.is_set() and time.monotonic() < deadline:
        write(running)
    assert stream.ended.is_set()


def test_a_person_has_six_streams_and_a_closed_one_makes_room(
    web: Web, bob: User, sign_in: SignIn, running: Operation
) -> None:
    client = sign_in(bob)
    streams = [web.open(client, path(running)) for _ in range(6)]
    assert web.open(client, path(running)).answer.status == HTTPStatus.TOO_MANY_REQUESTS
    streams[0].close()
    until(lambda: web.open(client, path(running)).answer.status == HTTPStatus.OK)


def test_a_stream_holds_no_database_connection_and_no_thread(
    web: Web, running: Operation, places: Places, sign_in: SignIn
) -> None:
    people = [make_person(f"viewer-{n}", Role.VIEWER, places.ours) for n in range(5)]
    clients = [client for person in people for client in [sign_in(person)] * 6]
    with ThreadPoolExecutor(len(clients)) as at_once:
        streams = list(at_once.map(web.open, clients, [path(running)] * len(clients)))
    row = write(running)[0]
    for stream in streams:
        stream.has(row)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        (connected,) = cursor.fetchone() or (0,)
    assert connected <= 9
    until(lambda: pool_threads() < 12)


@pytest.mark.parametrize(
    ("place", "status"), [("/", 200), ("/people/", 403), ("/pools/999999999/", 404), ("/nowhere/", 404)]
)
def test_no_page_keeps_its_database_connection(place: str, status: int, web: Web, bob: User, sign_in: SignIn) -> None:
    client = sign_in(bob)
    with ThreadPoolExecutor(8) as at_once:
        answers = list(at_once.map(lambda _: web.open(client, place).answer.status, range(16)))
    assert answers == [status] * 16
    connection.close()
    until(all_connections_are_back)


def test_the_stream_carries_the_security_headers(web: Web, bob: User, sign_in: SignIn, running: Operation) -> None:
    headers = web.open(sign_in(bob), path(running)).answer.headers
    assert headers["Cache-Control"] == "no-cache, no-store"
    assert headers["X-Accel-Buffering"] == "no"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in str(headers["Content-Security-Policy"])
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.usefixtures("often")
def test_a_quiet_stream_says_that_it_lives(
    monkeypatch: pytest.MonkeyPatch, web: Web, bob: User, sign_in: SignIn, running: Operation
) -> None:
    monkeypatch.setattr(live, "HEARTBEAT", 0.1)
    stream = web.open(sign_in(bob), path(running, after=journal_end(running)))
    until(lambda: stream.comments)


def test_without_redis_the_stored_journal_still_comes_and_afterwards_the_rings_again(
    settings: Settings, web: Web, bob: User, sign_in: SignIn, running: Operation
) -> None:
    real = settings.REDIS_URL
    settings.REDIS_URL = "unix:///nowhere/redis.sock?db=0"
    rows = write(running, 2)
    stream = web.open(sign_in(bob), path(running, after=rows[0]))
    stream.has(rows[1])
    later = write(running)[0]
    stream.has(later)
    settings.REDIS_URL = real
    last = write(running)[0]
    stream.has(last)
    assert stream.lines == [rows[1], later, last]


def test_a_lost_ring_costs_time_and_no_line(
    monkeypatch: pytest.MonkeyPatch, web: Web, bob: User, sign_in: SignIn, running: Operation
) -> None:
    monkeypatch.setattr(hub, "LOOK_AGAIN", 0.3)
    stream = web.open(sign_in(bob), path(running, after=journal_end(running)))
    monkeypatch.setattr(journal, "publish", lambda _name, _entry: None)
    stream.has(write(running)[0])


def test_a_slow_browser_reads_what_it_missed_from_the_journal(
    monkeypatch: pytest.MonkeyPatch, bob: User, sign_in: SignIn, running: Operation
) -> None:
    monkeypatch.setattr(hub, "QUEUE_LENGTH", 3)
    session = sign_in(bob).session.session_key or ""
    start = journal_end(running)

    async def watch() -> tuple[list[int], bytes]:
        visit = visits.Visit(session_key=session, operation_id=running.pk)
        async with asyncio.timeout(10), aclosing(live.events(hub.of_this_loop(), visit, start)) as events:
            taken = await anext(events)
            waiting = asyncio.ensure_future(anext(events))
            rows = [await write_and_wait(running) for _ in range(9)]
            taken += await waiting
            while f"journal-{rows[-1]}".encode() not in taken:
                taken += await anext(events)
        return rows, taken

    rows, taken = asyncio.run(watch())
    assert [taken.count(f'id="journal-{row}"'.encode()) for row in rows] == [1] * len(rows)


async def write_and_wait(operation: Operation) -> int:
    """Append a line and wait until the hub has given it to its viewers."""

    def write_and_close() -> int:
        try:
            return write(operation)[0]
        finally:
            connection.close()

    row = await asyncio.to_thread(write_and_close)
    channel = hub.of_this_loop().channels[str(operation.pk)]
    await asyncio.to_thread(until, lambda: channel.last == row)
    return row


def test_a_server_that_stops_ends_its_streams_at_once(web: Web, bob: User, sign_in: SignIn, running: Operation) -> None:
    streams = [web.open(sign_in(bob), path(running)) for _ in range(3)]
    streams[0].has(write(running)[0])
    began = time.monotonic()
    asgi.stop_streams()
    assert all(ended(stream) for stream in streams)
    assert time.monotonic() - began < 1


def test_a_stopping_server_begins_no_stream(web: Web, bob: User, sign_in: SignIn, running: Operation) -> None:
    web.open(sign_in(bob), path(running))
    asgi.stop_streams()
    assert ended(web.open(sign_in(bob), path(running)))
