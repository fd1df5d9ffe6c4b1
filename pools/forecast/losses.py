"""What a pool loses when a server leaves it: destroyed with its local storage, left behind without disks, or changed.

Rules: xapi_pool.ml (eject_self, eject) and xapi_sr.ml (really_forget).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from pools.xapi.inventory import Snapshot
from pools.xapi.records import NULL, SRRecord, VBDRecord, VDIRecord, VMRecord


class OrphanKind(StrEnum):
    """What stays in the pool's database, of no more use."""

    VM = "VM"
    TEMPLATE = "template"
    SNAPSHOT = "snapshot"
    SUSPENDED = "suspended VM"
    DEFAULT_SR = "default SR"
    SUSPEND_SR = "SR for suspended VMs"
    CRASH_DUMP_SR = "SR for crash dumps"


@dataclass(frozen=True, kw_only=True)
class Disk:
    """A VDI that is destroyed. Sizes in bytes. ``vms``: names by uuid."""

    uuid: str
    name_label: str
    sr_uuid: str
    sr_name: str
    virtual_size: int = 0
    physical_utilisation: int = 0
    kind: str = "disk"
    vms: tuple[tuple[str, str], ...] = ()
    snapshot_of: str = ""
    last_known: str = ""
    movable: bool = True
    why_not: str = ""

    @property
    def key(self) -> str:
        return f"vdi:{self.uuid}"


@dataclass(frozen=True, kw_only=True)
class Orphan:
    """A record that stays and can no longer be used; ``reason`` in words."""

    uuid: str
    kind: OrphanKind
    name: str
    reason: str

    @property
    def key(self) -> str:
        return f"{'sr' if 'SR' in self.kind.value else 'vm'}:{self.uuid}"


@dataclass(frozen=True, kw_only=True)
class Change:
    """Something of the pool that is not as before."""

    what: str
    before: str
    after: str
    note: str = ""

    @property
    def key(self) -> str:
        return f"change:{self.what}"


@dataclass(frozen=True, kw_only=True)
class Losses:
    """Everything that a pool loses with one server."""

    destroyed: tuple[Disk, ...] = ()
    orphaned: tuple[Orphan, ...] = ()
    changed: tuple[Change, ...] = ()

    def named(self) -> dict[str, str]:
        """The rows that need a decision, by key, with their names."""
        rows = {disk.key: f"{disk.name_label or disk.uuid} on {disk.sr_name}" for disk in self.destroyed}
        return rows | {orphan.key: f"{orphan.kind}: {orphan.name}" for orphan in self.orphaned}


def losses_of(pool: Snapshot, host_uuid: str, gone: Collection[str] = ()) -> Losses:
    """Foretell what pool.eject of this server costs, when the servers ``gone`` (uuids) have left before it."""
    lost = own_storage(pool, host_uuid)
    return Losses(destroyed=tuple(destroyed(pool, lost)), orphaned=tuple(orphaned(pool, lost)))


def own_storage(pool: Snapshot, host_uuid: str) -> dict[str, SRRecord]:
    """The SRs that only this server is connected to, shared or not (xapi_pool.ml, eject_self)."""
    host = pool.host(host_uuid)
    hosts: dict[str, set[str]] = {}
    for pbd in pool.pbds.values():
        hosts.setdefault(pbd.SR, set()).add(pbd.host)
    mine = {host.ref} if host else set()
    return {ref: pool.srs[ref] for ref, connected in hosts.items() if connected == mine and ref in pool.srs}


def destroyed(pool: Snapshot, lost: dict[str, SRRecord]) -> Iterator[Disk]:
    """Every VDI on that storage."""
    for vdi in sorted(pool.vdis.values(), key=lambda vdi: (vdi.name_label, vdi.uuid)):
        if vdi.SR in lost:
            yield disk_of(pool, vdi, lost[vdi.SR])


def disk_of(pool: Snapshot, vdi: VDIRecord, sr: SRRecord) -> Disk:
    vms = {pool.vms[vbd.VM].uuid: pool.vms[vbd.VM].name_label for vbd in drives_of(pool, vdi.ref)}
    return Disk(
        uuid=vdi.uuid,
        name_label=vdi.name_label,
        sr_uuid=sr.uuid,
        sr_name=sr.name_label,
        vms=tuple(sorted(vms.items(), key=lambda item: item[1])),
    )


def drives_of(pool: Snapshot, vdi_ref: str) -> list[VBDRecord]:
    """The drives of VMs in which a disk is."""
    return [vbd for vbd in pool.vbds.values() if vdi_ref == vbd.VDI and vbd.VM in pool.vms]


def orphaned(pool: Snapshot, lost: dict[str, SRRecord]) -> Iterator[Orphan]:
    """VMs that stay without a disk of theirs, and settings that name storage which is gone."""
    disks = {vdi.ref for vdi in pool.vdis.values() if vdi.SR in lost}
    for vm in sorted(pool.vms.values(), key=lambda vm: (vm.name_label, vm.uuid)):
        if not vm.is_control_domain and any(vm.ref == vbd.VM and vbd.VDI in disks for vbd in pool.vbds.values()):
            yield Orphan(uuid=vm.uuid, kind=kind_of(vm), name=vm.name_label, reason="It loses a disk.")
    if pool.pool.default_SR not in ("", NULL) and pool.pool.default_SR in lost:
        sr = lost[pool.pool.default_SR]
        yield Orphan(uuid=sr.uuid, kind=OrphanKind.DEFAULT_SR, name=sr.name_label, reason="The pool has no default SR.")


def kind_of(vm: VMRecord) -> OrphanKind:
    return OrphanKind.SUSPENDED if vm.power_state == "Suspended" else OrphanKind.VM
