"""The pool lets go of the server's records."""

from collections.abc import Sequence
from dataclasses import dataclass

from pools import inventories
from pools.operations.context import Context
from pools.operations.removal.following import FollowingStep
from pools.operations.step import Differs


@dataclass(frozen=True, kw_only=True)
class AwaitForgotten(FollowingStep):
    """The pool collects what is left of the server's records within half a minute (db_gc_util.ml)."""

    @property
    def title(self) -> str:
        return f"Wait until the pool has forgotten {self.host_name}"

    @property
    def expected_seconds(self) -> float:
        return 30.0

    @property
    def is_aside(self) -> bool:
        return True

    @property
    def look_at(self) -> Sequence[str]:
        return (f"{self.coordinator_name}: “xe host-list”, “xe pif-list params=uuid,host-uuid,device”, “xe pbd-list”.",)

    def verify(self, ctx: Context) -> bool:
        """A record whose host is gone was the server's."""
        snapshot = self.snapshot(ctx, "host", "pif", "pbd")
        if snapshot.host(self.host_uuid):
            raise Differs("XENWEB_STILL_LISTED", (self.host_name, self.coordinator_name))
        owners = [pif.host for pif in snapshot.pifs.values()] + [pbd.host for pbd in snapshot.pbds.values()]
        left = sum(owner not in snapshot.hosts for owner in owners)
        ctx.notes.missing = f"{left} records of {self.host_name} are left." if left else ""
        if not left and ctx.operation.pool is not None:
            inventories.refresh(ctx.operation.pool)
        return not left
