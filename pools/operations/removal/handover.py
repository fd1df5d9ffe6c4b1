"""The coordinator leaves last, and hands its role over first: XAPI does not let a coordinator go."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pools import inventories
from pools.models import Server
from pools.operations import asking_around
from pools.operations.context import Context
from pools.operations.removal.leaving import LeavingStep
from pools.operations.step import Stale
from pools.xapi.inventory import Snapshot

HAND_OVER: Final = "Async.pool.designate_new_master"
PATIENCES_TO_RETURN: Final = 3


@dataclass(frozen=True, kw_only=True)
class HandOver(LeavingStep):
    """pool.designate_new_master, never repeated: a quick second call has broken pools.

    No undo by the machine: to hand it back is the same call once more. ``resting``: uuids of members in maintenance,
    who stay so.
    """

    next_uuid: str
    next_name: str
    resting: Sequence[str] = ()

    @property
    def title(self) -> str:
        return f"Make {self.next_name} the coordinator"

    @property
    def once(self) -> bool:
        return True

    @property
    def call(self) -> str:
        return f"{HAND_OVER}({self.next_name}, {self.next_uuid}) on {self.coordinator_name}"

    @property
    def xe(self) -> str:
        return self.command("pool-designate-new-master", {"host-uuid": self.next_uuid})

    @property
    def interruption(self) -> str:
        return (
            "Every server’s toolstack restarts, and all sessions end: for some minutes nothing of the pool can be "
            "managed. VMs run on."
        )

    @property
    def expected_seconds(self) -> float:
        return 120.0

    @property
    def patience(self) -> float:
        return super().patience * PATIENCES_TO_RETURN

    @property
    def look_at(self) -> Sequence[str]:
        return (
            f"{self.next_name}: “xe pool-list params=master” on its console: is it the coordinator?",
            "Every other member: “xe host-is-in-emergency-mode”, and whom “/etc/xensource/pool.conf” names.",
        )

    def precheck(self, ctx: Context) -> None:
        """Every member has to agree: one that is away makes the call fail half-way (xapi_pool.ml, sync_database)."""
        snapshot = self.snapshot(ctx, "pool", "host", "host_metrics")
        if snapshot.master.uuid != self.host_uuid:
            raise Stale([f"{snapshot.master.name_label} coordinates the pool now, not {self.host_name}."])
        away = [host.name_label for host in snapshot.hosts.values() if not snapshot.is_live(host)]
        if away:
            raise Stale([f"{name} does not report to the coordinator." for name in sorted(away)])

    def verify(self, ctx: Context) -> bool:
        """The new coordinator says so itself, and every member reports to it and is enabled again."""
        if not self.leads(ctx):
            return False
        snapshot = self.snapshot(ctx, "host", "host_metrics")
        missing = sorted({*self.missing(snapshot), *self.astray(snapshot)})
        ctx.notes.missing = f"{', '.join(missing)} not back at work yet." if missing else ""
        if not missing and ctx.operation.pool:
            inventories.take_coordinator(ctx.operation.pool, self.next_uuid)
        return not missing

    def leads(self, ctx: Context) -> bool:
        xapi = ctx.pool()
        if xapi.ref_of("host", self.next_uuid) != xapi.this_host():
            ctx.notes.missing = f"{self.next_name} does not coordinate the pool."
            return False
        ctx.notes.proved = f"{self.next_name} coordinates the pool."
        return True

    def astray(self, snapshot: Snapshot) -> list[str]:
        """Who names another coordinator, or starts: the new one's records still call everyone alive and enabled."""
        heir = snapshot.host(self.next_uuid)
        others = Server.objects.filter(uuid__in=[host.uuid for host in snapshot.hosts.values()])
        asked = others.exclude(uuid=self.next_uuid).select_related("pool")
        return [
            view.name
            for view in asking_around.views_of(asked)
            if heir
            and not asking_around.names(view, heir.address)
            and (view.coordinator or view.uuid == self.host_uuid)
        ]

    def missing(self, snapshot: Snapshot) -> list[str]:
        """Members that are not at work; the one that leaves may stay disabled, and who was so before."""
        others = [host for host in snapshot.hosts.values() if host.uuid != self.host_uuid]
        back = [host for host in others if snapshot.is_live(host) and (host.enabled or host.uuid in self.resting)]
        return sorted(host.name_label for host in others if host not in back)

    def run(self, ctx: Context) -> None:
        xapi = ctx.pool()
        ctx.follow(xapi, xapi.pool_designate_new_master(xapi.ref_of("host", self.next_uuid)))
