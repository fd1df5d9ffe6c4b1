"""Management of a new member, moved to where the pool has it; the address that it leaves behind is cleared."""

from collections.abc import Sequence
from dataclasses import dataclass

from pools import connections, inventories
from pools.operations.after_join.addresses import CLASSES, OFF, GiveAddress, InterfaceStep
from pools.operations.after_join.member import MemberStep, member_of
from pools.operations.context import Context
from pools.operations.step import Differs, Step
from pools.operations.underway import is_underway
from pools.operations.xe import xe
from pools.xapi.endpoint import Endpoint
from pools.xapi.errors import XapiError
from pools.xapi.inventory import Snapshot
from pools.xapi.probe import coordinator_of
from pools.xapi.records import NULL, PIFMetricsRecord, PIFRecord

MOVE = "Async.host.management_reconfigure"
CLEAR = "Async.PIF.reconfigure_ip"


@dataclass(frozen=True, kw_only=True)
class MoveManagement(InterfaceStep):
    """host.management_reconfigure to the interface on the pool's management network (xapi_host.ml).

    The way back is the same call with the old interface; by hand, since the old address may be gone.
    """

    ip: str

    @property
    def title(self) -> str:
        return f"Move the management of {self.host_name} to {self.network_name}"

    @property
    def call(self) -> str:
        where = f"the interface of {self.host_name} on {self.network_name}"
        return f"{MOVE}({where}) on {self.coordinator_name}"

    @property
    def xe(self) -> str:
        return xe(self.coordinator_address, self.username, "host-management-reconfigure", {"pif-uuid": "<PIF>"})

    @property
    def interruption(self) -> str:
        return f"{self.host_name} cannot be managed for some seconds, and answers at {self.ip} from then on."

    @property
    def look_at(self) -> Sequence[str]:
        return (
            f"{self.host_name}: does it answer at {self.ip}, or still at its old address?",
            f"{self.host_name}, on its console: “xe host-management-reconfigure pif-uuid=…” or “xe-reset-networking”.",
        )

    def rests_on(self, earlier: Step) -> bool:
        """Management goes nowhere without the address that was given there."""
        given = isinstance(earlier, GiveAddress) and earlier.network_uuid == self.network_uuid
        return given or super().rests_on(earlier)

    def verify(self, ctx: Context) -> bool:
        """It carries management and the member answers there; xenweb finds it there from then on."""
        pif = self.pif(ctx)
        if pif is None or not pif.management or not self._answers(ctx):
            return False
        inventories.take_address(ctx.server(self.host_uuid), self.ip)
        return True

    def _answers(self, ctx: Context) -> bool:
        """The member itself, with the certificate that is trusted, names its coordinator at its new address."""
        try:
            said = coordinator_of(self._endpoint(ctx))
        except XapiError as error:
            ctx.notes.missing = f"{self.host_name} does not answer at {self.ip} ({error.code})."
            return False
        ctx.notes.missing = f"{self.host_name} names {said or 'no other server'} as its coordinator."
        return said in {ctx.server(self.coordinator_uuid).address, self.coordinator_address}

    def _endpoint(self, ctx: Context) -> Endpoint:
        known = ctx.server(self.host_uuid)
        return Endpoint(address=connections.allowed_address(self.ip, known.port), port=known.port, pin=known.pin)

    def run(self, ctx: Context) -> None:
        """Not to where the member would be lost: an address that may not be reached, or an interface without link."""
        pif = self.pif_or_stop(ctx)
        if pif.management:
            return
        self._endpoint(ctx)
        if self.ip != pif.IP or not pif.currently_attached:
            raise Differs("XENWEB_INTERFACE_WITHOUT_ADDRESS", (self.host_name, self.network_name, self.ip))
        self._await_link(ctx, pif)
        ctx.follow(ctx.pool(), ctx.pool().host_management_reconfigure(pif.ref))

    def _await_link(self, ctx: Context, pif: PIFRecord) -> None:
        """A new bond shows its link only some seconds after it was made."""
        waited = 0.0
        while not self._has_link(ctx, pif):
            if waited >= self.settles_in:
                raise Differs("XENWEB_INTERFACE_WITHOUT_LINK", (self.host_name, self.network_name))
            waited = self.pause(ctx, waited, f"Waiting for the link of {self.host_name} on {self.network_name}")

    def _has_link(self, ctx: Context, pif: PIFRecord) -> bool:
        metrics = Snapshot.from_wire({"pif_metrics": ctx.pool().records("pif_metrics")}).pif_metrics
        return metrics.get(pif.metrics, PIFMetricsRecord(ref=NULL)).carrier

    def may_repeat(self, ctx: Context) -> bool:
        """No such call is under way in the pool, and management is still elsewhere."""
        if is_underway(ctx.pool(), MOVE):
            return False
        pif = self.pif(ctx)
        return pif is not None and not pif.management


@dataclass(frozen=True, kw_only=True)
class ClearOldAddress(MemberStep):
    """PIF.reconfigure_ip to no address, where management was: XAPI leaves it there (xapi_host.ml).

    Two interfaces in one subnet answer for each other. No undo: nothing uses the address any more.
    """

    coordinator_address: str
    username: str
    ip: str

    @property
    def title(self) -> str:
        return f"Take the old management address {self.ip} off {self.host_name}"

    @property
    def call(self) -> str:
        return f'{CLEAR}(the interface of {self.host_name} with {self.ip}, "None", …) on {self.coordinator_name}'

    @property
    def xe(self) -> str:
        return xe(self.coordinator_address, self.username, "pif-reconfigure-ip", {"uuid": "<PIF>", "mode": "none"})

    @property
    def look_at(self) -> Sequence[str]:
        return (f"{self.coordinator_name}: “xe pif-list host-uuid={self.host_uuid} params=device,IP,management”.",)

    def rests_on(self, earlier: Step) -> bool:
        """Management that has not moved still needs the old address."""
        return isinstance(earlier, MoveManagement) or super().rests_on(earlier)

    def verify(self, ctx: Context) -> bool:
        return self._old(ctx) is None

    def run(self, ctx: Context) -> None:
        """Should management still be there, XAPI refuses."""
        pif = self._old(ctx)
        if pif is not None:
            ctx.follow(ctx.pool(), ctx.pool().pif_reconfigure_ip(pif.ref, OFF))

    def may_repeat(self, ctx: Context) -> bool:
        """No such call is under way in the pool, and the address is still there."""
        return not is_underway(ctx.pool(), CLEAR) and not self.verify(ctx)

    def _old(self, ctx: Context) -> PIFRecord | None:
        snapshot = Snapshot.from_wire({name: ctx.pool().records(name) for name in CLASSES})
        mine = snapshot.pifs_of(member_of(snapshot, self.host_uuid))
        return next((pif for pif in mine if self.ip == pif.IP and pif.ip_configuration_mode != OFF.mode), None)
