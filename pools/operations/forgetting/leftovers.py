"""What a forgotten server leaves in the pool's database: storage without a connection, and VMs without disks."""

from dataclasses import dataclass

from pools.operations.context import Context
from pools.operations.removal.leaving import LeavingStep
from pools.operations.step import Differs
from pools.operations.underway import is_underway
from pools.xapi.records import VDIRecord

FORGET = "Async.SR.forget"
DESTROY = "Async.VM.destroy"


@dataclass(frozen=True, kw_only=True)
class LeftoverStep(LeavingStep):
    """A record that is of no use any more; other lanes and leftovers go on without it."""

    uuid: str
    name: str

    @property
    def parks(self) -> bool:
        return True


@dataclass(frozen=True, kw_only=True)
class ForgetLeftStorage(LeftoverStep):
    """SR.forget of storage to which no server is connected: the records go, no data is touched (xapi_sr.ml)."""

    @property
    def title(self) -> str:
        return f"Forget the storage {self.name} of {self.host_name}"

    @property
    def call(self) -> str:
        return f"{FORGET}({self.name}, {self.uuid}) on {self.coordinator_name}"

    @property
    def xe(self) -> str:
        return self.command("sr-forget", {"uuid": self.uuid})

    def verify(self, ctx: Context) -> bool:
        return ctx.pool().found("SR", self.uuid) is None

    def run(self, ctx: Context) -> None:
        """Its connection is collected within half a minute (db_gc_util.ml); another server's forbids it."""
        xapi = ctx.pool()
        sr = xapi.ref_of("SR", self.uuid)
        snapshot = self.snapshot(ctx, "host", "pbd")
        connected = {pbd.host for pbd in snapshot.pbds.values() if sr == pbd.SR} & set(snapshot.hosts)
        if connected:
            names = ", ".join(sorted(snapshot.hosts[ref].name_label for ref in connected))
            raise Differs("XENWEB_STORAGE_IN_USE", (self.name, names))
        while any(sr == pbd.SR for pbd in self.snapshot(ctx, "pbd").pbds.values()):
            ctx.notes.waiting_for(f"Waiting until the pool has let the connection of {self.name} go")
            ctx.pause(1.0)
        ctx.follow(xapi, xapi.sr_forget(sr))

    def may_repeat(self, ctx: Context) -> bool:
        """No such call is under way, and the storage is still there."""
        return not is_underway(ctx.pool(), FORGET) and not self.verify(ctx)


@dataclass(frozen=True, kw_only=True)
class RemoveLeftVM(LeftoverStep):
    """VM.destroy of a halted VM all of whose disks are gone."""

    @property
    def title(self) -> str:
        return f"Remove the record of the VM {self.name}"

    @property
    def call(self) -> str:
        return f"{DESTROY}({self.name}, {self.uuid}) on {self.coordinator_name}"

    @property
    def xe(self) -> str:
        return self.command("vm-destroy", {"uuid": self.uuid})

    def verify(self, ctx: Context) -> bool:
        return ctx.pool().found("VM", self.uuid) is None

    def run(self, ctx: Context) -> None:
        """A VM that got a disk meanwhile, or runs, is somebody's."""
        xapi = ctx.pool()
        ref = xapi.ref_of("VM", self.uuid)
        snapshot = self.snapshot(ctx, "vm", "vbd", "vdi")
        if snapshot.vms[ref].power_state != "Halted" or self.disks(ctx, ref):
            raise Differs("XENWEB_VM_IN_USE", (self.name,))
        ctx.follow(xapi, xapi.vm_destroy(ref))

    def disks(self, ctx: Context, vm: str) -> list[VDIRecord]:
        """Its disks on storage that some server is connected to."""
        snapshot = self.snapshot(ctx, "host", "vbd", "vdi", "pbd")
        connected = {pbd.SR for pbd in snapshot.pbds.values() if pbd.host in snapshot.hosts}
        mine = [snapshot.vdis[vbd.VDI] for vbd in snapshot.vbds.values() if vm == vbd.VM and vbd.VDI in snapshot.vdis]
        return [vdi for vdi in mine if vdi.SR in connected]

    def may_repeat(self, ctx: Context) -> bool:
        """No such call is under way, and the record is still there."""
        return not is_underway(ctx.pool(), DESTROY) and not self.verify(ctx)
