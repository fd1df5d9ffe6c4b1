"""A VM whose domain is gone, whatever its row says (xapi_vm.ml: power_state_reset)."""

from simulator.xapi.rows import NULL, Row, rows

GONE_WITH_THE_HOST = ("Running", "Paused")


def reset(vm: Row) -> None:
    """Halted, nowhere resident, nothing of it attached."""
    for name, cls in (("VIFs", "VIF"), ("VBDs", "VBD")):
        for device in vm.all(name, cls):
            if vm.database.has(cls, device.ref):
                device.set(currently_attached=False)
    vm.set(power_state="Halted", resident_on=NULL, domid=-1, current_operations={})


def resident_guests(host: Row) -> list[Row]:
    """VMs that the database says are here, without the control domain."""
    return list(rows(host.database, "VM", resident_on=host.ref, is_control_domain=False))


def reset_after_boot(host: Row) -> None:
    """A server that has booted runs no domain from before."""
    for vm in resident_guests(host):
        if vm.text("power_state") in GONE_WITH_THE_HOST:
            reset(vm)
