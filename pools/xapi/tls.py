"""TLS to a server: total times on the socket, and the certificate compared before the first byte."""

import hashlib
import socket
import ssl
from datetime import datetime
from functools import cache

from cryptography import x509

from pools.xapi.endpoint import Endpoint, PeerCertificate
from pools.xapi.errors import CertificateChanged, XapiUnreachable
from pools.xapi.limits import LIMITS, Deadline

LONGEST_SUBJECT = 200
ODD = (ValueError, TypeError, x509.InvalidVersion)  # what cryptography says of certificates that nobody should make


class DeadlineSocket(ssl.SSLSocket):
    """Every read and write gets only what is left of the deadline: a server that dribbles gains nothing."""

    deadline: Deadline | None = None

    def read(self, len: int = 1024, buffer: bytearray | None = None) -> bytes:  # type: ignore[override]  # noqa: A002
        self._wait_only()
        return super().read(len, buffer)

    def send(self, data: bytes, flags: int = 0) -> int:  # type: ignore[override]
        self._wait_only()
        return super().send(data, flags)

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Close on an error before the handshake: there `wrap_socket` raises it and forgets what it made."""
        try:
            return super().recv(buflen, flags)
        except OSError:
            if self.version() is None:
                self.close()
            raise

    def _wait_only(self) -> None:
        if self.deadline is not None:
            self.settimeout(self.deadline.left())


@cache
def context() -> ssl.SSLContext:
    """Trust comes from the pin alone: XAPI's certificates are self-signed."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.sslsocket_class = DeadlineSocket
    return made


def connect(endpoint: Endpoint, deadline: Deadline, seconds: float = LIMITS.connect) -> DeadlineSocket:
    """Open a connection to the server that holds the pinned certificate, or raise without sending a byte."""
    if not endpoint.pin:
        raise CertificateChanged("XENWEB_CERTIFICATE_NOT_CONFIRMED", (endpoint.netloc,))
    sock = handshake(endpoint, deadline, seconds)
    seen = hashlib.sha256(certificate_of(sock)).hexdigest()
    if seen != endpoint.pin.lower():
        sock.close()
        raise CertificateChanged("XENWEB_CERTIFICATE_CHANGED", (endpoint.pin, seen))
    return sock


def certificate_of(sock: ssl.SSLSocket) -> bytes:
    """Return the other side's certificate in DER; empty when it showed none."""
    return sock.getpeercert(binary_form=True) or b""


def handshake(endpoint: Endpoint, deadline: Deadline, seconds: float) -> DeadlineSocket:
    """Connect and agree on TLS; the address is an IP address, so no name is looked up here."""
    where = (endpoint.netloc,)
    plain: socket.socket | None = None
    try:
        plain = socket.create_connection((endpoint.address, endpoint.port), min(seconds, deadline.left()))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.settimeout(deadline.left())
        sock = context().wrap_socket(plain)
    except TimeoutError:
        error = XapiUnreachable("XENWEB_TIMEOUT", where)
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
        error = XapiUnreachable("XENWEB_UNREACHABLE", where)
    except ssl.SSLError:
        error = XapiUnreachable("XENWEB_NOT_XAPI", where)
    except OSError:
        error = XapiUnreachable("XENWEB_UNREACHABLE", where)
    else:
        assert isinstance(sock, DeadlineSocket)  # noqa: S101 - context() makes no other
        sock.deadline = deadline
        return sock
    if plain is not None:
        plain.close()
    raise error


def fetch_certificate(address: str, port: int, timeout: float = 5) -> PeerCertificate:
    """Look at a server's certificate so that a person can confirm it; nothing is sent after the handshake."""
    endpoint = Endpoint(address=address, port=port)
    sock = handshake(endpoint, Deadline(timeout), timeout)
    der = certificate_of(sock)
    sock.close()
    if not der:
        raise XapiUnreachable("XENWEB_NOT_XAPI", (endpoint.netloc,))
    return describe(der)


def describe(der: bytes) -> PeerCertificate:
    """Read what people want to see of a certificate; an odd one is shown by its fingerprint alone."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        subject = certificate.subject.rfc4514_string()[:LONGEST_SUBJECT]
        not_after: datetime | None = certificate.not_valid_after_utc
    except ODD:
        subject, not_after = "", None
    return PeerCertificate(hashlib.sha256(der).hexdigest(), subject, not_after, ssl.DER_cert_to_PEM_cert(der))


def describe_pem(pem: str) -> PeerCertificate:
    """Read a certificate that XAPI gave as text; raises ValueError when it is none."""
    return describe(ssl.PEM_cert_to_DER_cert(pem.strip()))
