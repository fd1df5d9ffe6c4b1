"""What stays in the pool's database and lacks something: VMs without disks, and settings that name lost storage."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pools.forecast.losses.destroyed import drives_of
from pools.forecast.losses.rows import Orphan, OrphanKind
from pools.forecast.wording import listed
from pools.xapi.inventory import Snapshot
from pools.xapi.records import NULL, SRRecord, VDIRecord, VMRecord

Drive = tuple[str, VDIRecord]

SETTINGS: Final = (
    ("default_SR", OrphanKind.DEFAULT_SR, "New disks need another SR from then on: the setting points nowhere."),
    ("suspend_image_SR", OrphanKind.SUSPEND_SR, "VMs that have no SR of their own for it cannot be suspended."),
    ("crash_dump_SR", OrphanKind.CRASH_DUMP_SR, "Crash dumps are not kept any more."),
)


def orphaned(pool: Snapshot, lost: Mapping[str, SRRecord], places: Mapping[str, str]) -> Iterator[Orphan]:
    """VM records stay (xapi_sr.ml, really_forget deletes the disks alone); the pool's settings dangle.

    ``places``: where the data of those of the lost SRs lies that are not erased.
    """
    drives = lost_disks(pool, lost)
    for vm in sorted(pool.vms.values(), key=lambda vm: (vm.name_label, vm.uuid)):
        if not vm.is_control_domain:
            yield from Lacking(pool, vm, drives.get(vm.ref, []), lost, places).rows()
    for name, kind, reason in SETTINGS:
        sr = lost.get(getattr(pool.pool, name))
        if sr is not None:
            yield Orphan(uuid=sr.uuid, kind=kind, name=sr.name_label, reason=reason)


def lost_disks(pool: Snapshot, lost: Mapping[str, SRRecord]) -> dict[str, list[Drive]]:
    """Of each VM, what it loses: the type of its drive, and the disk in it."""
    found: dict[str, list[Drive]] = {}
    for ref, drives in drives_of(pool).items():
        vdi = pool.vdis.get(ref)
        if vdi is None or vdi.SR not in lost:
            continue
        for vbd in drives:
            found.setdefault(vbd.VM, []).append((vbd.type, vdi))
    return found


@dataclass(frozen=True)
class Lacking:
    """One VM, and what it lacks afterwards."""

    pool: Snapshot
    vm: VMRecord
    drives: Sequence[Drive]
    lost: Mapping[str, SRRecord]
    places: Mapping[str, str]

    def rows(self) -> Iterator[Orphan]:
        """Its memory image, its disks, what HA is to do with it, and the discs in its drives."""
        if self.loses_image:
            yield self.row(OrphanKind.SUSPENDED, self.of_image())
        disks = [vdi for kind, vdi in self.drives if kind != "CD"]
        if disks:
            erased = any(vdi.SR not in self.places for vdi in disks)
            row = self.row(kind_of(self.vm), self.of_disks(disks))
            yield replace(row, movable=erased and row.kind is OrphanKind.VM)
            if self.vm.ha_restart_priority:
                yield self.row(OrphanKind.HA_PLAN, "High availability is to restart it, and cannot any more.")
        discs = names([vdi for kind, vdi in self.drives if kind == "CD"])
        if discs:
            yield self.row(OrphanKind.ISO, f"{listed(discs)} leaves its drive, which is empty then.")

    def row(self, kind: OrphanKind, reason: str) -> Orphan:
        return Orphan(uuid=self.vm.uuid, kind=kind, name=self.vm.name_label, reason=reason)

    @property
    def image(self) -> VDIRecord | None:
        return self.pool.vdis.get(self.vm.suspend_VDI) if self.vm.suspend_VDI != NULL else None

    @property
    def loses_image(self) -> bool:
        return self.image is not None and self.image.SR in self.lost and self.vm.power_state == "Suspended"

    def of_image(self) -> str:
        if self.image is not None and self.image.SR in self.places:
            return f"Its memory image stays on {self.places[self.image.SR]}, where the pool finds it no more."
        return "Its memory image is lost: it can only be started anew, as after a power cut."

    def of_disks(self, disks: Sequence[VDIRecord]) -> str:
        """Those that are erased first; those that stay can be given to it again."""
        erased = names([vdi for vdi in disks if vdi.SR not in self.places])
        stay = names([vdi for vdi in disks if vdi.SR in self.places])
        where = listed(sorted({self.places[vdi.SR] for vdi in disks if vdi.SR in self.places}))
        said = [f"It loses {listed(erased)}."] if erased else []
        kept = [f"{listed(stay)} leaves it, and stays on {where}: attach it again there."] if stay else []
        return " ".join(said + kept)


def names(disks: Sequence[VDIRecord]) -> list[str]:
    return sorted(vdi.name_label or vdi.uuid for vdi in disks)


def kind_of(vm: VMRecord) -> OrphanKind:
    """A snapshot is a template, too, for XAPI."""
    if vm.is_a_snapshot:
        return OrphanKind.SNAPSHOT
    return OrphanKind.TEMPLATE if vm.is_a_template else OrphanKind.VM
