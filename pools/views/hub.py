"""Fans the journal's rings out to this process's open streams: one subscription, one rendering for all viewers.

An event says which journal row it follows. A viewer that stands elsewhere (it was slow, or came late) reads the stored
journal itself, so a lost ring or a dropped event costs time and never a line.
"""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import redis.asyncio as redis
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError

from pools.views import fragments, visits
from pools.views.visits import Visit

QUEUE_LENGTH: Final = 200
LOOK_AGAIN: Final = 5.0
BACK_OFF: Final = 1.0
PATIENCE: Final = 2.0
RECHECK: Final = 4.0
READERS: Final = 2

log = logging.getLogger(__name__)
_readers: Final = ThreadPoolExecutor(READERS, "live")


class Viewer:
    """One open stream and the events it has not taken yet; of too many, the oldest are dropped."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.operation_id = str(visit.operation_id)
        self.events: deque[fragments.Event] = deque(maxlen=QUEUE_LENGTH)
        self.woken = asyncio.Event()
        self.ended = False

    def give(self, event: fragments.Event) -> None:
        """Hand over an event without waiting for a slow browser."""
        self.events.append(event)
        self.woken.set()

    def end(self) -> None:
        self.ended = True
        self.woken.set()

    async def next(self, patience: float) -> fragments.Event | None:
        """Take the oldest event; nothing when none comes in time, or the stream is to end."""
        if not self.events and not self.ended:
            self.woken.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self.woken.wait()
        return self.events.popleft() if self.events and not self.ended else None


class Channel:
    """An operation that somebody watches; ``last`` is the journal row up to which everybody was told."""

    def __init__(self, operation_id: str) -> None:
        self.operation_id = operation_id
        self.viewers: set[Viewer] = set()
        self.last: int | None = None
        self.rung = False
        self.reading: asyncio.Task[None] | None = None

    def stands_at(self, row: int) -> None:
        """The first viewer has read the stored journal up to here; rings count from now on."""
        if self.last is None:
            self.last = row
            if self.rung:
                self.ring()

    def ring(self) -> None:
        """Something may be new; rings during a reading make one more reading, however many they are."""
        self.rung = True
        if self.last is not None and (self.reading is None or self.reading.done()):
            self.reading = asyncio.get_running_loop().create_task(self.read())

    async def read(self) -> None:
        """Render what is new, once, and give it to all viewers; what cannot be read now is read at the next look."""
        while self.rung and self.viewers and self.last is not None:
            self.rung = False
            try:
                event = await read_soon(self.operation_id, self.last)
            except (DatabaseError, ObjectDoesNotExist) as error:
                log.warning("live: the journal cannot be read: %s", type(error).__name__)
                return
            if event.html:
                self.last = event.id
                for viewer in self.viewers:
                    viewer.give(event)


async def read_soon(operation_id: str, after: int) -> fragments.Event:
    """Read in threads of their own: what is new does not queue behind what others have missed."""
    return await asyncio.get_running_loop().run_in_executor(_readers, fragments.since, operation_id, after)


class Hub:
    """The streams of one process, by operation."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.channels: dict[str, Channel] = {}
        self.subscribed = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []
        self.stopping = False

    @contextlib.asynccontextmanager
    async def watch(self, visit: Visit) -> AsyncIterator[tuple[Channel, Viewer]]:
        """Register a stream; from here on no ring is missed, so the caller may read what is stored."""
        viewer = Viewer(visit)
        channel = self.channels.setdefault(viewer.operation_id, Channel(viewer.operation_id))
        channel.viewers.add(viewer)
        viewer.ended = self.stopping
        try:
            await self.listen()
            yield channel, viewer
        finally:
            visit.ended = True
            channel.viewers.discard(viewer)
            if not channel.viewers and self.channels.get(channel.operation_id) is channel:
                del self.channels[channel.operation_id]

    async def listen(self) -> None:
        """Wait until rings arrive, or until it is known that Redis is away."""
        if self.stopping:
            return
        if not self.tasks or any(task.done() for task in self.tasks):
            self.cancel()
            self.tasks = [self.loop.create_task(self.relay()), self.loop.create_task(self.guard())]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.subscribed.wait(), PATIENCE)

    async def relay(self) -> None:
        """Relay rings until the process stops; while Redis is away, look again every second."""
        try:
            while True:
                try:
                    await self.take_rings()
                except (redis.RedisError, OSError) as error:
                    log.warning("live: Redis is away: %s", type(error).__name__)
                    self.subscribed.set()
                    await asyncio.sleep(BACK_OFF)
                    self.ring_all()
        finally:
            self.end_streams()

    async def take_rings(self) -> None:
        """Subscribe and ring the channels; every few seconds all of them, for the rings that were lost."""
        looked = time.monotonic()
        async with (
            redis.from_url(settings.REDIS_URL, socket_connect_timeout=PATIENCE) as client,
            client.pubsub() as bell,
        ):
            await bell.psubscribe(f"{settings.KEY_PREFIX}live:*")
            while True:
                message = await bell.get_message(timeout=LOOK_AGAIN)
                if message and message["type"] == "pmessage":
                    self.ring(message["channel"].decode().rpartition(":")[2])
                elif message and message["type"] == "psubscribe":
                    self.subscribed.set()
                    self.ring_all()
                if time.monotonic() - looked >= LOOK_AGAIN:
                    looked = time.monotonic()
                    self.ring_all()

    async def guard(self) -> None:
        """Look at every viewer's rights again; who lost them loses his stream."""
        while True:
            await asyncio.sleep(RECHECK)
            viewers = [viewer for channel in self.channels.values() for viewer in channel.viewers]
            if not viewers:
                continue
            try:
                allowed = await asyncio.to_thread(visits.allowed, [viewer.visit for viewer in viewers])
            except DatabaseError as error:
                log.warning("live: the viewers' rights cannot be read: %s", type(error).__name__)
                continue
            for viewer in viewers:
                if viewer.visit not in allowed:
                    viewer.end()

    def ring(self, operation_id: str) -> None:
        if operation_id in self.channels:
            self.channels[operation_id].ring()

    def ring_all(self) -> None:
        for channel in self.channels.values():
            channel.ring()

    def stop(self) -> None:
        """End every open stream, from any thread: the server is about to exit."""
        self.stopping = True
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile, and its streams with it
            self.loop.call_soon_threadsafe(self.end)

    def end(self) -> None:
        self.end_streams()
        self.subscribed.set()
        self.cancel()

    def cancel(self) -> None:
        for task in self.tasks:
            task.cancel()

    def end_streams(self) -> None:
        """Browsers come back by themselves, to this process or its successor."""
        for channel in self.channels.values():
            for viewer in channel.viewers:
                viewer.end()


_hubs: Final[dict[asyncio.AbstractEventLoop, Hub]] = {}


def of_this_loop() -> Hub:
    """Return the hub of the running event loop; a process has one, tests have several."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        for ended in [other for other in _hubs if other.is_closed()]:
            del _hubs[ended]
        _hubs[loop] = Hub(loop)
    return _hubs[loop]


def stop_all() -> None:
    """End every open stream of this process."""
    for hub in list(_hubs.values()):
        hub.stop()
