"""Guidance of installed updates that asks for no more than a restart of the toolstack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pools.checks.facts import Facts, ServerFacts
from pools.checks.finding import Finding
from pools.checks.registry import refusal
from pools.operations.context import Context
from pools.operations.fixes.fix import Fix, FixStep, target
from pools.operations.fixes.whole_pool import busy
from pools.operations.kind import Choices
from pools.operations.step import Step
from pools.xapi.gateway import DEFAULT
from pools.xapi.records import HostRecord

RESTART: Final = "restart_toolstack"


@dataclass(frozen=True, kw_only=True)
class RestartToolstack(FixStep):
    """host.restart_agent. Every start of XAPI takes this guidance away (dbsync_slave.ml, remove_pending_guidances).

    A call without a reply is never sent again: nothing tells one that is still to come from one that was lost.
    """

    was_enabled: bool = True

    @property
    def title(self) -> str:
        return f"Restart the toolstack of {self.host}"

    @property
    def call(self) -> str:
        return f"host.restart_agent({self.host}, {self.lane}) {self.at}"

    @property
    def xe(self) -> str:
        return self.command("host-restart-agent", host=self.lane)

    @property
    def interruption(self) -> str:
        return f"{self.host} takes no calls for about a minute, and forgets its tasks and sessions. Its VMs go on."

    @property
    def expected_seconds(self) -> float:
        return 60.0

    @property
    def look_at(self) -> Sequence[str]:
        return (
            f"{self.host}: “systemctl status xapi” in its console.",
            f"{self.host}: “xe host-param-get uuid={self.lane} param-name=pending-guidances”.",
        )

    def verify(self, ctx: Context) -> bool:
        """It answers, asks for no restart, and takes VMs again if it did before."""
        found = self.xapi(ctx).found("host", self.lane)
        host = HostRecord.from_wire(*found) if found else None
        return host is not None and RESTART not in host.pending_guidances and (host.enabled or not self.was_enabled)

    def run(self, ctx: Context) -> None:
        xapi = self.xapi(ctx)
        xapi.host_restart_agent(xapi.ref_of("host", self.lane))


class Toolstack(Fix):
    """No guidance is pending on a server that joins (assert_no_host_pending_mandatory_guidance)."""

    kind = "fix_toolstack"
    title = "Restart the toolstack"
    solves = "Restart its toolstack"
    about = "Installed updates ask for it. VMs go on; the server takes no calls until XAPI is up again."
    steps = (RestartToolstack,)
    reads = DEFAULT

    def rests_on(self, server: ServerFacts) -> Mapping[str, str]:
        return {"pending guidance": ", ".join(guidances(server)) or "none"}

    def is_needed(self, server: ServerFacts) -> bool:
        return RESTART in guidances(server)

    def obstacles(self, server: ServerFacts, choices: Choices) -> list[Finding]:
        """A restart would break what VMs are busy with; what a reboot is needed for, it does not solve."""
        if others := [name for name in guidances(server) if name != RESTART]:
            return [refusal("XENWEB_FIX_NEEDS_MORE", server, server.name_label, theirs=", ".join(others))]
        if waits := busy(server.snapshot):
            return [refusal("XENWEB_FIX_BUSY", server, server.name_label, theirs=waits, ours="nothing")]
        return []

    def plan(self, facts: Facts, choices: Choices) -> Sequence[Step]:
        host = facts.coordinator.host
        return [RestartToolstack(target=target(facts, choices), was_enabled=host.enabled)]


def guidances(server: ServerFacts) -> Sequence[str]:
    return sorted(server.host.pending_guidances)
