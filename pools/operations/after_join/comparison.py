"""Held against the forecast: bonds, VLANs, management, VMs and storage of the new member."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pools.checks.after_join import compare
from pools.checks.finding import Finding, Severity
from pools.forecast import stored
from pools.operations.after_join.member import MemberStep
from pools.operations.context import Context
from pools.operations.step import Differs
from pools.xapi.inventory import Snapshot

CLASSES = ("pool", "host", "pif", "network", "bond", "vlan", "vm", "sr", "pbd")


@dataclass(frozen=True, kw_only=True)
class CompareMember(MemberStep):
    """What XAPI made of the member is what the plan foretold; it is enabled before its bonds are there (xapi.ml)."""

    forecast: Mapping[str, object]

    @property
    def title(self) -> str:
        return f"Compare {self.host_name} with its forecast"

    @property
    def expected_seconds(self) -> float:
        return 3.0

    @property
    def look_at(self) -> Sequence[str]:
        host = f"host-uuid={self.host_uuid}"
        lists = f"“xe pif-list {host}”, “xe bond-list”, “xe vlan-list”, “xe pbd-list {host}”"
        return (f"{self.coordinator_name}: {lists}.",)

    def verify(self, ctx: Context) -> bool:
        differences = self._differences(ctx)
        ctx.notes.missing = f"{len(differences)} things are not as foretold." if differences else ""
        return not differences

    def run(self, ctx: Context) -> None:
        """Wait while the member's start may still bring it; what stays different is for a person."""
        waited = 0.0
        while differences := self._differences(ctx):
            if waited >= self.settles_in:
                raise Differs("XENWEB_NOT_AS_FORECAST", (self.host_name, str(len(differences))), differences)
            waited = self.pause(ctx, waited, f"Waiting for the networks of {self.host_name} to be made")

    def _differences(self, ctx: Context) -> list[Finding]:
        """More than was foretold is no harm."""
        after = Snapshot.from_wire({name: ctx.pool().records(name) for name in CLASSES})
        found = compare(stored.from_json(self.forecast), after, self.host_uuid)
        return [finding for finding in found if finding.severity is not Severity.INFO]
