"""What stays in the pool's database and lacks something: VMs without disks, and settings that name lost storage."""

from collections.abc import Iterator, Mapping
from typing import Final

from pools.forecast.losses.destroyed import drives_of
from pools.forecast.losses.rows import Orphan, OrphanKind
from pools.forecast.wording import listed
from pools.xapi.inventory import Snapshot
from pools.xapi.records import NULL, SRRecord, VMRecord

SETTINGS: Final = (
    ("default_SR", OrphanKind.DEFAULT_SR, "New disks need another SR from then on: the setting points nowhere."),
    ("suspend_image_SR", OrphanKind.SUSPEND_SR, "VMs that have no SR of their own for it cannot be suspended."),
    ("crash_dump_SR", OrphanKind.CRASH_DUMP_SR, "Crash dumps are not kept any more."),
)


def orphaned(pool: Snapshot, lost: Mapping[str, SRRecord]) -> Iterator[Orphan]:
    """VM records stay (xapi_sr.ml, really_forget deletes the disks alone); the pool's settings dangle."""
    disks = lost_disks(pool, lost)
    for vm in sorted(pool.vms.values(), key=lambda vm: (vm.name_label, vm.uuid)):
        if not vm.is_control_domain:
            yield from about(pool, vm, disks.get(vm.ref, []), lost)
    for name, kind, reason in SETTINGS:
        sr = lost.get(getattr(pool.pool, name))
        if sr is not None:
            yield Orphan(uuid=sr.uuid, kind=kind, name=sr.name_label, reason=reason)


def lost_disks(pool: Snapshot, lost: Mapping[str, SRRecord]) -> dict[str, list[tuple[str, str]]]:
    """Of each VM, what it loses: the type of its drive, and the disk's name."""
    found: dict[str, list[tuple[str, str]]] = {}
    for ref, drives in drives_of(pool).items():
        vdi = pool.vdis.get(ref)
        if vdi is None or vdi.SR not in lost:
            continue
        for vbd in drives:
            found.setdefault(vbd.VM, []).append((vbd.type, vdi.name_label or vdi.uuid))
    return found


def about(pool: Snapshot, vm: VMRecord, loses: list[tuple[str, str]], lost: Mapping[str, SRRecord]) -> Iterator[Orphan]:
    """What one VM lacks afterwards."""
    disks = sorted(name for kind, name in loses if kind != "CD")
    discs = sorted(name for kind, name in loses if kind == "CD")
    image = pool.vdis.get(vm.suspend_VDI) if vm.suspend_VDI != NULL else None
    if image is not None and image.SR in lost and vm.power_state == "Suspended":
        reason = "Its memory image is lost: it can only be started anew, as after a power cut."
        yield Orphan(uuid=vm.uuid, kind=OrphanKind.SUSPENDED, name=vm.name_label, reason=reason)
    if disks:
        yield Orphan(uuid=vm.uuid, kind=kind_of(vm), name=vm.name_label, reason=f"It loses {listed(disks)}.")
        if vm.ha_restart_priority:
            reason = "High availability is to restart it, and cannot any more."
            yield Orphan(uuid=vm.uuid, kind=OrphanKind.HA_PLAN, name=vm.name_label, reason=reason)
    if discs:
        reason = f"{listed(discs)} leaves its drive, which is empty then."
        yield Orphan(uuid=vm.uuid, kind=OrphanKind.ISO, name=vm.name_label, reason=reason)


def kind_of(vm: VMRecord) -> OrphanKind:
    """A snapshot is a template, too, for XAPI."""
    if vm.is_a_snapshot:
        return OrphanKind.SNAPSHOT
    return OrphanKind.TEMPLATE if vm.is_a_template else OrphanKind.VM
