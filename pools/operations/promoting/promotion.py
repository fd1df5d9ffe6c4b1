"""A member becomes the coordinator by itself, and gathers the other members (xapi_pool.ml, emergency calls)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypedDict

from pools import inventories
from pools.operations import asking_around
from pools.operations.context import Context
from pools.operations.step import Stale, Step
from pools.operations.xe import xe
from pools.xapi.errors import XapiError, XapiFailure
from pools.xapi.inventory import Snapshot

PATIENCES_TO_RETURN: Final = 3


class PromotionParams(TypedDict):
    """What both steps are told."""

    host_uuid: str
    host_name: str
    host_address: str
    dead_uuid: str
    dead_name: str
    username: str


@dataclass(frozen=True, kw_only=True)
class PromotionStep(Step):
    """``dead``: the coordinator that is stated dead; ``host``: the member that takes over."""

    host_uuid: str
    host_name: str
    host_address: str
    dead_uuid: str
    dead_name: str
    username: str

    @property
    def lane(self) -> str:
        return self.host_uuid

    @property
    def patience(self) -> float:
        """A toolstack restarts in one to three minutes."""
        return super().patience * PATIENCES_TO_RETURN

    @property
    def expected_seconds(self) -> float:
        return 90.0

    @property
    def look_at(self) -> Sequence[str]:
        return (
            f"{self.dead_name}: is it certainly off? Two coordinators write to the same VMs and storage.",
            f"{self.host_name}: “/etc/xensource/pool.conf” says “master”? “xe host-is-in-emergency-mode”?",
        )

    def leads(self, ctx: Context) -> bool:
        """The member itself says that it coordinates its pool."""
        try:
            xapi = ctx.xapi(self.host_uuid)
            return xapi.this_host() == Snapshot.from_wire({"pool": xapi.records("pool")}).pool.master
        except XapiError as error:
            ctx.disconnect()
            ctx.notes.missing = f"{self.host_name} does not coordinate the pool ({error.code})."
            return False


@dataclass(frozen=True, kw_only=True)
class PromoteMember(PromotionStep):
    """pool.emergency_transition_to_master, sent once: XAPI itself asks nothing, not even whether the old one lives."""

    @property
    def title(self) -> str:
        return f"Make {self.host_name} the coordinator in place of {self.dead_name}"

    @property
    def once(self) -> bool:
        return True

    @property
    def call(self) -> str:
        return f"pool.emergency_transition_to_master() on {self.host_name} ({self.host_address})"

    @property
    def xe(self) -> str:
        return xe(self.host_address, self.username, "pool-emergency-transition-to-master", {"force": "true"})

    @property
    def interruption(self) -> str:
        return (
            f"The toolstack of {self.host_name} restarts. What the pool stored since it last sent {self.host_name} a "
            "copy of its database is lost; VMs run on."
        )

    def precheck(self, ctx: Context) -> None:
        """The old coordinator is asked once more: two of them would destroy what they share."""
        evidence = asking_around.ask(ctx.server(self.dead_uuid), ())
        if evidence.answers:
            raise Stale([f"{self.dead_name} answers: {evidence.answer}. Nothing was sent."])

    def verify(self, ctx: Context) -> bool:
        if not self.leads(ctx):
            return False
        ctx.notes.proved = f"{self.host_name} coordinates the pool."
        return True

    def run(self, ctx: Context) -> None:
        """By a session of the member alone: every other login is sent on to the dead coordinator."""
        ctx.local(self.host_uuid).pool_emergency_transition_to_master()


@dataclass(frozen=True, kw_only=True)
class GatherMembers(PromotionStep):
    """pool.recover_slaves: the others follow the new coordinator, and report to it.

    ``members``: names by uuid. ``resting``: uuids of those that were in maintenance before, and stay so.
    """

    members: Mapping[str, str]
    resting: Sequence[str] = ()

    @property
    def title(self) -> str:
        return f"Let the other servers follow {self.host_name}"

    @property
    def call(self) -> str:
        return f"pool.recover_slaves() on {self.host_name} ({self.host_address})"

    @property
    def xe(self) -> str:
        return xe(self.host_address, self.username, "pool-recover-slaves", {})

    @property
    def interruption(self) -> str:
        return "The toolstacks of the other servers restart; VMs run on."

    def verify(self, ctx: Context) -> bool:
        """Each of them names the new coordinator, and reports to it; xenweb asks that one from then on."""
        xapi = ctx.xapi(self.host_uuid)
        snapshot = Snapshot.from_wire({name: xapi.records(name) for name in ("host", "host_metrics")})
        following = self.following(ctx, snapshot)
        missing = {uuid for uuid in self.members if uuid not in following or not self.is_at_work(snapshot, uuid)}
        if missing:
            names = ", ".join(sorted(self.members[uuid] for uuid in missing))
            ctx.notes.missing = f"{names} not reporting to {self.host_name} yet."
            return False
        return self.refreshed(ctx)

    def following(self, ctx: Context, snapshot: Snapshot) -> set[str]:
        """Who says so itself: the new coordinator's database still calls everyone alive whom the old one heard."""
        heir = snapshot.host(self.host_uuid)
        others = [ctx.server(uuid) for uuid in self.members]
        views = asking_around.ask(ctx.server(self.host_uuid), others).views
        return {view.uuid for view in views if heir and asking_around.names(view, heir.address)}

    def is_at_work(self, snapshot: Snapshot, uuid: str) -> bool:
        host = snapshot.host(uuid)
        return host is not None and snapshot.is_live(host) and (host.enabled or uuid in self.resting)

    def refreshed(self, ctx: Context) -> bool:
        if ctx.operation.pool is None:
            return False
        inventory = inventories.refresh(ctx.operation.pool)
        if inventory.error_code:
            raise XapiFailure(inventory.error_code, inventory.error_params)
        return True

    def run(self, ctx: Context) -> None:
        ctx.xapi(self.host_uuid).pool_recover_slaves()

    def may_repeat(self, ctx: Context) -> bool:
        """To point a member at its coordinator twice is to point it there once."""
        return True
