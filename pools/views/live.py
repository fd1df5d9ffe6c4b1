"""The live stream of an operation: server-sent events that a page can miss and get again."""

import asyncio
import uuid
from collections.abc import AsyncGenerator
from http import HTTPStatus
from typing import Final

from asgiref.sync import SyncToAsync, sync_to_async
from django.db import connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET

from pools.access import for_everyone_signed_in
from pools.views import fragments, hub, visits

HEARTBEAT: Final = 15.0
LONGEST_ID: Final = 18


@for_everyone_signed_in
@require_GET
async def stream(request: HttpRequest, pk: uuid.UUID) -> StreamingHttpResponse | HttpResponse:
    """Stream the changes after ``Last-Event-ID`` (or ``?after=``), then live ones, to people who may see them."""
    visit = visits.Visit(session_key=request.session.session_key or "", operation_id=pk)
    # In the request's thread, on the connection that it has already: a second one could be the pool's last.
    allowed = await sync_to_async(visits.allowed)([visit])
    if visit not in allowed:
        return refused(HTTPStatus.NOT_FOUND, "There is no such operation.")
    if not visits.has_room(allowed[visit]):
        return refused(HTTPStatus.TOO_MANY_REQUESTS, "Too many live pages are open. Close one.")
    visits.count(allowed[visit], visit)
    body = events(hub.of_this_loop(), visit, last_seen(request))
    response = StreamingHttpResponse(body, content_type="text/event-stream")
    response["X-Accel-Buffering"] = "no"
    response["Cache-Control"] = "no-cache, no-store"
    return response


def refused(status: HTTPStatus, words: str) -> HttpResponse:
    """Answer in plain words: no person reads it, but a script."""
    return HttpResponse(f"{words}\n", status=status, content_type="text/plain; charset=utf-8")


def last_seen(request: HttpRequest) -> int:
    """Read the id of the last event the browser has; anything odd counts as none."""
    text = request.headers.get("Last-Event-ID") or request.GET.get("after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_ID else 0


async def events(here: hub.Hub, visit: visits.Visit, after: int) -> AsyncGenerator[bytes, None]:
    """Register first, then replay what was missed, then pass on what comes, each change once."""
    await let_the_request_go()
    async with here.watch(visit) as (channel, viewer):
        yield b"retry: 1000\n\n"
        missed = await asyncio.to_thread(fragments.replay, viewer.operation_id, after)
        channel.stands_at(missed.id)
        if missed.html:
            yield missed.encoded
        async for chunk in follow(viewer, missed.id):
            yield chunk


async def let_the_request_go() -> None:
    """Give back what Django keeps for the whole response: the request's database connection and its thread."""
    context = SyncToAsync.thread_sensitive_context.get(None)
    executor = SyncToAsync.context_to_thread_executor.pop(context, None) if context else None
    if executor is not None:
        await asyncio.wrap_future(executor.submit(connections.close_all))
        executor.shutdown(wait=False)


async def follow(viewer: hub.Viewer, after: int) -> AsyncGenerator[bytes, None]:
    """Pass on live events; say something when all is quiet, so that a broken connection is noticed."""
    while not viewer.ended:
        event = await viewer.next(HEARTBEAT)
        if event is None:
            yield b": still here\n\n"
        elif event.id > after:
            if event.after != after:
                event = await asyncio.to_thread(fragments.since, viewer.operation_id, after)
            after = event.id
            yield event.encoded
