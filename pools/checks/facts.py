"""What the checks look at: the frozen records of all servers concerned, at one moment."""

from dataclasses import dataclass

from pools.xapi.inventory import Snapshot
from pools.xapi.records import HostRecord


@dataclass(frozen=True, kw_only=True)
class ServerFacts:
    """One server, read through its own session as coordinator of its pool (of one, usually).

    ``error_code`` set: it could not be read; every rule that needs it answers "unknown".
    ``clock_skew`` in seconds: positive when its clock is ahead of ours; None when unread.
    """

    uuid: str
    name_label: str
    address: str
    snapshot: Snapshot
    clock_skew: float | None = None
    error_code: str = ""
    error_params: tuple[str, ...] = ()

    @property
    def readable(self) -> bool:
        return not self.error_code

    @property
    def host(self) -> HostRecord:
        """The server's own host record."""
        return self.snapshot.host(self.uuid) or HostRecord(ref="", uuid=self.uuid, name_label=self.name_label)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A pool to be (its coordinator) and the servers that are to join it."""

    coordinator: ServerFacts
    joining: tuple[ServerFacts, ...]

    @property
    def servers(self) -> tuple[ServerFacts, ...]:
        return (self.coordinator, *self.joining)
