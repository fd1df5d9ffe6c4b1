"""A disk moves to storage that stays: live where its VM runs, otherwise as a copy that takes its place."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from pools.checks.finding import listed
from pools.operations.context import Context
from pools.operations.removal.leaving import LeavingStep
from pools.operations.step import Differs
from pools.xapi.calls.building import MARK
from pools.xapi.gateway import Xapi
from pools.xapi.inventory import Snapshot
from pools.xapi.records import VBDRecord, VDIRecord

CLASSES: Final = ("host", "vm", "sr", "vdi", "vbd")
REFERENCE: Final = re.compile(r"OpaqueRef:[0-9A-Za-z-]{1,60}")
GIB: Final = 1024**3


@dataclass(frozen=True, kw_only=True)
class MoveDisk(LeavingStep):
    """VDI.pool_migrate of a running VM's disk; else VDI.copy, the VMs' drives made anew, and the old disk destroyed.

    ``drives``: how the disk stands in its VMs; kept with the plan, for a drive is destroyed before it is made again.
    """

    vdi_uuid: str
    vdi_name: str
    size: int
    sr_uuid: str
    sr_name: str
    drives: Sequence[Mapping[str, str]]

    @property
    def title(self) -> str:
        return f"Move the disk {self.vdi_name or self.vdi_uuid} to {self.sr_name}"

    @property
    def call(self) -> str:
        how = "Async.VDI.pool_migrate, or Async.VDI.copy · VBD.create · Async.VDI.destroy"
        return f"{how} ({self.vdi_uuid} to {self.sr_name}) on {self.coordinator_name}"

    @property
    def xe(self) -> str:
        return self.command("vdi-pool-migrate", {"uuid": self.vdi_uuid, "sr-uuid": self.sr_uuid})

    @property
    def expected_seconds(self) -> float:
        """As fast as a slow network: 50 MiB a second."""
        return max(10.0, self.size / (50 * 1024**2))

    @property
    def patience(self) -> float:
        """The bigger the disk, the longer nobody is asked."""
        return super().patience * (1 + self.expected_seconds / 60)

    @property
    def interruption(self) -> str:
        names = listed(sorted({drive["vm_name"] for drive in self.drives}))
        size = f"{self.size / GIB:.1f} GiB are copied."
        return f"{size} A running VM goes on meanwhile; a halted one must not be started: {names}." if names else size

    @property
    def look_at(self) -> Sequence[str]:
        return (
            f"{self.coordinator_name}: “xe vdi-list uuid={self.vdi_uuid}”: is it still there, and on which SR?",
            f"{self.coordinator_name}: “xe vbd-list vdi-uuid=…” of the copy on {self.sr_name}.",
        )

    def verify(self, ctx: Context) -> bool:
        """The old disk is gone, and in each VM's drive is one on the storage that it was to move to."""
        snapshot = self.snapshot(ctx, *CLASSES)
        if self.source(snapshot) is not None:
            ctx.notes.missing = f"{self.vdi_name} is still on the server’s own storage."
            return False
        lacking = [drive["vm_name"] for drive in self.drives if not self.stands(snapshot, drive)]
        ctx.notes.missing = f"Without this disk: {listed(lacking)}." if lacking else ""
        return not lacking

    def source(self, snapshot: Snapshot) -> VDIRecord | None:
        return next((vdi for vdi in snapshot.vdis.values() if vdi.uuid == self.vdi_uuid), None)

    def stands(self, snapshot: Snapshot, drive: Mapping[str, str]) -> bool:
        """Whether there is a disk of the chosen storage in a VM's drive; a VM that is gone needs none."""
        vm = next((vm for vm in snapshot.vms.values() if vm.uuid == drive["vm"]), None)
        vbd = drive_of(snapshot, drive)
        vdi = snapshot.vdis.get(vbd.VDI) if vbd else None
        return vm is None or (vdi is not None and self.is_target(snapshot, vdi))

    def is_target(self, snapshot: Snapshot, vdi: VDIRecord) -> bool:
        return vdi.SR in snapshot.srs and snapshot.srs[vdi.SR].uuid == self.sr_uuid

    def run(self, ctx: Context) -> None:
        xapi, snapshot = ctx.pool(), self.snapshot(ctx, *CLASSES)
        source = self.source(snapshot)
        if source is not None and any(vbd.currently_attached for vbd in drives_with(snapshot, source.ref)):
            ctx.follow(xapi, xapi.vdi_pool_migrate(source.ref, xapi.ref_of("SR", self.sr_uuid)))
            return
        copy = self.marked(ctx, source) or self.copied(ctx, source)
        if not copy:
            return
        for drive in self.drives:
            self.relink(ctx, drive, copy)
        self.finish(ctx, source, copy)

    def copied(self, ctx: Context, source: VDIRecord | None) -> str:
        """Copy it, and mark the copy so that it is found again; nothing when no reply came."""
        if source is None:
            raise Differs("XENWEB_DISK_GONE", (self.vdi_name or self.vdi_uuid,))
        xapi = ctx.pool()
        ended = ctx.follow(xapi, xapi.vdi_copy(source.ref, xapi.ref_of("SR", self.sr_uuid)))
        found = REFERENCE.search(ended.result) if ended else None
        if found is None:
            return ""
        made = Copy(disk=self.vdi_uuid, operation=str(ctx.operation.pk), at=xapi.clock().isoformat())
        xapi.vdi_add_to_other_config(found[0], MARK, made.mark)
        return found[0]

    def marked(self, ctx: Context, source: VDIRecord | None) -> str:
        """The copy that an earlier attempt of this operation made.

        One that no VM has yet is of no use, and goes, when a VM with the disk was started since: it wrote to the old
        one. One that stands in a VM already is the disk.
        """
        xapi, snapshot = ctx.pool(), self.snapshot(ctx, *CLASSES, "vm_metrics")
        for ref, made in copies(xapi):
            vdi = snapshot.vdis.get(ref)
            if (made.disk, made.operation) != (self.vdi_uuid, str(ctx.operation.pk)):
                continue
            if vdi is None or not self.is_target(snapshot, vdi):
                continue
            if source is None or drives_with(snapshot, ref) or not written_since(snapshot, source, made.at):
                return ref
            ctx.follow(xapi, xapi.vdi_destroy(ref))
        return ""

    def relink(self, ctx: Context, drive: Mapping[str, str], copy: str) -> None:
        """Make the drive anew with the copy in it: XAPI has no way to change the disk of a drive."""
        snapshot, xapi = self.snapshot(ctx, *CLASSES), ctx.pool()
        vm = next((vm for vm in snapshot.vms.values() if vm.uuid == drive["vm"]), None)
        vbd = drive_of(snapshot, drive)
        if vm is None or (vbd is not None and copy == vbd.VDI):
            return
        if vbd is not None:
            xapi.vbd_destroy(vbd.ref)
        xapi.vbd_create(vm.ref, copy, drive)

    def finish(self, ctx: Context, source: VDIRecord | None, copy: str) -> None:
        """The old disk goes only when the copy is as big, and stands where it stood."""
        snapshot, xapi = self.snapshot(ctx, *CLASSES), ctx.pool()
        made = snapshot.vdis.get(copy)
        whole = made is not None and made.virtual_size >= self.size
        if not whole or not all(self.stands(snapshot, drive) for drive in self.drives):
            raise Differs("XENWEB_COPY_NOT_WHOLE", (self.vdi_name or self.vdi_uuid, self.sr_name))
        if source is not None:
            ctx.follow(xapi, xapi.vdi_destroy(source.ref))


