"""What the checks look at: the frozen records of all servers concerned, at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pools.checks.evacuation import Evacuation
from pools.checks.evidence import Evidence
from pools.forecast.join import JoinForecast, forecast_join
from pools.xapi.inventory import Snapshot
from pools.xapi.records import HostRecord, PIFRecord


@dataclass(frozen=True, kw_only=True)
class ServerFacts:
    """One server, read through its own session as coordinator of its pool (of one, usually).

    ``error_code`` set: it could not be read; every rule that needs it answers "unknown".
    ``clock_skew`` in seconds: positive when its clock is ahead of ours; None when unread.
    ``rests_on``: what else a plan rests on, in words: another plan looks at other things.
    ``evidence``: of a server that is said to be dead: what itself and the others say.
    ``evacuation``: whether the servers that are to be emptied can be.
    ``heartbeat_srs``: uuids of the SRs that hold the heartbeat disks of its pool's HA.
    """

    uuid: str
    name_label: str
    address: str
    snapshot: Snapshot
    clock_skew: float | None = None
    heartbeat_srs: tuple[str, ...] = ()
    error_code: str = ""
    error_params: tuple[str, ...] = ()
    rests_on: Mapping[str, str] = field(default_factory=dict)
    evidence: Evidence | None = None
    evacuation: Evacuation = field(default_factory=Evacuation)

    @property
    def readable(self) -> bool:
        return not self.error_code

    @cached_property
    def host(self) -> HostRecord:
        """The server's own host record."""
        return self.snapshot.host(self.uuid) or HostRecord(ref="", uuid=self.uuid, name_label=self.name_label)

    @cached_property
    def management(self) -> PIFRecord | None:
        """The server's management interface."""
        return self.snapshot.management_pif(self.host)

    @cached_property
    def is_member(self) -> bool:
        """Whether it belongs to a pool that another server coordinates."""
        coordinator = self.snapshot.master.uuid
        return self.error_code == "HOST_IS_SLAVE" or coordinator not in ("", self.uuid)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A pool to be (its coordinator) and the servers that are to join it, in the order of their joins."""

    coordinator: ServerFacts
    joining: tuple[ServerFacts, ...]

    @cached_property
    def servers(self) -> tuple[ServerFacts, ...]:
        return (self.coordinator, *self.joining)

    @cached_property
    def pool(self) -> Snapshot:
        """The records of the pool that is joined."""
        return self.coordinator.snapshot

    def joined_before(self, server: ServerFacts) -> tuple[ServerFacts, ...]:
        """The servers that are in the pool by the time this one joins."""
        uuids = [each.uuid for each in self.joining]
        return self.joining[: uuids.index(server.uuid)] if server.uuid in uuids else self.joining

    def forecast(self, server: ServerFacts) -> JoinForecast:
        """What the pool and this server will make of its join; foretold once."""
        if server.uuid not in self._forecasts:
            before = [each.snapshot for each in self.joined_before(server) if each.readable]
            self._forecasts[server.uuid] = forecast_join(self.pool, server.snapshot, server.uuid, before)
        return self._forecasts[server.uuid]

    @cached_property
    def _forecasts(self) -> dict[str, JoinForecast]:
        return {}
