"""The pool's HA, off around the joins: while it is on XAPI lets nobody join (ha_is_not_enable_on_the_distant_pool)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pools.operations.context import Context
from pools.operations.step import ReversibleStep
from pools.operations.underway import is_underway
from pools.operations.xe import xe
from pools.xapi.inventory import Snapshot
from pools.xapi.records import PoolRecord

SWITCHING = ("Async.pool.disable_ha", "Async.pool.enable_ha")


@dataclass(frozen=True, kw_only=True)
class HaStep(ReversibleStep):
    """Around the lanes.

    ``heartbeat_srs``, ``configuration`` and ``failures``: how HA was when the plan was made. ``occasion``: what for.
    """

    coordinator_uuid: str
    coordinator_name: str
    coordinator_address: str
    username: str
    heartbeat_srs: Sequence[str]
    configuration: Mapping[str, str]
    failures: int
    occasion: str = "the joins"

    @property
    def lane(self) -> str:
        return self.coordinator_uuid

    @property
    def repeats(self) -> bool:
        return True

    @property
    def expected_seconds(self) -> float:
        return 30.0

    @property
    def look_at(self) -> Sequence[str]:
        return (f"{self.coordinator_name}: “xe pool-list params=ha-enabled,ha-statefiles”.",)

    def pool_record(self, ctx: Context) -> PoolRecord:
        return Snapshot.from_wire({"pool": ctx.pool().records("pool")}).pool

    def disable(self, ctx: Context) -> None:
        if self.pool_record(ctx).ha_enabled:
            ctx.follow(ctx.pool(), ctx.pool().pool_disable_ha())

    def enable(self, ctx: Context) -> None:
        """With the storage and the settings of before; without known storage XAPI chooses it (xapi_ha.ml, enable)."""
        xapi = ctx.pool()
        if not self.pool_record(ctx).ha_enabled:
            refs = [xapi.ref_of("SR", uuid) for uuid in self.heartbeat_srs]
            ctx.follow(xapi, xapi.pool_enable_ha(refs, self.configuration))
        if ctx.doubt is None and self.pool_record(ctx).ha_host_failures_to_tolerate != self.failures:
            ctx.pool().pool_set_ha_host_failures_to_tolerate(self.failures)

    def may_repeat(self, ctx: Context) -> bool:
        """HA is not being switched, and is still as it was."""
        return not is_underway(ctx.pool(), *SWITCHING) and not self.verify(ctx)

    def is_on(self, ctx: Context) -> bool:
        pool = self.pool_record(ctx)
        return pool.ha_enabled and pool.ha_host_failures_to_tolerate == self.failures


@dataclass(frozen=True, kw_only=True)
class DisableHA(HaStep):
    """Async.pool.disable_ha: nothing restarts VMs of a dead server until it is on again."""

    @property
    def title(self) -> str:
        return f"Switch high availability off for {self.occasion}"

    @property
    def call(self) -> str:
        return f"Async.pool.disable_ha() on {self.coordinator_name} ({self.coordinator_address})"

    @property
    def xe(self) -> str:
        return xe(self.coordinator_address, self.username, "pool-ha-disable", {})

    @property
    def interruption(self) -> str:
        return "Until it is on again, no VM of a server that dies is restarted elsewhere."

    @property
    def undo_text(self) -> str:
        return "High availability is switched on again, as it was."

    def verify(self, ctx: Context) -> bool:
        return not self.pool_record(ctx).ha_enabled

    def run(self, ctx: Context) -> None:
        self.disable(ctx)

    def undo(self, ctx: Context) -> None:
        self.enable(ctx)


@dataclass(frozen=True, kw_only=True)
class EnableHA(HaStep):
    """Async.pool.enable_ha on the storage of before, which every new member reaches by now."""

    @property
    def title(self) -> str:
        return "Switch high availability on again"

    @property
    def call(self) -> str:
        srs = ", ".join(self.heartbeat_srs) or "storage of XAPI’s choice"
        where = f"{self.coordinator_name} ({self.coordinator_address})"
        return f"Async.pool.enable_ha({srs}) · pool.set_ha_host_failures_to_tolerate({self.failures}) on {where}"

    @property
    def xe(self) -> str:
        values = {"heartbeat-sr-uuids": ",".join(self.heartbeat_srs)} if self.heartbeat_srs else {}
        return xe(self.coordinator_address, self.username, "pool-ha-enable", values)

    @property
    def undo_text(self) -> str:
        return "Nothing to undo: high availability is on, as before this operation."

    def verify(self, ctx: Context) -> bool:
        return self.is_on(ctx)

    def run(self, ctx: Context) -> None:
        self.enable(ctx)

    def undo(self, ctx: Context) -> None:
        """Never off for an undoing that a join, which has no undo, would stop half-way."""
