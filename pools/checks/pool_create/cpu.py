"""What the pool's VMs would lose, or not gain, with this server's processors (cpuid_helpers.ml)."""

from collections.abc import Iterator

from pools.checks.facts import Facts, ServerFacts
from pools.checks.finding import Finding, Severity, listed
from pools.checks.registry import Side, check, unknown, warning
from pools.forecast.cpu import JoinEffect

SHOWN = 12


@check(title="Processor features fit the pool's", side=Side.BOTH, needs=("vm",))
def processor_features_are_levelled(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """VMs see only what all members have; with another vendor there is nothing to level (row 13b refuses it)."""
    if server.host.cpu_info.get("vendor") != facts.pool.pool.cpu_info.get("vendor"):
        return
    effect = facts.forecast(server).cpu
    if effect is None:
        yield unknown(server, "its processor features or the pool's")
    else:
        yield from _findings(effect, server)


def _findings(effect: JoinEffect, server: ServerFacts) -> Iterator[Finding]:
    if effect.lost:
        few = listed(effect.lost)
        lost = listed(effect.lost, SHOWN)
        yield warning("XENWEB_CPU_LEVELLED", server, lost, theirs=f"lacks {few}", ours=f"has {few}")
    if effect.stuck_vms:
        vms = listed(effect.stuck_vms, SHOWN)
        in_use = f"more in use by {listed(effect.stuck_vms)}"
        yield warning("XENWEB_CPU_VMS_MUST_RESTART", server, vms, theirs="fewer features", ours=in_use)
    if effect.hidden:
        few = listed(effect.hidden)
        yield Finding(
            code="XENWEB_CPU_FEATURES_HIDDEN",
            subject=server.uuid,
            severity=Severity.INFO,
            params=(listed(effect.hidden, SHOWN),),
            theirs=f"has {few}",
            ours=f"lacks {few}",
        )
