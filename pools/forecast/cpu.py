"""The processor features a pool will offer its VMs (cpuid_helpers.ml, create_misc.ml).

Bit arithmetic is the hypervisor's fallback rule, hence a forecast and not a verdict.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial

from pools.forecast import cpuid
from pools.xapi.inventory import Snapshot
from pools.xapi.records import HostRecord, StrMap, VMRecord


@dataclass(frozen=True, kw_only=True)
class JoinEffect:
    """What one server's processors change: names of features and of VMs."""

    lost: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    stuck_vms: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        return bool(self.lost or self.hidden or self.stuck_vms)

    @property
    def sentences(self) -> list[str]:
        """Say it in words."""
        said: list[str] = []
        if self.lost:
            said.append(f"VMs started after the join will no longer get {', '.join(self.lost)}.")
        if self.stuck_vms:
            said.append(f"Until they are restarted, these VMs cannot move to it: {', '.join(self.stuck_vms)}.")
        if self.hidden:
            said.append(f"Its own {', '.join(self.hidden)} will be hidden from VMs.")
        return said


def join_effect(pool: Snapshot, host: HostRecord) -> JoinEffect | None:
    """What joining this host changes for the pool; None when either side's features are not known."""
    ours, theirs = _offered(pool.pool.cpu_info), _offered(host.cpu_info)
    if ours is None or theirs is None:
        return None
    stuck = tuple(sorted(vm.name_label for vm in _stuck(pool, host)))
    if not _takes_part(host):
        return JoinEffect(stuck_vms=stuck)
    return JoinEffect(
        lost=tuple(cpuid.names(cpuid.without(ours, theirs))),
        hidden=tuple(cpuid.names(cpuid.without(theirs, ours))),
        stuck_vms=stuck,
    )


def _offered(cpu_info: StrMap) -> cpuid.Words | None:
    """What new VMs get; servers before 2019 have only the one vector."""
    return cpuid.parse(cpu_info.get("features_hvm_host") or cpu_info.get("features_hvm", ""))


def _takes_part(host: HostRecord) -> bool:
    """A host that cannot run HVM guests does not lower their level (create_misc.ml, create_pool_cpuinfo)."""
    return not host.capabilities or any("hvm" in capability for capability in host.capabilities)


def _stuck(pool: Snapshot, host: HostRecord) -> Iterator[VMRecord]:
    """VMs that saw more features at their start than this host can give (assert_vm_is_compatible)."""
    lacks = cache(partial(_lacks, host))
    for vm in pool.vms.values():
        if vm.power_state == "Halted" or vm.is_control_domain:
            continue
        if lacks(vm.last_boot_CPU_flags.get("features", ""), vm.domain_type):
            yield vm


def _lacks(host: HostRecord, features: str, domain_type: str) -> bool:
    """Thousands of VMs have seen the same few sets of features."""
    seen = cpuid.parse(features)
    most = cpuid.parse(host.cpu_info.get("features_pv" if domain_type == "pv" else "features_hvm", ""))
    return seen is not None and most is not None and any(cpuid.without(seen, most))
