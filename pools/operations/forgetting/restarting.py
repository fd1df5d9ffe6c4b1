"""What ran on a dead server runs elsewhere: VM.start of a VM that declare_dead has set to halted (xapi_vm.ml)."""

from collections.abc import Sequence
from dataclasses import dataclass

from pools.operations.context import Context
from pools.operations.forgetting.declaring import DeadStep
from pools.operations.underway import is_underway
from pools.xapi.records import VMRecord

START = "Async.VM.start"


@dataclass(frozen=True, kw_only=True)
class StartElsewhere(DeadStep):
    """Async.VM.start: XAPI chooses the server. One that refuses holds up neither the other VMs nor the forgetting."""

    vm_uuid: str
    vm_name: str

    @property
    def lane(self) -> str:
        return self.vm_uuid

    @property
    def parks(self) -> bool:
        return True

    @property
    def title(self) -> str:
        return f"Start {self.vm_name} on another server"

    @property
    def call(self) -> str:
        return f"{START}({self.vm_name}, {self.vm_uuid}) on {self.coordinator_name}"

    @property
    def xe(self) -> str:
        return self.command("vm-start", {"uuid": self.vm_uuid})

    @property
    def interruption(self) -> str:
        danger = f"If it still runs on {self.host_name}, its disks are destroyed."
        return f"{self.vm_name} boots as after a power cut. {danger}"

    @property
    def expected_seconds(self) -> float:
        return 10.0

    @property
    def look_at(self) -> Sequence[str]:
        tool = f"“/opt/xensource/sm/resetvdis.py {self.host_uuid} <uuid of the storage>”"
        return (
            f"{self.coordinator_name}: “xe vm-list uuid={self.vm_uuid} params=power-state,resident-on”.",
            f"{self.coordinator_name}: “xe vm-param-get uuid={self.vm_uuid} param-name=possible-hosts”.",
            f"{self.coordinator_name}: a disk is said to be attached elsewhere? {tool} frees it, with the server off.",
        )

    def verify(self, ctx: Context) -> bool:
        """It runs, and not where nobody can see whether it does."""
        snapshot = self.snapshot(ctx, "host", "vm")
        vm = next((vm for vm in snapshot.vms.values() if vm.uuid == self.vm_uuid), None)
        host = snapshot.hosts.get(vm.resident_on) if vm else None
        if vm is None or vm.power_state != "Running" or host is None or host.uuid == self.host_uuid:
            ctx.notes.missing = f"{self.vm_name} does not run."
            return False
        ctx.notes.proved = f"{self.vm_name} runs on {host.name_label}."
        return True

    def run(self, ctx: Context) -> None:
        xapi = ctx.pool()
        ctx.follow(xapi, xapi.vm_start(xapi.ref_of("VM", self.vm_uuid)))

    def may_repeat(self, ctx: Context) -> bool:
        """It is halted, and no start is under way: the call did not happen."""
        found = ctx.pool().found("VM", self.vm_uuid)
        vm = VMRecord.from_wire(*found) if found else None
        halted = vm is not None and vm.power_state == "Halted" and not vm.current_operations
        return halted and not is_underway(ctx.pool(), START)
