"""The live stream of an operation: server-sent events that a page can miss and get again."""

import asyncio
import time
import uuid
from collections import defaultdict
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from weakref import WeakSet

from asgiref.sync import SyncToAsync, sync_to_async
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_GET

from pools.access import for_everyone_signed_in
from pools.models import Operation, User
from pools.views import fragments, hub
from xenweb.sessions import has_ended

HEARTBEAT = 15.0
RECHECK = 5.0
STREAMS_EACH = 6
LONGEST_ID = 18


@dataclass(eq=False)
class Visit:
    """One stream of one person; it counts for as long as somebody holds it, so a lost one is never counted."""

    session_key: str
    operation_id: uuid.UUID


visits: defaultdict[int, WeakSet[Visit]] = defaultdict(WeakSet)


@for_everyone_signed_in
@require_GET
async def stream(request: HttpRequest, pk: uuid.UUID) -> StreamingHttpResponse | HttpResponse:
    """Stream the changes after ``Last-Event-ID`` (or ``?after=``), then live ones, to people who may see them."""
    visit = Visit(session_key=request.session.session_key or "", operation_id=pk)
    user_id = await sync_to_async(allowed)(visit)  # in the request's thread, on the connection that it has already
    if user_id is None:
        raise Http404("There is no such operation.")
    if len(visits[user_id]) >= STREAMS_EACH:
        return HttpResponse("Too many live pages are open. Close one.\n", status=429, content_type="text/plain")
    visits[user_id].add(visit)
    body = events(hub.of_this_loop(), visit, last_seen(request))
    response = StreamingHttpResponse(body, content_type="text/event-stream")
    response["X-Accel-Buffering"] = "no"
    response["Cache-Control"] = "no-cache, no-store"
    return response


def last_seen(request: HttpRequest) -> int:
    """Read the id of the last event the browser has; anything odd counts as none."""
    text = request.headers.get("Last-Event-ID") or request.GET.get("after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_ID else 0


def allowed(visit: Visit) -> int | None:
    """Return the viewer's id while he is signed in and may see the operation; gives its connection back."""
    try:
        session = SessionStore(visit.session_key)
        user = User.objects.filter(pk=int(session.get(SESSION_KEY, 0)), is_active=True).first()
        if user is None or not constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
            return None
        if has_ended(visit.session_key):
            return None
        return user.pk if Operation.objects.visible_to(user).filter(pk=visit.operation_id).exists() else None
    finally:
        connections.close_all()


async def events(here: hub.Hub, visit: Visit, after: int) -> AsyncGenerator[bytes, None]:
    """Register first, then replay what was missed, then pass on what comes, each change once."""
    await let_the_request_go()
    operation_id = str(visit.operation_id)
    async with here.watch(operation_id) as (channel, viewer):
        yield b"retry: 1000\n\n"
        missed = await asyncio.to_thread(fragments.replay, operation_id, after)
        channel.stands_at(missed.id)
        if missed.html:
            yield missed.encoded
        async for chunk in follow(viewer, visit, missed.id):
            yield chunk


async def let_the_request_go() -> None:
    """Give back what Django keeps for the whole response: the request's database connection and its thread."""
    context = SyncToAsync.thread_sensitive_context.get(None)
    executor = SyncToAsync.context_to_thread_executor.pop(context, None) if context else None
    if executor is not None:
        await asyncio.wrap_future(executor.submit(connections.close_all))
        executor.shutdown(wait=False)


async def follow(viewer: hub.Viewer, visit: Visit, after: int) -> AsyncGenerator[bytes, None]:
    """Pass on live events; look at the viewer's rights again every few seconds; say something when all is quiet."""
    checked = spoke = time.monotonic()
    while not viewer.ended:
        event = await viewer.next(max(0, checked + RECHECK - time.monotonic()))
        if time.monotonic() - checked >= RECHECK:
            if await asyncio.to_thread(allowed, visit) is None:
                return
            checked = time.monotonic()
        if event is not None and event.id > after:
            if event.after != after:
                event = await asyncio.to_thread(fragments.since, str(visit.operation_id), after)
            after, spoke = event.id, time.monotonic()
            yield event.encoded
        elif time.monotonic() - spoke >= HEARTBEAT:
            spoke = time.monotonic()
            yield b": still here\n\n"
