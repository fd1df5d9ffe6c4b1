"""Every call that reached a host, in order: the oracle of tests, which no product code writes."""

import re
import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass

HIDDEN = "***"

# Which arguments (after the session) are secrets, by message.
SECRET_ARGUMENTS = {
    "session.login_with_password": (1,),
    "session.slave_local_login_with_password": (1,),
    "session.slave_login": (1,),
    "session.change_password": (0, 1),
    "pool.join": (2,),
    "pool.join_force": (2,),
    "secret.create": (0,),
}
ASYNC = re.compile(r"^(Internal)?Async\.")


def plain(method: str) -> str:
    """A message's name without Async. and in its dotted spelling."""
    name = ASYNC.sub("", method)
    return name if "." in name else name.replace("_", ".", 1)


def masked(method: str, arguments: Sequence[object]) -> tuple[object, ...]:
    secret = SECRET_ARGUMENTS.get(plain(method), ())
    return tuple(HIDDEN if place in secret else value for place, value in enumerate(arguments))


@dataclass(frozen=True, kw_only=True)
class CallRecord:
    """`outcome` is "ok", an error code, or what a fault did to the connection."""

    at: float
    host: str
    method: str
    arguments: tuple[object, ...]
    transport: str
    session: str
    outcome: str

    def as_json(self) -> dict[str, object]:
        return asdict(self)


class CallLog:
    """Keeps the last `limit` calls."""

    def __init__(self, limit: int = 200_000) -> None:
        self._lock = threading.Lock()
        self._records: deque[CallRecord] = deque(maxlen=limit)
        self._connections: Counter[str] = Counter()

    def connected(self, host: str) -> None:
        """Count a TLS connection that was opened to a host."""
        with self._lock:
            self._connections[host] += 1

    def connections(self) -> dict[str, int]:
        """How many connections were opened to each host."""
        with self._lock:
            return dict(self._connections)

    def record(self, host: str, method: str, arguments: Sequence[object], **rest: str) -> None:
        """Keep one call; secrets in `arguments` are masked here, whoever calls."""
        entry = CallRecord(
            at=time.time(),
            host=host,
            method=method,
            arguments=masked(method, arguments),
            transport=rest.get("transport", ""),
            session=rest.get("session", ""),
            outcome=rest.get("outcome", "ok"),
        )
        with self._lock:
            self._records.append(entry)

    def calls(self, method: str | None = None, host: str | None = None) -> list[CallRecord]:
        """The calls of one message, Async or not, and of one host; all without a filter."""
        with self._lock:
            records = list(self._records)
        return [
            record
            for record in records
            if (method is None or plain(record.method) == plain(method)) and (host is None or record.host == host)
        ]

    def clear(self) -> None:
        with self._lock:
            self._records.clear()
            self._connections.clear()
