"""A real web server in a thread, and browsers' event streams to it."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse

import uvicorn
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.db import connection
from django.test import Client

from tests.simulator.waiting import until
from xenweb import asgi

LINE = re.compile(r'id="journal-(\d+)"')


@dataclass
class Event:
    """One server-sent event as a browser takes it apart."""

    id: int
    name: str
    data: str

    @property
    def lines(self) -> list[int]:
        """Ids of the journal lines in it, in their order."""
        return [int(found) for found in LINE.findall(self.data)]


@dataclass
class Stream:
    """An open stream; a thread takes in what comes."""

    answer: HTTPResponse
    connection: HTTPConnection
    events: list[Event] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def listen(self) -> None:
        threading.Thread(target=self._take_in, name="browser", daemon=True).start()

    def _take_in(self) -> None:
        try:
            self._take_apart()
        except (OSError, HTTPException, ValueError, AttributeError):  # closed by the test
            pass
        finally:
            self.ended.set()

    def _take_apart(self) -> None:
        fields: dict[str, list[str]] = {}
        while raw := self.answer.readline():
            line = raw.decode().rstrip("\n")
            if line.startswith(":"):
                self.comments.append(line)
            elif line:
                name, _, value = line.partition(": ")
                fields.setdefault(name, []).append(value)
            elif "data" in fields:
                self.events.append(Event(int(fields["id"][0]), fields["event"][0], "\n".join(fields["data"])))
                fields = {}

    @property
    def lines(self) -> list[int]:
        return [line for event in self.events for line in event.lines]

    def has(self, row: int) -> None:
        """Wait until this journal row has come."""
        until(lambda: row in self.lines)

    def close(self) -> None:
        """Cut the connection, as a closed tab does."""
        if self.connection.sock:
            self.connection.sock.shutdown(socket.SHUT_RDWR)
        self.connection.close()


@dataclass
class Web:
    """The server; ``open`` is a browser's EventSource."""

    port: int
    streams: list[Stream] = field(default_factory=list)

    def open(self, client: Client, path: str, last_event_id: str = "") -> Stream:
        """Open a stream as the person who is signed in with this client."""
        cookie = client.cookies.get(settings.SESSION_COOKIE_NAME)
        headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie.value}"} if cookie else {}
        if last_event_id:
            headers["Last-Event-ID"] = last_event_id
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path, headers=headers)
        if connection.sock is None:
            raise ConnectionError("the server hung up")
        stream = Stream(connection.getresponse(), connection)
        self.streams.append(stream)
        if stream.answer.headers.get("Content-Type") == "text/event-stream":
            stream.listen()
        return stream


@contextmanager
def serving(application: ASGIHandler | None = None) -> Iterator[Web]:
    """Serve the product as the launcher does, until the block ends."""
    config = uvicorn.Config(
        application or asgi.application, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=3
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="web")
        thread.start()
        until(lambda: server.started)
        web = Web(port=listening.getsockname()[1])
        try:
            yield web
        finally:
            asgi.stop_streams()
            server.should_exit = True
            thread.join(10)
            for stream in web.streams:
                stream.close()
            connection.close()
            until(all_connections_are_back)


def all_connections_are_back() -> bool:
    """Whether the server has given every connection back to the pool: a lost one would be lost for good."""
    pool = getattr(connection, "pool")  # noqa: B009 - the stubs do not know it
    stats: dict[str, int] = pool.get_stats()
    return stats.get("pool_available", 0) == stats.get("pool_size", 0)


def pool_threads() -> int:
    """Count the threads that run synchronous code for the server."""
    return sum(thread.name.startswith("ThreadPoolExecutor") for thread in threading.enumerate())