@dataclass(frozen=True, kw_only=True)
class Copy:
    """What a copy is marked with: of which disk, for which operation, and when it was made by the pool's clock."""

    disk: str
    operation: str = ""
    at: str = ""

    @property
    def mark(self) -> str:
        return f"{self.disk} {self.operation} {self.at}"


def copies(xapi: Xapi) -> Iterator[tuple[str, Copy]]:
    """Every disk that was made by us as a copy, by reference."""
    for ref, wire in xapi.records("vdi").items():
        config = wire.get("other_config")
        parts = str(config.get(MARK, "")).split() if isinstance(config, dict) else []
        if len(parts) == len(fields(Copy)):
            yield ref, Copy(disk=parts[0], operation=parts[1], at=parts[2])


def written_since(snapshot: Snapshot, source: VDIRecord, at: str) -> bool:
    """Whether a VM that has the disk was started after that moment; an unreadable one counts as started."""
    for vbd in drives_with(snapshot, source.ref):
        metrics = snapshot.vm_metrics.get(snapshot.vms[vbd.VM].metrics)
        try:
            if metrics is None or datetime.fromisoformat(metrics.start_time) >= datetime.fromisoformat(at):
                return True
        except (ValueError, TypeError):
            return True
    return False


def drives_with(snapshot: Snapshot, vdi: str) -> list[VBDRecord]:
    return [vbd for vbd in snapshot.vbds.values() if vdi == vbd.VDI and vbd.VM in snapshot.vms]


def drive_of(snapshot: Snapshot, drive: Mapping[str, str]) -> VBDRecord | None:
    """The drive of this VM at this place."""
    return next(
        (
            vbd
            for vbd in snapshot.vbds.values()
            if vbd.userdevice == drive["userdevice"]
            and vbd.VM in snapshot.vms
            and snapshot.vms[vbd.VM].uuid == drive["vm"]
        ),
        None,
    )


def described(snapshot: Snapshot, vdi: str) -> Iterator[dict[str, str]]:
    """How a disk stands in its VMs, for the plan."""
    for vbd in drives_with(snapshot, vdi):
        vm = snapshot.vms[vbd.VM]
        yield {
            "vm": vm.uuid,
            "vm_name": vm.name_label,
            "userdevice": vbd.userdevice,
            "bootable": str(vbd.bootable).lower(),
            "mode": vbd.mode,
            "type": vbd.type,
            "unpluggable": str(vbd.unpluggable).lower(),
        }
