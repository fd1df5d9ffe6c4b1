"""The live stream of an operation: server-sent events that a page can miss and get again."""

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_GET

from pools.access import for_everyone_signed_in
from pools.models import Operation, User
from pools.views import fragments
from pools.views.hub import Viewer, hub

HEARTBEAT = 15.0
RECHECK = 5.0
STREAMS_EACH = 6
LONGEST_ID = 18
QUIET = fragments.Event(id=0, html="")

open_streams: Counter[int] = Counter()


@for_everyone_signed_in
@require_GET
async def stream(request: HttpRequest, pk: uuid.UUID) -> StreamingHttpResponse | HttpResponse:
    """Stream the changes after ``Last-Event-ID`` (or ``?after=``), then live ones, to people who may see them."""
    session_key = request.session.session_key or ""
    user_id = await sync_to_async(allowed)(session_key, pk)
    if user_id is None:
        raise Http404("There is no such operation.")
    if open_streams[user_id] >= STREAMS_EACH:
        return HttpResponse("Too many live pages are open. Close one.\n", status=429, content_type="text/plain")
    body = events(session_key, pk, user_id, last_seen(request))
    response = StreamingHttpResponse(body, content_type="text/event-stream")
    response["X-Accel-Buffering"] = "no"
    response["Cache-Control"] = "no-cache, no-store"
    return response


def last_seen(request: HttpRequest) -> int:
    """Read the id of the last event the browser has; anything odd counts as none."""
    text = request.headers.get("Last-Event-ID") or request.GET.get("after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_ID else 0


def allowed(session_key: str, pk: uuid.UUID) -> int | None:
    """Return the viewer's id while he is signed in and may see the operation; gives its connection back."""
    try:
        session = SessionStore(session_key)
        user = User.objects.filter(pk=int(session.get(SESSION_KEY, 0)), is_active=True).first()
        if user is None or not constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
            return None
        return user.pk if Operation.objects.visible_to(user).filter(pk=pk).exists() else None
    finally:
        connections.close_all()


async def events(session_key: str, pk: uuid.UUID, user_id: int, after: int) -> AsyncIterator[bytes]:
    """Subscribe first, then replay what was missed, then pass on what comes, each change once."""
    open_streams[user_id] += 1
    try:
        async with hub.watch(str(pk)) as viewer:
            yield b"retry: 1000\n\n"
            missed = await sync_to_async(fragments.since)(str(pk), after)
            if missed is not None:
                after = missed.id
                yield missed.encode()
            async for chunk in follow(viewer, session_key, pk, after):
                yield chunk
    finally:
        open_streams[user_id] -= 1


async def follow(viewer: Viewer, session_key: str, pk: uuid.UUID, after: int) -> AsyncIterator[bytes]:
    """Pass on live events; look at the viewer's rights again every few seconds; say something when all is quiet."""
    checked = spoke = time.monotonic()
    while (event := await next_event(viewer)) is not None:
        now = time.monotonic()
        if now - checked >= RECHECK:
            checked = now
            if await sync_to_async(allowed)(session_key, pk) is None:
                return
        fresh = await catch_up(viewer, pk, after) if viewer.behind else event
        if fresh is not None and fresh.id > after:
            after, spoke = fresh.id, now
            yield fresh.encode()
        elif now - spoke >= HEARTBEAT:
            spoke = now
            yield b": still here\n\n"


async def next_event(viewer: Viewer) -> fragments.Event | None:
    """Wait for the next event, or return QUIET in time for the next look at the rights."""
    try:
        return await asyncio.wait_for(viewer.queue.get(), RECHECK)
    except TimeoutError:
        return QUIET


async def catch_up(viewer: Viewer, pk: uuid.UUID, after: int) -> fragments.Event | None:
    """A browser was too slow for its queue: empty it and read the stored journal instead."""
    viewer.behind = False
    while not viewer.queue.empty():
        viewer.queue.get_nowait()
    return await sync_to_async(fragments.since)(str(pk), after)
