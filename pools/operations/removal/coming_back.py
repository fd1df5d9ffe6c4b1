"""After its eject the server reboots and becomes a pool of its own: each phase is waited for, and proved."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pools import connections, inventories
from pools.operations.context import Context
from pools.operations.removal.leaving import LeavingStep
from pools.operations.step import Differs
from pools.xapi.errors import XapiError
from pools.xapi.inventory import Snapshot
from pools.xapi.probe import coordinator_of

PATIENCES_TO_RETURN: Final = 6
LOOK_AGAIN_AFTER: Final = 1.0
OWN: Final = ("pool", "host")


@dataclass(frozen=True, kw_only=True)
class ReturningStep(LeavingStep):
    """A step that only waits for the server itself; the pool has no more to do with it."""

    @property
    def parks(self) -> bool:
        return True

    @property
    def patience(self) -> float:
        """A server reboots in minutes; one with much memory or many disks takes longer."""
        return super().patience * PATIENCES_TO_RETURN

    @property
    def look_at(self) -> Sequence[str]:
        return (
            f"{self.host_name}: its console (IPMI, KVM): does it show an address, or an error?",
            f"{self.host_name}: with no address, type what the console runbook of this operation says.",
        )

    def run(self, ctx: Context) -> None:
        """There is nothing to send."""

    def own_pool(self, ctx: Context) -> Snapshot | None:
        """What the server says of itself, if it is a pool of its own that takes the old pool's login."""
        try:
            return Snapshot.from_wire({name: ctx.xapi(self.host_uuid).records(name) for name in OWN})
        except XapiError as error:
            ctx.disconnect()
            ctx.notes.missing = f"{self.host_name} does not answer as a pool of its own ({error.code})."
            return None


@dataclass(frozen=True, kw_only=True)
class AwaitShutdown(ReturningStep):
    """The server reboots ten seconds after its eject (xapi_fuse.ml); until then it answers as before."""

    old_pool_uuid: str

    @property
    def title(self) -> str:
        return f"Wait until {self.host_name} goes down"

    @property
    def expected_seconds(self) -> float:
        return 30.0

    def verify(self, ctx: Context) -> bool:
        """It does not answer; or it is back already, as a pool of its own."""
        server = ctx.server(self.host_uuid)
        try:
            said = coordinator_of(connections.endpoint_of(server))
        except XapiError as error:
            ctx.notes.proved = f"{self.host_name} does not answer any more ({error.code})."
            return True
        own = None if said else self.own_pool(ctx)
        ctx.notes.missing = f"{self.host_name} still answers" + (f" as a member of {said}." if said else ".")
        return own is not None and own.pool.uuid != self.old_pool_uuid


@dataclass(frozen=True, kw_only=True)
class AwaitAnswer(ReturningStep):
    """The server answers again, with the certificate that is trusted: the reboot keeps it (reset-and-reboot)."""

    @property
    def title(self) -> str:
        return f"Wait until {self.host_name} answers again"

    @property
    def expected_seconds(self) -> float:
        return 300.0

    def verify(self, ctx: Context) -> bool:
        try:
            said = coordinator_of(connections.endpoint_of(ctx.server(self.host_uuid)))
        except XapiError as error:
            ctx.notes.missing = f"{self.host_name} does not answer ({error.code})."
            return False
        if said:
            raise Differs("XENWEB_STILL_A_MEMBER", (self.host_name, said))
        ctx.notes.proved = f"{self.host_name} answers."
        return True


@dataclass(frozen=True, kw_only=True)
class AwaitOwnPool(ReturningStep):
    """It is the only server of a new pool, under its old uuid, and the old pool's password opens it."""

    old_pool_uuid: str

    @property
    def title(self) -> str:
        return f"See {self.host_name} come back as a pool of its own"

    @property
    def expected_seconds(self) -> float:
        return 60.0

    def verify(self, ctx: Context) -> bool:
        own = self.own_pool(ctx)
        if own is None or own.pool.uuid == self.old_pool_uuid or own.master.uuid != self.host_uuid:
            return False
        inventories.take_leaver(ctx.server(self.host_uuid))
        ctx.notes.proved = f"{self.host_name} is a pool of its own, and the old pool’s password opens it."
        return True
