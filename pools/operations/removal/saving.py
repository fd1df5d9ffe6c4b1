"""Before anything is taken from a server, its network is saved: the runbook and the rebuilding rest on it."""

from dataclasses import dataclass

from django.db.models import F

from pools import archive
from pools.archive import Occasion
from pools.models import NetworkSnapshot, SnapshotReason
from pools.operations.context import Context
from pools.operations.removal.leaving import LeavingStep
from pools.operations.step import Differs


@dataclass(frozen=True, kw_only=True)
class SaveNetwork(LeavingStep):
    """A network snapshot, read from the pool and kept with the operation; nothing is changed."""

    @property
    def title(self) -> str:
        return f"Save the network of {self.host_name}"

    @property
    def is_aside(self) -> bool:
        return True

    @property
    def look_at(self) -> tuple[str, ...]:
        return (f"{self.coordinator_name}: “xe pif-list host-uuid={self.host_uuid}”, “xe bond-list”, “xe vlan-list”.",)

    def verify(self, ctx: Context) -> bool:
        """One from before the start, which the draft was shown with, may be out of date."""
        kept = NetworkSnapshot.objects.filter(operation=ctx.operation, server_uuid=self.host_uuid, complete=True)
        return kept.filter(taken_at__gte=F("operation__started_at")).exists()

    def run(self, ctx: Context) -> None:
        """What is not whole is no help at the console: nothing is removed then."""
        reason = Occasion(reason=SnapshotReason.REMOVAL, by=ctx.operation.submitted_by, operation=ctx.operation)
        saved = archive.keep(archive.read(ctx.pool()), ctx.server(self.host_uuid), reason)
        if not saved.complete:
            missing = " ".join(archive.data_of(saved).missing)
            raise Differs("XENWEB_SNAPSHOT_INCOMPLETE", (self.host_name, missing))
        ctx.notes.proved = f"The network of {self.host_name} is saved."
