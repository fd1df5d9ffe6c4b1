"""One host on the wire: TLS on its own address, a thread per connection, closed for real when down."""

import contextlib
import logging
import select
import socket
import ssl
import struct
import threading
from functools import cached_property, partial

from simulator.wire.acceptor import Acceptor
from simulator.wire.endpoint import handle
from simulator.wire.framing import (
    ConnectionEndedError,
    HttpProblemError,
    HttpRequest,
    Reply,
    RequestReader,
    error_page,
)
from simulator.world.faults import DropConnection, FaultInCall, Garbage, HttpError, ResetConnection
from simulator.xapi.registry import HostView

HANDSHAKE_TIMEOUT = 10.0
WRITE_TIMEOUT = 60.0
BACKLOG = 128
# xapi's two suites are ECDHE-RSA-AES{256,128}-GCM: these are their counterparts for the P-256 key of a lab.
CIPHERS = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256"
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
log = logging.getLogger(__name__)


class Server:
    """Listens for one host at its address and port."""

    def __init__(self, host: HostView, acceptor: Acceptor) -> None:
        self._host = host
        self._acceptor = acceptor
        self._listener: socket.socket | None = None
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()

    def start(self) -> None:
        self._listener = socket.create_server((self._host.address, self._host.port), backlog=BACKLOG)
        self._acceptor.add(self._listener, self._welcome)

    def stop(self) -> None:
        """Close the listening socket and cut every connection; what runs is not awaited, and closes its own."""
        with self._lock:
            listener, self._listener = self._listener, None
            connections = list(self._open)
        if listener is not None:
            self._acceptor.remove(listener)
            _close(listener)
        for each in connections:
            _cut(each)

    def _welcome(self, connection: socket.socket) -> None:
        name = f"xapi-{self._host.name}-call"
        threading.Thread(target=self._guard, args=(connection,), name=name, daemon=True).start()

    @cached_property
    def _context(self) -> ssl.SSLContext:
        """With the certificate that the host has at the first handshake: another one means another server."""
        return _context(self._host)

    def _guard(self, raw: socket.socket) -> None:
        """A connection may end in any way; it never takes the server along."""
        current = raw
        try:
            if not self._enter(raw):
                return
            self._host.await_light(partial(_has_left, raw))
            raw.settimeout(HANDSHAKE_TIMEOUT)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            current = self._context.wrap_socket(raw, server_side=True)
            self._leave(raw)
            self._host.world.calllog.connected(self._host.name)
            if self._enter(current):
                _converse(self._host, current)
        except (OSError, ValueError, ConnectionEndedError, DropConnection) as error:
            log.debug("%s: connection ended: %r", self._host.name, error)
        finally:
            self._leave(raw)
            self._leave(current)
            _close(current)

    def _enter(self, connection: socket.socket) -> bool:
        """False when the server was stopped meanwhile."""
        with self._lock:
            self._open.add(connection)
            return self._listener is not None

    def _leave(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)


class ServedSocket(ssl.SSLSocket):
    """Closes itself: a peer that resets before the handshake makes `wrap_socket` raise, and forget what it made."""

    def __del__(self) -> None:
        self.close()


def _context(host: HostView) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sslsocket_class = ServedSocket
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.load_cert_chain(host.certificate.certificate, host.certificate.key)
    return context


def _cut(connection: socket.socket) -> None:
    """End it for both sides; its number stays taken, since the thread that uses it would write to the next owner's."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


def _close(connection: socket.socket) -> None:
    _cut(connection)
    with contextlib.suppress(OSError):
        connection.close()


def _has_left(connection: socket.socket) -> bool:
    """Whether the other side has closed."""
    poll = select.poll()
    poll.register(connection, select.POLLRDHUP)
    return bool(poll.poll(0))


def _converse(host: HostView, connection: socket.socket) -> None:
    """Answer request after request, until one side has had enough."""
    reader, first, has_left = RequestReader(connection), True, partial(_has_left, connection)
    while True:
        try:
            request = reader.read(first=first)
            host.await_light(has_left)
            reply, keep = _reply(host, request), request.keep_alive
            host.await_light(has_left)
        except HttpProblemError as problem:
            reply, keep = error_page(problem), False
        except ResetConnection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            connection.close()
            return
        except DropConnection:
            return
        keep = keep and not reply.close
        connection.settimeout(WRITE_TIMEOUT)
        connection.sendall(reply.encode(keep_alive=keep))
        if not keep:
            return
        first = False


def _reply(host: HostView, request: HttpRequest) -> Reply:
    try:
        return handle(host, request)
    except HttpError as fault:
        raise HttpProblemError(fault.status, "fault") from fault
    except Garbage as fault:
        return Reply(200, fault.body, "text/xml", close=True)
    except DropConnection:
        raise
    except FaultInCall as fault:
        raise DropConnection from fault
