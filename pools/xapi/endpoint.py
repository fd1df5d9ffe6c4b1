"""Where a server answers, which certificate it must show, and who signs in."""

from dataclasses import dataclass, field
from datetime import datetime

from pools.xapi.errors import MASK


class Secret(str):
    """A text that goes over the wire but is never shown: not in frames, hooks or logs."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(MASK)


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A canonical IP address; ``pin`` is the SHA-256 of the trusted certificate, lower-case hex."""

    address: str
    port: int = 443
    pin: str = ""

    @property
    def netloc(self) -> str:
        """Address and port as a URL has them: IPv6 in brackets."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class Login:
    """User name and password of a server or pool."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class PeerCertificate:
    """The certificate that a server shows."""

    sha256: str
    subject: str
    not_after: datetime | None
    pem: str = field(repr=False)
