"""A VM goes to the server that a person chose for it, before XAPI finds places for the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pools.operations.context import Context
from pools.operations.removal.emptying import refusal
from pools.operations.removal.leaving import LeavingStep
from pools.operations.step import Differs, ReversibleStep
from pools.xapi.errors import XapiFailure
from pools.xapi.records import VMRecord

SECONDS_BEFORE: Final = 10.0
BYTES_A_SECOND: Final = 100 * 1024**2


@dataclass(frozen=True, kw_only=True)
class PlaceVM(LeavingStep, ReversibleStep):
    """VM.pool_migrate, live, to a server that was chosen by name."""

    vm_uuid: str
    vm_name: str
    memory: int
    to_uuid: str
    to_name: str

    @property
    def title(self) -> str:
        return f"Move {self.vm_name} to {self.to_name}"

    @property
    def call(self) -> str:
        where = f"{self.to_name}, live=true"
        return f"Async.VM.pool_migrate({self.vm_name}, {self.vm_uuid}, {where}) on {self.coordinator_name}"

    @property
    def xe(self) -> str:
        return self.command("vm-migrate", {"uuid": self.vm_uuid, "host-uuid": self.to_uuid, "live": "true"})

    @property
    def undo_text(self) -> str:
        return "It is not moved back: it runs on where it is then."

    @property
    def interruption(self) -> str:
        return f"{self.vm_name} pauses for a moment while it moves."

    @property
    def is_aside(self) -> bool:
        """Left out, it moves with the others, to where XAPI likes."""
        return True

    @property
    def expected_seconds(self) -> float:
        return SECONDS_BEFORE + self.memory / BYTES_A_SECOND

    @property
    def patience(self) -> float:
        """Much memory takes long, the longer the more the guest writes to it."""
        return super().patience + 10 * self.expected_seconds

    @property
    def look_at(self) -> Sequence[str]:
        return (f"{self.coordinator_name}: “xe vm-list uuid={self.vm_uuid} params=power-state,resident-on”.",)

    def verify(self, ctx: Context) -> bool:
        """It is gone from there: moved, also to another server, or shut down meanwhile."""
        found = ctx.pool().found("VM", self.vm_uuid)
        here = ctx.pool().ref_of("host", self.host_uuid)
        if found is None or found[1].get("resident_on") != here:
            return True
        ctx.notes.missing = f"{self.vm_name} is still on {self.host_name}."
        return False

    def run(self, ctx: Context) -> None:
        xapi = ctx.pool()
        task = xapi.vm_pool_migrate(xapi.ref_of("VM", self.vm_uuid), xapi.ref_of("host", self.to_uuid))
        try:
            ctx.follow(xapi, task)
        except XapiFailure as failure:
            snapshot = self.snapshot(ctx, "host", "vm", "sr", "network")
            said = (self.vm_name, self.to_name, failure.code)
            raise Differs("XENWEB_VM_DID_NOT_MOVE", said, [refusal(snapshot, self.host_uuid, failure)]) from None

    def undo(self, ctx: Context) -> None:
        """It is as well where it is now."""

    def may_repeat(self, ctx: Context) -> bool:
        """It is still there, and nothing is under way with it."""
        found = ctx.pool().found("VM", self.vm_uuid)
        return found is not None and not self.verify(ctx) and not VMRecord.from_wire(*found).current_operations
