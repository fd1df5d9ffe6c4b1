"""What servers that left a pool left in its database, and is of no use any more; pure.

XAPI collects much by itself (db_gc_util.ml); it keeps VMs without disks, settings that name storage that is gone, and,
of a server that was forgotten, its storage.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Final

from pools.forecast.losses.unplugged import place_of, unplugged
from pools.forecast.wording import listed
from pools.xapi.inventory import Snapshot
from pools.xapi.records import NULL, SRRecord, VMRecord

GONE: Final = "storage that is gone"
POOL: Final = "pool"


class LeftKind(StrEnum):
    """What is left; its name begins the key of its decision."""

    DEFAULT_SR = "default SR"
    SUSPEND_SR = "SR for suspended VMs"
    CRASH_DUMP_SR = "SR for crash dumps"
    SR = "storage"
    HA_PLAN = "HA plan"
    SUSPENDED = "suspended VM"
    VM = "VM"
    TEMPLATE = "template"
    SNAPSHOT = "snapshot"


SETTINGS: Final[Mapping[LeftKind, str]] = {
    LeftKind.DEFAULT_SR: "default_SR",
    LeftKind.SUSPEND_SR: "suspend_image_SR",
    LeftKind.CRASH_DUMP_SR: "crash_dump_SR",
}


VM_KEYS: Final = frozenset(kind.name.lower() for kind in (LeftKind.VM, LeftKind.TEMPLATE, LeftKind.SNAPSHOT))


@dataclass(frozen=True, kw_only=True)
class Lost:
    """What is on record of the servers that left: rows of loss by key, with names; which of them somebody accepted.

    ``storage``: uuids of the SRs that went, or stayed without a connection. ``whose``: by key, the server it left with.
    ``elsewhere``: of VMs, by uuid, where the data of disks lies that are only out of reach.
    """

    named: Mapping[str, str] = field(default_factory=dict)
    storage: frozenset[str] = frozenset()
    accepted: frozenset[str] = frozenset()
    whose: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def vms(self) -> frozenset[str]:
        """The uuids of VMs, templates and snapshots that lost disks."""
        keys = (key.partition(":") for key in self.named)
        return frozenset(uuid for kind, _, uuid in keys if kind in VM_KEYS)


@dataclass(frozen=True, kw_only=True)
class Leftover:
    """``was``: what it was; ``why`` it is thought to be left over. ``accepted``: its loss was, in the removal."""

    kind: LeftKind
    uuid: str
    name: str
    was: str
    why: str
    accepted: bool = False

    @property
    def key(self) -> str:
        return f"{self.kind.name.lower()}:{self.uuid}"

    @property
    def is_setting(self) -> bool:
        return self.kind in SETTINGS


def leftovers_of(pool: Snapshot, lost: Lost) -> tuple[Leftover, ...]:
    """Name everything that is left over now; of a pool that could not be read whole, nothing."""
    return () if pool.unread else tuple(Remains(pool, lost).all())


@dataclass(frozen=True)
class Remains:
    """A pool beside what is on record of it."""

    pool: Snapshot
    lost: Lost

    def all(self) -> Iterator[Leftover]:
        vms = [vm for vm in self.pool.vms.values() if not (vm.is_control_domain or vm.is_default_template)]
        found = [*self.settings(), *self.storage()]
        for vm in sorted(vms, key=lambda vm: (vm.name_label, vm.uuid)):
            found.extend(self.of_vm(vm))
        yield from map(self.marked, found)

    @cached_property
    def connected(self) -> frozenset[str]:
        """The SRs that some server of the pool is connected to, plugged or not."""
        return frozenset(pbd.SR for pbd in self.pool.pbds.values() if pbd.host in self.pool.hosts)

    @cached_property
    def disks(self) -> Mapping[str, list[str]]:
        """Of each VM what its drives name, discs left aside."""
        found: dict[str, list[str]] = {}
        for vbd in self.pool.vbds.values():
            if vbd.type == "Disk":
                found.setdefault(vbd.VM, []).append(vbd.VDI)
        return found

    def settings(self) -> Iterator[Leftover]:
        for kind, setting in SETTINGS.items():
            ref = getattr(self.pool.pool, setting)
            if ref == NULL or ref in self.connected:
                continue
            sr = self.pool.srs.get(ref)
            why = "The setting names storage that no server is connected to." if sr else "The storage is gone."
            name = sr.name_label if sr else self.recorded(kind)
            yield Leftover(kind=kind, uuid=POOL, name=name, was=f"the pool’s {kind}", why=why)

    def storage(self) -> Iterator[Leftover]:
        for ref, sr in sorted(self.pool.srs.items(), key=lambda item: item[1].name_label):
            if ref not in self.connected and not sr.is_tools_sr:
                was, why = self.described(sr), self.why_storage(sr)
                yield Leftover(kind=LeftKind.SR, uuid=sr.uuid, name=sr.name_label or sr.uuid, was=was, why=why)

    def described(self, sr: SRRecord) -> str:
        """What is on record of it; its images in the drives of VMs keep these from starting, until it is forgotten."""
        there = {ref for ref, vdi in self.pool.vdis.items() if sr.ref == vdi.SR}
        drives = [vbd.VM for vbd in self.pool.vbds.values() if vbd.type == "CD" and vbd.VDI in there]
        inserted = listed(sorted(self.pool.vms[vm].name_label for vm in drives if vm in self.pool.vms))
        if sr.content_type != "iso":
            return f"{sr.type} storage with {counted(len(there), 'disk')} on record"
        return f"{counted(len(there), 'ISO image')} on record{f', in the drives of {inserted}' if inserted else ''}"

    def why_storage(self, sr: SRRecord) -> str:
        if (place := place_of(self.pool, sr)) and sr.uuid in self.lost.storage:
            return f"Only a server that left was connected to it. Its data stays ({place}): connect it, or forget it."
        if sr.uuid in self.lost.storage:
            return "Only a server that left the pool was connected to it."
        return "No server is connected to it. Storage can be detached on purpose: then leave it."

    def of_vm(self, vm: VMRecord) -> Iterator[Leftover]:
        why, kind, name = self.diskless(vm), kind_of(vm), vm.name_label or vm.uuid
        if why and vm.ha_restart_priority:
            plan = f"HA is to restart it and cannot: {why[0].lower()}{why[1:]}"
            yield Leftover(kind=LeftKind.HA_PLAN, uuid=vm.uuid, name=name, was="a VM that HA protects", why=plan)
        if vm.power_state == "Suspended" and kind is LeftKind.VM:
            if self.is_lost(vm.suspend_VDI):
                image = "Its memory image is gone: it cannot be resumed, only be started anew."
                yield Leftover(kind=LeftKind.SUSPENDED, uuid=vm.uuid, name=name, was="a suspended VM", why=image)
        elif why and (vm.power_state == "Halted" or kind is LeftKind.SNAPSHOT):
            was = f"a {kind}, with its settings and network cards"
            yield Leftover(kind=kind, uuid=vm.uuid, name=name, was=was, why=why)

    def diskless(self, vm: VMRecord) -> str:
        """Why a VM counts as left without disks; one that never had a disk on storage that went is not."""
        disks = self.disks.get(vm.ref, [])
        if any(not self.is_lost(disk) for disk in disks):
            return ""
        if place := self.lost.elsewhere.get(vm.uuid):
            return f"Its disks are on no record any more, but their data may be there: {place}."
        if vm.uuid in self.lost.vms:
            return "All its disks went with a server that left the pool."
        return "All its drives name disks that are gone." if disks else ""

    def is_lost(self, vdi_ref: str) -> bool:
        """Whether a disk is gone, or lay on a server that left; on a filer that nobody is connected to it is not."""
        vdi = self.pool.vdis.get(vdi_ref)
        sr = self.pool.srs.get(vdi.SR) if vdi else None
        if sr is None:
            return True
        return sr.ref not in self.connected and sr.uuid in self.lost.storage and not place_of(self.pool, sr)

    def recorded(self, kind: LeftKind) -> str:
        """What a setting named, as a removal wrote it down; the last one counts."""
        names = [name for key, name in self.lost.named.items() if key.startswith(f"{kind.name.lower()}:")]
        return names[-1].removeprefix(f"{kind}: ") if names else GONE

    def marked(self, found: Leftover) -> Leftover:
        """Say whose it was, and whether its loss was accepted then."""
        whose = self.lost.whose.get(found.key, "")
        was = f"{found.was}, of {whose}" if whose else found.was
        return replace(found, was=was, accepted=found.key in self.lost.accepted and self.is_final(found))

    def is_final(self, found: Leftover) -> bool:
        """Whether nobody could still bring it back."""
        return found.uuid not in self.lost.elsewhere


def counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def kind_of(vm: VMRecord) -> LeftKind:
    """A snapshot is a template, too, for XAPI."""
    if vm.is_a_snapshot:
        return LeftKind.SNAPSHOT
    return LeftKind.TEMPLATE if vm.is_a_template else LeftKind.VM


def elsewhere(pool: Snapshot, lost: Mapping[str, SRRecord]) -> dict[str, str]:
    """Of these SRs, the VMs that have a disk where its data stays: the place, by the VM's uuid."""
    places = unplugged(pool, lost)
    found: dict[str, str] = {}
    for vbd in pool.vbds.values():
        vdi = pool.vdis.get(vbd.VDI)
        if vdi is not None and vdi.SR in places and vbd.type == "Disk" and vbd.VM in pool.vms:
            found[pool.vms[vbd.VM].uuid] = f"{pool.srs[vdi.SR].name_label}, {places[vdi.SR]}"
    return found


def targets(pool: Snapshot) -> dict[str, str]:
    """The storage that a setting of the pool can name instead: shared, and plugged somewhere; names by uuid."""
    plugged = {pbd.SR for pbd in pool.pbds.values() if pbd.currently_attached and pbd.host in pool.hosts}
    usable = [sr for ref, sr in pool.srs.items() if ref in plugged and sr.shared and not sr.is_tools_sr]
    named = [sr for sr in usable if sr.content_type not in {"iso", "disk"}]
    return {sr.uuid: sr.name_label or sr.uuid for sr in sorted(named, key=lambda sr: sr.name_label)}


def hinted(pool: Snapshot, lost: Lost) -> int:
    """How much seems to be left over, by records without disks: settings, storage of servers that left, and VMs."""
    remains = Remains(pool, lost)
    storage = sum(found.uuid in lost.storage for found in remains.storage())
    vms = sum(vm.uuid in lost.vms and vm.power_state != "Running" for vm in pool.vms.values())
    return sum(1 for _ in remains.settings()) + storage + vms
