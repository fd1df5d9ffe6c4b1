"""What ran on a server that is dead, and whether another one can run it: by storage, networks and memory.

A forecast of assert_can_boot_here (xapi_vm_helpers.ml): XAPI is asked when a VM is started, and chooses the server.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from pools.forecast.losses import own_storage
from pools.forecast.losses.capacity import memory, running
from pools.forecast.losses.unplugged import unplugged
from pools.forecast.wording import listed
from pools.xapi.inventory import Snapshot
from pools.xapi.records import HostRecord, SRRecord, VDIRecord, VMRecord

GIB: Final = 1024**3
PRIORITIES: Final = ("restart", "best-effort")  # VM.ha_restart_priority; the rest comes last


@dataclass(frozen=True, kw_only=True)
class Restart:
    """A VM that ran there. ``on``: where it would find the memory; ``why_not``: why no server can run it at all.

    ``lost``: a disk of it is on the dead server; ``doubt``: those that come before it leave it no memory.
    """

    uuid: str
    name: str
    memory: int = 0
    priority: str = ""
    on: str = ""
    why_not: str = ""
    doubt: str = ""
    lost: bool = False

    @property
    def can_start(self) -> bool:
        return not self.why_not


def restarts_of(pool: Snapshot, host_uuid: str, chosen: Collection[str] | None = None) -> tuple[Restart, ...]:
    """Every VM that ran on a server, in the order in which they start: by HA's priority, their own order, their name.

    ``chosen``: uuids of those that are started, and take memory; without it all that can be.
    """
    host = pool.host(host_uuid)
    return tuple(Elsewhere(pool, host).restarts(chosen)) if host else ()


@dataclass(frozen=True)
class Elsewhere:
    """A pool without one of its servers."""

    pool: Snapshot
    dead: HostRecord

    def restarts(self, chosen: Collection[str] | None) -> Iterator[Restart]:
        left = {ref: memory(self.pool, self.pool.hosts[ref])[1] for ref in self.storage}
        for vm in self.victims():
            found = self.restart(vm)
            if found.can_start and (chosen is None or vm.uuid in chosen):
                found = self.placed(found, self.able(vm), left)
            yield found

    def victims(self) -> list[VMRecord]:
        """What ran there, as the pool's database still has it."""
        return sorted((vm for vm in running(self.pool) if vm.resident_on == self.dead.ref), key=turn)

    def restart(self, vm: VMRecord) -> Restart:
        disks = self.disks(vm)
        lost = [vdi for vdi in disks if vdi.SR in self.erased]
        return Restart(
            uuid=vm.uuid,
            name=vm.name_label,
            memory=vm.memory_static_max,
            priority=vm.ha_restart_priority,
            why_not=self.why_not(vm, disks, lost),
            lost=bool(lost),
        )

    def placed(self, found: Restart, able: Collection[str], left: dict[str, int]) -> Restart:
        """Give it the server with the most memory left, as XAPI does."""
        best = max(able, key=lambda ref: (left[ref], ref))
        if left[best] < found.memory:
            return replace(found, doubt=f"No server that can run it has {found.memory / GIB:.1f} GiB left for it.")
        left[best] -= found.memory
        return replace(found, on=self.pool.hosts[best].name_label)

    @cached_property
    def own(self) -> Mapping[str, SRRecord]:
        return own_storage(self.pool, self.dead.uuid)

    @cached_property
    def places(self) -> Mapping[str, str]:
        """Where the data of those lies that is not on the server's own disks."""
        return unplugged(self.pool, self.own)

    @cached_property
    def erased(self) -> frozenset[str]:
        return frozenset(self.own) - frozenset(self.places)

    @cached_property
    def storage(self) -> Mapping[str, frozenset[str]]:
        """The SRs that are plugged at each server that works."""
        work = [host for host in self.pool.hosts.values() if host.ref != self.dead.ref]
        plugged = [pbd for pbd in self.pool.pbds.values() if pbd.currently_attached]
        return {
            host.ref: frozenset(pbd.SR for pbd in plugged if pbd.host == host.ref)
            for host in work
            if host.enabled and self.pool.is_live(host)
        }

    def disks(self, vm: VMRecord) -> list[VDIRecord]:
        """What stands in its drives, discs too: without them XAPI starts no VM."""
        refs = [vbd.VDI for vbd in self.pool.vbds.values() if vm.ref == vbd.VM]
        return [self.pool.vdis[ref] for ref in refs if ref in self.pool.vdis]

    def networks(self, vm: VMRecord) -> set[str]:
        """Those that are not everywhere: a network without interfaces is."""
        cabled = {pif.network for pif in self.pool.pifs.values()}
        return {vif.network for vif in self.pool.vifs.values() if vm.ref == vif.VM} & cabled

    def able(self, vm: VMRecord) -> list[str]:
        """The servers that have its storage and its networks."""
        storage, networks = {vdi.SR for vdi in self.disks(vm)}, self.networks(vm)
        return [ref for ref, plugged in self.storage.items() if storage <= plugged and networks <= self.cabled(ref)]

    def cabled(self, host_ref: str) -> set[str]:
        return {pif.network for pif in self.pool.pifs.values() if pif.host == host_ref}

    def why_not(self, vm: VMRecord, disks: Collection[VDIRecord], lost: Collection[VDIRecord]) -> str:
        """What XAPI would refuse it for, and what to do."""
        away = sorted({vdi.SR for vdi in disks} & set(self.places))
        if lost:
            return f"{named(lost)} lies on the server’s own disks. Restore it from a backup, or save those disks."
        if away:
            names = listed([f"{self.own[ref].name_label} ({self.places[ref]})" for ref in away])
            return f"Only the dead server was connected to {names}. Connect another one to it, then start the VM."
        if not self.storage:
            return "No other server works."
        if not self.able(vm):
            return "No server that works has all of its storage and networks. Plug them at one, then start the VM."
        return ""


def named(disks: Collection[VDIRecord]) -> str:
    return listed(sorted(vdi.name_label or vdi.uuid for vdi in disks))


def turn(vm: VMRecord) -> tuple[int, int, str, str]:
    """When a VM starts among others: what HA is to restart, what it may, and the rest."""
    rank = {priority: place for place, priority in enumerate(PRIORITIES)}
    return rank.get(vm.ha_restart_priority, len(PRIORITIES)), vm.order, vm.name_label, vm.uuid
