"""Held against the forecast: what the server came back as."""

from collections.abc import Mapping
from dataclasses import dataclass

from pools.checks.after_removal import CLASSES, compare
from pools.checks.finding import Finding
from pools.forecast import stored
from pools.forecast.come_back import ComeBack
from pools.operations.context import Context
from pools.operations.removal.following import FollowingStep
from pools.operations.step import Differs
from pools.xapi.inventory import Snapshot


@dataclass(frozen=True, kw_only=True)
class CompareComeBack(FollowingStep):
    """Name, management, and that nothing else is left; TLS verification is on when the first boot is over."""

    forecast: Mapping[str, object]

    @property
    def title(self) -> str:
        return f"Compare {self.host_name} with what it was to come back as"

    @property
    def expected_seconds(self) -> float:
        return 30.0

    @property
    def is_aside(self) -> bool:
        return True

    def verify(self, ctx: Context) -> bool:
        differences = self.differences(ctx)
        ctx.notes.missing = f"{len(differences)} things are not as foretold." if differences else ""
        return not differences

    def run(self, ctx: Context) -> None:
        """Wait while its first boot may still bring it; what stays different is for a person."""
        waited = 0.0
        while differences := self.differences(ctx):
            if waited >= self.settles_in:
                raise Differs("XENWEB_RETURNED_OTHERWISE", (self.host_name, str(len(differences))), differences)
            waited = self.pause(ctx, waited, f"Waiting for the first boot of {self.host_name} to end")

    def differences(self, ctx: Context) -> list[Finding]:
        xapi = ctx.xapi(self.host_uuid)
        after = Snapshot.from_wire({name: xapi.records(name) for name in CLASSES})
        return compare(stored.restored(ComeBack, self.forecast), after)
