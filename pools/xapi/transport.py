"""One HTTPS connection to one server: POST a body, read a reply. Nothing is ever sent twice."""

import http.client
import select
import socket
import ssl
import xmlrpc.client
from dataclasses import dataclass, field
from typing import Any

from pools.xapi import tls
from pools.xapi.endpoint import Endpoint
from pools.xapi.errors import XapiUnreachable
from pools.xapi.limits import LIMITS, Deadline, Limits
from pools.xapi.replies import XML, cleaned, parse_xml

CHUNK = 256 * 1024
OK = 200
SERVER_ERROR = 500


@dataclass(frozen=True)
class Reply:
    """What came back: read whole, within the caps."""

    status: int
    content_type: str
    body: bytes = field(repr=False)


class PinnedConnection(http.client.HTTPConnection):
    """Speaks only to the holder of the pinned certificate, and only within the deadline."""

    auto_open = 0  # http.client must not open a second connection by itself

    sock: Any  # the base says socket, ours is always a DeadlineSocket

    def __init__(self, endpoint: Endpoint, limits: Limits = LIMITS) -> None:
        super().__init__(endpoint.address, endpoint.port)
        self.endpoint = endpoint
        self.limits = limits
        self.sent = False
        self._used = False

    def ready(self, deadline: Deadline) -> None:
        """Connect; a kept connection that the server has closed meanwhile is replaced before anything is sent."""
        sock: tls.DeadlineSocket | None = self.sock
        if self._used and sock is not None and readable(sock):
            self.close()
            sock = None
        if sock is None:
            self.sock = sock = tls.connect(self.endpoint, deadline, self.limits.connect)
            self._used = False
        sock.deadline = deadline

    def post(self, path: str, content_type: str, body: bytes, deadline: Deadline) -> Reply:
        """Send once. After the first byte any trouble is reported with ``sent``: the outcome is unknown."""
        self.ready(deadline)
        self.sent = True
        try:
            self.request("POST", path, body, headers(content_type))
            reply = self._read(self.getresponse())
        except TimeoutError:
            code = "XENWEB_TIMEOUT"
        except (ConnectionError, ssl.SSLError, http.client.IncompleteRead):
            code = "XENWEB_CONNECTION_LOST"
        except OversizeError:
            code = "XENWEB_REPLY_TOO_LARGE"
        except (http.client.HTTPException, ValueError):
            code = "XENWEB_NOT_XAPI"
        except OSError:
            code = "XENWEB_CONNECTION_LOST"
        else:
            self._used = True
            return reply
        self.close()
        raise self.trouble(code)

    def trouble(self, code: str, *params: str) -> XapiUnreachable:
        """Make the error for what went wrong with this server."""
        return XapiUnreachable(code, (self.endpoint.netloc, *params), sent=self.sent)

    def _read(self, response: http.client.HTTPResponse) -> Reply:
        if (response.length or 0) > self.limits.reply_bytes:
            raise OversizeError
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise ValueError("compressed although identity was asked")
        parts: list[bytes] = []
        size = 0
        while part := response.read1(CHUNK):
            size += len(part)
            if size > self.limits.reply_bytes:
                raise OversizeError
            parts.append(part)
        if response.length:
            raise http.client.IncompleteRead(b"")
        response.close()  # only now may the kept connection carry the next call
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return Reply(response.status, kind, b"".join(parts))

    def refused(self, reply: Reply) -> XapiUnreachable | None:
        """Every answer of XAPI's, failures included, is a 200; redirects are not followed."""
        if reply.status == OK:
            return None
        if reply.status >= SERVER_ERROR:
            return self.trouble("XENWEB_HTTP_ERROR", str(reply.status))
        return self.trouble("XENWEB_NOT_XAPI")


def readable(sock: socket.socket) -> bool:
    """Between calls nothing may come: what does is the end of the connection."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


class OversizeError(Exception):
    """A reply larger than the cap."""


def headers(content_type: str) -> dict[str, str]:
    """The whole header must stay under XAPI's 1024 bytes; inflating a small reply to a huge one is not offered."""
    return {"Content-Type": content_type, "Accept-Encoding": "identity", "User-Agent": "xenweb"}


class OneShot(xmlrpc.client.Transport):
    """For the XenAPI package: a fresh connection for each call, no second try, and the checks of all replies.

    The standard transport sends a request again when a kept connection breaks: pool.join would run twice.
    """

    def __init__(self, endpoint: Endpoint, seconds: float, limits: Limits = LIMITS) -> None:
        super().__init__()
        self._connection_to = PinnedConnection(endpoint, limits)
        self._seconds = seconds

    @property
    def sent(self) -> bool:
        return self._connection_to.sent

    def open(self) -> None:
        """Connect and compare the certificate, before the intent to call is recorded."""
        self._connection_to.ready(Deadline(self._seconds))

    def close(self) -> None:
        self._connection_to.close()

    def request(self, host: Any, handler: str, request_body: Any, verbose: bool = False) -> Any:  # noqa: FBT001, FBT002
        connection = self._connection_to
        reply = connection.post(XML.path, XML.content_type, bytes(request_body), Deadline(self._seconds))
        if problem := connection.refused(reply):
            raise problem
        return (self._parsed(reply),)

    def _parsed(self, reply: Reply) -> object:
        try:
            return cleaned(parse_xml(reply.body, self._connection_to.limits.depth))
        except ValueError:
            pass
        raise self._connection_to.trouble("XENWEB_NOT_XAPI")
