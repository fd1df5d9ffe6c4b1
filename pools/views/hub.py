"""Fans the journal's rings out to this process's open streams: one subscription, one rendering for all viewers."""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import redis.asyncio as redis
from asgiref.sync import sync_to_async
from django.conf import settings

from pools.views import fragments

QUEUE_LENGTH = 200
BACK_OFF = 1.0

log = logging.getLogger(__name__)


@dataclass(eq=False)
class Viewer:
    """One open stream; ``behind`` is set when its queue was full, and it must read everything again."""

    queue: asyncio.Queue[fragments.Event | None] = field(default_factory=lambda: asyncio.Queue(QUEUE_LENGTH))
    behind: bool = False

    def give(self, event: fragments.Event | None) -> None:
        """Hand over an event without waiting for a slow browser."""
        try:
            self.queue.put_nowait(event)
        except asyncio.QueueFull:
            self.behind = True


class Hub:
    """The streams of one process, by operation."""

    def __init__(self) -> None:
        self.viewers: dict[str, set[Viewer]] = defaultdict(set)
        self.last_sent: dict[str, int] = {}
        self.listener: asyncio.Task[None] | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.listening: asyncio.Event | None = None
        self.stopping = False

    @contextlib.asynccontextmanager
    async def watch(self, operation_id: str) -> AsyncIterator[Viewer]:
        """Register a stream; from here on no ring is missed, so the caller may replay what is stored."""
        await self.listen()
        viewer = Viewer()
        self.viewers[operation_id].add(viewer)
        try:
            yield viewer
        finally:
            self.viewers[operation_id].discard(viewer)
            if not self.viewers[operation_id]:
                self.viewers.pop(operation_id, None)
                self.last_sent.pop(operation_id, None)

    async def listen(self) -> None:
        """Start listening to Redis, once for each event loop, and wait until the subscription stands."""
        loop = asyncio.get_running_loop()
        if self.loop is not loop or self.listener is None or self.listener.done():
            self.loop, self.listening = loop, asyncio.Event()
            self.listener = loop.create_task(self.relay(self.listening))
        if self.listening is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.listening.wait(), 2)

    async def relay(self, listening: asyncio.Event) -> None:
        """Relay rings until the process stops; when Redis was away, everybody reads again."""
        while not self.stopping:
            try:
                async with redis.from_url(settings.REDIS_URL) as client, client.pubsub() as channel:
                    await channel.psubscribe(f"{settings.KEY_PREFIX}live:*")
                    listening.set()
                    await self.everyone_reads_again()
                    async for message in channel.listen():
                        if message["type"] == "pmessage":
                            await self.ring(message["channel"].decode().rpartition(":")[2])
            except (redis.RedisError, OSError) as error:
                log.warning("live: Redis is away: %s", type(error).__name__)
                await asyncio.sleep(BACK_OFF)

    async def ring(self, operation_id: str) -> None:
        """Render what is new for an operation, once, and give it to all its viewers."""
        if operation_id not in self.viewers:
            return
        after = self.last_sent.get(operation_id)
        event = await sync_to_async(fragments.since, thread_sensitive=False)(operation_id, after)
        if event is None:
            return
        self.last_sent[operation_id] = event.id
        for viewer in self.viewers.get(operation_id, ()):
            viewer.give(event)

    async def everyone_reads_again(self) -> None:
        """After a gap in the rings the stored journal is read again for every operation that is watched."""
        for operation_id in list(self.viewers):
            await self.ring(operation_id)

    def stop(self) -> None:
        """End every open stream, from any thread: the server is about to exit."""
        self.stopping = True
        if self.loop is not None and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.end_streams)

    def end_streams(self) -> None:
        for viewers in self.viewers.values():
            for viewer in viewers:
                viewer.give(None)
        if self.listener is not None:
            self.listener.cancel()


hub = Hub()
