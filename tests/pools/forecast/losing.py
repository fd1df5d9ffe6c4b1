"""What a pool and a server of the simulated world really lose: read before an eject, and compared afterwards."""

from dataclasses import dataclass

from pools.forecast import cpuid
from pools.forecast.losses import Losses, losses_of
from pools.forecast.losses import OrphanKind as Kind
from pools.xapi.gateway import WITH_DISKS, open_session
from pools.xapi.inventory import Snapshot
from pools.xapi.records import NULL, VDIRecord, VMRecord
from simulator.world.disks import contents
from simulator.world.host import HostMachine
from simulator.xapi.rows import Row
from tests.pools.connected import reach
from tests.simulator.rpc import Rpc
from tests.simulator.waiting import until

SETTINGS = {"default_SR": Kind.DEFAULT_SR, "suspend_image_SR": Kind.SUSPEND_SR, "crash_dump_SR": Kind.CRASH_DUMP_SR}
Lost = set[tuple[Kind, str]]


def read(host: HostMachine) -> Snapshot:
    with open_session(*reach(host)) as xapi:
        return Snapshot.from_wire(xapi.snapshot(WITH_DISKS))


def eject(coordinator: HostMachine, leaver: HostMachine) -> None:
    """Halt what runs there, whatever it is busy with, and eject; wait until the pool has collected the rest."""
    rpc = Rpc(coordinator)
    ref = rpc.ref("host.get_by_uuid", leaver.uuid)
    for vm, row in coordinator.database.records("VM").items():
        if row["resident_on"] == ref and not row["is_control_domain"] and row["power_state"] != "Halted":
            Row(coordinator.database, "VM", vm).set(power_state="Halted", resident_on=NULL)
    rpc.call("pool.eject", ref)
    until(lambda: all(row["host"] != ref for row in coordinator.database.records("PBD").values()))
    until(lambda: leaver.up and leaver.role == "master" and leaver.database is not coordinator.database)


def uuids(rows: dict[str, dict[str, object]]) -> set[str]:
    return {str(row["uuid"]) for row in rows.values()}


def pool_of(coordinator: HostMachine) -> dict[str, object]:
    (pool,) = coordinator.database.records("pool").values()
    return pool


def processor_level(coordinator: HostMachine) -> cpuid.Words:
    info = pool_of(coordinator)["cpu_info"]
    assert isinstance(info, dict)
    level = cpuid.parse(str(info["features_hvm_host"]))
    assert level is not None
    return level


@dataclass(frozen=True, kw_only=True)
class Departure:
    """One server that has left: what was foretold, the pool as it was, and what it is now.

    ``disks``: what lay on the server's own disks before, by uuid, and does so no more. ``levels``: the processor level
    that the pool had, and the one it has.
    """

    foretold: Losses
    before: Snapshot
    after: Snapshot
    disks: set[str]
    levels: tuple[cpuid.Words, cpuid.Words] = ((), ())

    @classmethod
    def of(cls, coordinator: HostMachine, leaver: HostMachine) -> "Departure":
        """Let it leave."""
        before, level, there = read(coordinator), processor_level(coordinator), lying_on(leaver)
        foretold = losses_of(before, leaver.uuid)
        eject(coordinator, leaver)
        levels = (level, processor_level(coordinator))
        disks = there - lying_on(leaver)
        return cls(foretold=foretold, before=before, after=read(coordinator), disks=disks, levels=levels)

    @property
    def gone(self) -> set[str]:
        """The VDIs that the pool has no more, but for the discs in the server's drives."""
        there = {vdi.uuid for vdi in self.after.vdis.values()}
        held = [vdi for vdi in self.before.vdis.values() if self.before.srs[vdi.SR].type != "udev"]
        return {vdi.uuid for vdi in held} - there

    @property
    def forgotten(self) -> set[str]:
        """The SRs that the pool has no more."""
        return {sr.uuid for sr in self.before.srs.values()} - {sr.uuid for sr in self.after.srs.values()}

    def orphans(self) -> Lost:
        """The records that lack something they had."""
        left = {vm.uuid for vm in self.after.vms.values()}
        guests = [vm for vm in self.before.vms.values() if vm.uuid in left and not vm.is_control_domain]
        return {row for vm in guests for row in self.of_vm(vm)} | self.settings()

    def of_vm(self, vm: VMRecord) -> Lost:
        drives = [vbd for vbd in self.before.vbds.values() if vm.ref == vbd.VM and self.is_gone(vbd.VDI)]
        found: Lost = {(Kind.ISO, vm.uuid)} if any(vbd.type == "CD" for vbd in drives) else set()
        if any(vbd.type != "CD" for vbd in drives):
            kind = Kind.SNAPSHOT if vm.is_a_snapshot else Kind.TEMPLATE if vm.is_a_template else Kind.VM
            found |= {(kind, vm.uuid)} | ({(Kind.HA_PLAN, vm.uuid)} if vm.ha_restart_priority else set())
        return found | ({(Kind.SUSPENDED, vm.uuid)} if self.is_gone(vm.suspend_VDI) else set())

    def is_gone(self, vdi: str) -> bool:
        return self.before.vdis.get(vdi, VDIRecord(ref=NULL)).uuid in self.gone

    def settings(self) -> Lost:
        """The pool's settings that point nowhere."""
        old, pool = self.before.srs, self.after.pool
        named = {kind: old[getattr(pool, name)].uuid for name, kind in SETTINGS.items() if getattr(pool, name) in old}
        return {(kind, uuid) for kind, uuid in named.items() if uuid in self.forgotten}


def lying_on(machine: HostMachine) -> set[str]:
    """The VDIs on a server's own disks."""
    return {vdi for held in contents(machine).values() for vdi in held}
