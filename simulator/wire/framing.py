"""HTTP requests and replies as bytes: xapi's limits, headers and error pages."""

import html
import http
import socket
import time
from dataclasses import dataclass, field

HEADER_LIMIT = 1024
BODY_LIMIT = 307_200
READ_TIMEOUT = 10.0
HEADER_TIMEOUT = 60.0
BODY_TIMEOUT = 60.0
CHUNK = 65_536
VERBS = ("GET", "PUT", "POST", "CONNECT", "OPTIONS")
REASONS = {401: "Unauthorised", 500: "Internal Error", 501: "Method not implemented"}
RPC_HEADERS = {
    "cache-control": "no-cache, no-store",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "X-Requested-With",
}


class HttpProblemError(Exception):
    """Answered with an HTML page, after which the connection is closed."""

    def __init__(self, status: int, text: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, text)
        self.status = status
        self.text = text
        self.headers = headers or {}


class ConnectionEndedError(Exception):
    """The client is gone, or has nothing more to ask."""


@dataclass(frozen=True)
class HttpRequest:
    verb: str
    path: str
    version: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def keep_alive(self) -> bool:
        asked = self.headers.get("connection", "").lower()
        return "close" not in asked if self.version == "HTTP/1.1" else "keep-alive" in asked


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes
    content_type: str = "text/html"
    headers: dict[str, str] = field(default_factory=dict)
    close: bool = False

    def encode(self, *, keep_alive: bool) -> bytes:
        """Headers and body in one piece: one write, no delay by Nagle's algorithm."""
        reason = REASONS.get(self.status) or http.HTTPStatus(self.status).phrase
        lines = [
            f"HTTP/1.1 {self.status} {reason}",
            f"content-length: {len(self.body)}",
            f"connection: {'keep-alive' if keep_alive else 'close'}",
            f"content-type: {self.content_type}",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + self.body


def error_page(problem: HttpProblemError) -> Reply:
    reason = REASONS.get(problem.status) or http.HTTPStatus(problem.status).phrase
    page = f"<html><body><h1>HTTP {problem.status} {reason}</h1>{html.escape(problem.text)}</body></html>"
    return Reply(problem.status, page.encode("utf-8", "replace"), headers=problem.headers, close=True)


class RequestReader:
    """Reads one request after the other from a connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = b""

    def read(self, *, first: bool) -> HttpRequest:
        """Only the first request of a connection must come in time; later ones may be awaited for ever."""
        request = _parse_head(self._head(first=first))
        if request.verb not in ("POST", "PUT"):
            return request
        body = self._body(_content_length(request))
        return HttpRequest(request.verb, request.path, request.version, request.headers, body)

    def _head(self, *, first: bool) -> bytes:
        deadline = time.monotonic() + HEADER_TIMEOUT
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > HEADER_LIMIT:
                raise HttpProblemError(431, "The request header is too long")
            waiting = first or bool(self._buffer)
            self._buffer += self._more(min(READ_TIMEOUT, deadline - time.monotonic()) if waiting else None)
        if end + 4 > HEADER_LIMIT:
            raise HttpProblemError(431, "The request header is too long")
        head, self._buffer = self._buffer[:end], self._buffer[end + 4 :]
        return head

    def _body(self, length: int) -> bytes:
        deadline = time.monotonic() + BODY_TIMEOUT
        parts, missing = [self._buffer], length - len(self._buffer)
        while missing > 0:
            parts.append(self._more(deadline - time.monotonic()))
            missing -= len(parts[-1])
        data = b"".join(parts)
        self._buffer = data[length:]
        return data[:length]

    def _more(self, timeout: float | None) -> bytes:
        if timeout is not None and timeout <= 0:
            raise HttpProblemError(408, "The request took too long")
        self._connection.settimeout(timeout)
        try:
            data = self._connection.recv(CHUNK)
        except TimeoutError:
            raise HttpProblemError(408, "The request took too long") from None
        if not data:
            raise ConnectionEndedError
        return data


def _parse_head(head: bytes) -> HttpRequest:
    first, *rest = head.decode("latin-1").split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):  # noqa: PLR2004 - verb, path, version
        raise HttpProblemError(500, "The request line cannot be read")
    verb, path, version = parts
    if verb not in VERBS:
        raise HttpProblemError(501, verb)
    pairs = (line.partition(":") for line in rest)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return HttpRequest(verb, path, version, headers)


def _content_length(request: HttpRequest) -> int:
    text = request.headers.get("content-length", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004 - digits of a sane length
        raise HttpProblemError(500, "A content length is required")
    if int(text) > BODY_LIMIT:
        raise HttpProblemError(500, "The request body is too large")
    return int(text)
