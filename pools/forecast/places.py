"""Where a running VM could move to, as far as the records tell; XAPI has the last word (assert_can_boot_here)."""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property

from pools.forecast import cpuid
from pools.forecast.losses.capacity import memory
from pools.xapi.inventory import Snapshot
from pools.xapi.records import NULL, HostRecord, VMRecord


@dataclass(frozen=True, kw_only=True)
class Places:
    """``staying``: uuids of the servers that stay. ``leaving_with``: references of storage whose disks move before."""

    pool: Snapshot
    staying: Collection[str]
    leaving_with: Collection[str] = field(default=frozenset())

    def of(self, vm: VMRecord) -> list[str]:
        """The uuids of the servers that could take it, by name."""
        return [host.uuid for host in self.ready if self.takes(host, vm)]

    @cached_property
    def ready(self) -> list[HostRecord]:
        hosts = [host for host in self.pool.hosts.values() if host.uuid in self.staying]
        usable = [host for host in hosts if host.enabled and self.pool.is_live(host)]
        return sorted(usable, key=lambda host: (host.name_label, host.uuid))

    def takes(self, host: HostRecord, vm: VMRecord) -> bool:
        """Its storage, networks, processor and memory are there."""
        return (
            self.needed_srs.get(vm.ref, set()) <= self.plugged.get(host.ref, set())
            and self.needed_networks.get(vm.ref, set()) <= self.networks.get(host.ref, set())
            and fits_processor(vm, host)
            and memory(self.pool, host)[1] >= vm.memory_static_max
        )

    @cached_property
    def plugged(self) -> dict[str, set[str]]:
        """The storage that each host is connected to."""
        found: dict[str, set[str]] = {}
        for pbd in self.pool.pbds.values():
            if pbd.currently_attached:
                found.setdefault(pbd.host, set()).add(pbd.SR)
        return found

    @cached_property
    def needed_srs(self) -> dict[str, set[str]]:
        """The storage that each VM has disks or discs on."""
        found: dict[str, set[str]] = {}
        for vbd in self.pool.vbds.values():
            disk = self.pool.vdis.get(vbd.VDI)
            if disk is not None and disk.SR not in self.leaving_with:
                found.setdefault(vbd.VM, set()).add(disk.SR)
        return found

    @cached_property
    def needed_networks(self) -> dict[str, set[str]]:
        """The networks that each VM is on, but for those without an interface: they are everywhere."""
        found: dict[str, set[str]] = {}
        for vif in self.pool.vifs.values():
            if vif.network in self.with_interfaces:
                found.setdefault(vif.VM, set()).add(vif.network)
        return found

    @cached_property
    def with_interfaces(self) -> set[str]:
        return {pif.network for pif in self.pool.pifs.values()}

    @cached_property
    def networks(self) -> dict[str, set[str]]:
        """Those of each host; a member of a bond carries none of its own (xapi_network_attach_helpers.ml)."""
        bonded = {(pif.host, pif.network) for pif in self.pool.pifs.values() if pif.bond_slave_of != NULL}
        found: dict[str, set[str]] = {}
        for pif in self.pool.pifs.values():
            if (pif.host, pif.network) not in bonded:
                found.setdefault(pif.host, set()).add(pif.network)
        return found


def fits_processor(vm: VMRecord, host: HostRecord) -> bool:
    """The maker, and every feature that the VM was started with (cpuid_helpers.ml, assert_vm_is_compatible)."""
    flags = vm.last_boot_CPU_flags
    if not flags:
        return True
    key = "features_pv" if vm.domain_type == "pv" else "features_hvm"
    had, has = cpuid.parse(flags.get("features", "")), cpuid.parse(host.cpu_info.get(key, ""))
    lacks = had is not None and has is not None and any(cpuid.without(had, has))
    return flags.get("vendor") == host.cpu_info.get("vendor") and not lacks
