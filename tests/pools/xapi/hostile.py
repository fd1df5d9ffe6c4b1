"""A TLS server that keeps what it is sent and answers as a test tells it: for what no XAPI would do."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from pools.xapi.endpoint import Endpoint
from simulator.wire.certificates import HostCertificate, make_certificate

Answer = Callable[[socket.socket], None]
ADDRESS = "127.0.0.1"
MOST_SECONDS = 10


@dataclass
class Hostile:
    """``requests`` holds one entry for each request that came, ``received`` all bytes."""

    endpoint: Endpoint
    received: bytearray = field(default_factory=bytearray, repr=False)
    requests: list[bytes] = field(default_factory=list, repr=False)
    connections: int = 0


def reply(body: bytes, *, status: str = "200 OK", kind: str = "application/json", extra: str = "") -> bytes:
    """A whole HTTP answer."""
    head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n{extra}\r\n"
    return head.encode() + body


def saying(*answers: bytes) -> Answer:
    """Send these bytes, then wait for the other side to end."""

    def answer(conn: socket.socket) -> None:
        for part in answers:
            conn.sendall(part)

    return answer


def closing(conn: socket.socket) -> None:
    """Close without an answer."""
    conn.close()


def silent(conn: socket.socket) -> None:
    """Never answer."""
    conn.settimeout(MOST_SECONDS)
    conn.recv(1)


def dribbling(head: bytes) -> Answer:
    """Send a head, then one byte at a time, for ever: each read succeeds, the call must not."""

    def answer(conn: socket.socket) -> None:
        conn.sendall(head)
        until = time.monotonic() + MOST_SECONDS
        while time.monotonic() < until:
            conn.sendall(b"a")
            time.sleep(0.02)

    return answer


@contextmanager
def hostile(folder: Path, *answers: Answer) -> Iterator[Hostile]:
    """Serve one answer after the other, the last one for ever."""
    certificate = make_certificate(folder, "hostile", ADDRESS)
    pin = sha256(ssl.PEM_cert_to_DER_cert(certificate.pem)).hexdigest()
    with socket.create_server((ADDRESS, 0)) as listening:
        server = Hostile(Endpoint(address=ADDRESS, port=listening.getsockname()[1], pin=pin))
        thread = threading.Thread(target=serve, args=(listening, certificate, server, list(answers)), daemon=True)
        thread.start()
        yield server
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
    thread.join(MOST_SECONDS)


def serve(listening: socket.socket, certificate: HostCertificate, server: Hostile, answers: list[Answer]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.key)
    while True:
        try:
            plain, _ = listening.accept()
        except OSError:
            return
        server.connections += 1
        threading.Thread(target=attend, args=(context, plain, server, answers), daemon=True).start()


def attend(context: ssl.SSLContext, plain: socket.socket, server: Hostile, answers: list[Answer]) -> None:
    with plain, suppress(OSError), context.wrap_socket(plain, server_side=True) as conn:
        conn.settimeout(MOST_SECONDS)
        talk(conn, server, answers)


def talk(conn: ssl.SSLSocket, server: Hostile, answers: list[Answer]) -> None:
    """Read requests until the other side ends."""
    while request := read_request(conn, server):
        server.requests.append(request)
        (answers.pop(0) if len(answers) > 1 else answers[0])(conn)


def read_request(conn: ssl.SSLSocket, server: Hostile) -> bytes:
    """One request, by its content length; empty when there is none."""
    got = bytearray()
    while b"\r\n\r\n" not in got or len(got) < whole(got):
        part = conn.recv(65536)
        if not part:
            return b""
        got += part
        server.received += part
    return bytes(got)


def whole(got: bytearray) -> int:
    head, _, _ = bytes(got).partition(b"\r\n\r\n")
    length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    return len(head) + 4 + int(length.split(b":")[1])
