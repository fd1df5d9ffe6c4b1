"""A VM whose domain is gone, whatever its row says (xapi_vm.ml: power_state_reset)."""

from simulator.xapi.host.memory import refresh_free_memory
from simulator.xapi.operations_refresh import refresh_vm
from simulator.xapi.rows import NULL, Row, rows

GONE_WITH_THE_HOST = ("Running", "Paused")


def reset(vm: Row) -> None:
    """Halted, nowhere resident, nothing of it attached."""
    for name, cls in (("VIFs", "VIF"), ("VBDs", "VBD")):
        for device in vm.all(name, cls):
            if vm.database.has(cls, device.ref):
                device.set(currently_attached=False)
    metrics, host = vm.to("metrics", "VM_metrics"), vm.to("resident_on", "host")
    if vm.database.has("VM_metrics", metrics.ref):
        metrics.set(memory_actual=0)
    vm.set(power_state="Halted", resident_on=NULL, domid=-1, current_operations={})
    if vm.database.has("host", host.ref):
        refresh_free_memory(host)
    refresh_vm(vm)


def resident_guests(host: Row) -> list[Row]:
    """VMs that the database says are here, without the control domain."""
    return list(rows(host.database, "VM", resident_on=host.ref, is_control_domain=False))


def reset_after_boot(host: Row) -> None:
    """A server that has booted runs no domain from before."""
    for vm in resident_guests(host):
        if vm.text("power_state") in GONE_WITH_THE_HOST:
            reset(vm)
