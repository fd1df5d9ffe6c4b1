"""Which storage goes with a server, and every disk on it (xapi_pool.ml, eject_self; xapi_sr.ml, really_forget)."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from pools.forecast.losses.rows import UNKNOWN_TO_XAPI, Disk
from pools.xapi.inventory import Snapshot
from pools.xapi.records import NULL, SRRecord, VBDRecord, VDIRecord, VMRecord

NEVER: Final = "1970"  # what XAPI says of a moment that never was begins so
KINDS: Final[Mapping[str, str]] = {
    "suspend": "suspend image",
    "crashdump": "crash dump",
    "ha_statefile": "HA heartbeat",
    "metadata": "metadata",
    "redo_log": "redo log",
    "rrd": "statistics",
    "cbt_metadata": "change tracking",
}


def own_storage(pool: Snapshot, host_uuid: str, gone: Collection[str] = ()) -> dict[str, SRRecord]:
    """The SRs with one PBD alone, this server's: shared or not, XAPI forgets them with it.

    What was connected to a server that left before counts no more.
    """
    left = {host.ref for host in pool.hosts.values() if host.uuid in gone}
    connected: dict[str, list[str]] = {}
    for pbd in pool.pbds.values():
        if pbd.host not in left:
            connected.setdefault(pbd.SR, []).append(pbd.host)
    host = pool.host(host_uuid)
    mine = [host.ref] if host else []
    return {ref: pool.srs[ref] for ref, hosts in connected.items() if hosts == mine and ref in pool.srs}


def destroyed(pool: Snapshot, lost: Mapping[str, SRRecord]) -> Iterator[Disk]:
    """Every VDI on that storage, the biggest first; physical drives and their discs are not erased by a reboot."""
    erased = {ref: sr for ref, sr in lost.items() if sr.type != "udev"}
    vdis = [vdi for vdi in pool.vdis.values() if vdi.SR in erased]
    drives = drives_of(pool)
    for vdi in sorted(vdis, key=lambda vdi: (-vdi.virtual_size, vdi.name_label, vdi.uuid)):
        yield disk_of(pool, vdi, erased[vdi.SR], drives.get(vdi.ref, ()))


def drives_of(pool: Snapshot) -> dict[str, list[VBDRecord]]:
    """The drives of VMs by the disk in them."""
    found: dict[str, list[VBDRecord]] = {}
    for vbd in pool.vbds.values():
        if vbd.VDI != NULL and vbd.VM in pool.vms:
            found.setdefault(vbd.VDI, []).append(vbd)
    return found


def disk_of(pool: Snapshot, vdi: VDIRecord, sr: SRRecord, drives: Collection[VBDRecord]) -> Disk:
    vms = [pool.vms[vbd.VM] for vbd in drives] + [vm for vm in pool.vms.values() if vm.suspend_VDI == vdi.ref]
    parent = pool.vdis.get(vdi.snapshot_of)
    why_not = immovable(vdi, sr)
    return Disk(
        uuid=vdi.uuid,
        name_label=vdi.name_label,
        sr_uuid=sr.uuid,
        sr_name=sr.name_label,
        virtual_size=vdi.virtual_size,
        physical_utilisation=vdi.physical_utilisation,
        kind=kind_of(vdi, sr),
        vms=tuple(sorted({vm.uuid: vm.name_label for vm in vms}.items(), key=lambda item: item[1])),
        snapshot_of=(parent.name_label or parent.uuid) if parent else "",
        last_known=last_known(pool, vdi, vms),
        movable=not why_not,
        in_use=any(vbd.currently_attached for vbd in drives),
        why_not=why_not,
    )


def kind_of(vdi: VDIRecord, sr: SRRecord) -> str:
    if sr.content_type == "iso":
        return "ISO"
    return KINDS.get(vdi.type, "snapshot" if vdi.is_a_snapshot else "disk")


def immovable(vdi: VDIRecord, sr: SRRecord) -> str:
    """Why it cannot be copied to other storage; empty when it can."""
    if sr.content_type == "iso":
        return "XAPI copies no ISO images between libraries."
    if vdi.is_a_snapshot:
        return "A snapshot does not move without its disk; export it, or make a VM of it first."
    if vdi.type in KINDS:
        return "It belongs to the pool’s own work, and is made again where it is needed."
    return ""


def last_known(pool: Snapshot, vdi: VDIRecord, vms: Collection[VMRecord]) -> str:
    """XAPI keeps no moment of a disk's last change: of a snapshot when it was taken, else when its VM last started."""
    if vdi.is_a_snapshot and was(vdi.snapshot_time):
        return f"taken {moment(vdi.snapshot_time)}"
    running = [vm.name_label for vm in vms if vm.power_state == "Running"]
    if running:
        return f"in use now by {running[0]}"
    started = [pool.vm_metrics[vm.metrics].start_time for vm in vms if vm.metrics in pool.vm_metrics]
    known = [time for time in started if was(time)]
    return f"its VM last started {moment(max(known))}" if known else UNKNOWN_TO_XAPI


def was(time: str) -> bool:
    """Whether XAPI knows the moment."""
    return bool(time) and not time.startswith(NEVER)


def moment(text: str) -> str:
    """Write XAPI's ``20260131T12:30:00Z`` as people do; anything else as it came."""
    day, _, time = text.partition("T")
    digits = day.replace("-", "")
    if len(digits) != len("20260131") or not digits.isdigit():
        return text[:40]
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]} {time[:5]} UTC"
