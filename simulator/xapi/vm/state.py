"""How a VM comes to life, moves and ends: its rows, its memory and its devices follow (xapi_xenops.ml)."""

from simulator.xapi.host.memory import free_memory, refresh_free_memory
from simulator.xapi.operations_refresh import refresh_vm
from simulator.xapi.rows import NULL, Row, first
from simulator.xapi.storage.disks import throw_away
from simulator.xapi.vm.place import is_hvm
from simulator.xapi.vm.reset import reset


def start_on(vm: Row, host: Row, state: str = "Running") -> None:
    """A fresh domain: it takes memory and the pool's CPU level of this moment."""
    vm.set(power_state=state, resident_on=host.ref, domid=_next_domain(host), last_boot_CPU_flags=boot_flags(vm))
    _attach(vm, attached=True)
    _squeeze_in(vm, host)
    refresh_vm(vm)


def boot_flags(vm: Row) -> dict[str, str]:
    """What a VM that starts now will remember of the pool's CPUs (cpuid_helpers.ml: next_boot_cpu_features)."""
    pool = first(vm.database, "pool")
    info = pool.mapping("cpu_info") if pool else {}
    key = "features_hvm_host" if is_hvm(vm) else "features_pv_host"
    return {"vendor": info.get("vendor", ""), "features": info.get(key, "")}


def resume_on(vm: Row, host: Row, state: str = "Running") -> None:
    """From its image: it keeps the CPU that it was started with."""
    image = vm.to("suspend_VDI", "VDI")
    vm.set(power_state=state, resident_on=host.ref, domid=_next_domain(host), suspend_VDI=NULL)
    if vm.database.has("VDI", image.ref):
        throw_away(image)
    _attach(vm, attached=True)
    _squeeze_in(vm, host)
    refresh_vm(vm)


def stop(vm: Row) -> None:
    """Halted; the image of a suspended VM is thrown away."""
    image = vm.to("suspend_VDI", "VDI")
    operations = vm.mapping("current_operations")
    reset(vm)
    vm.set(suspend_VDI=NULL, current_operations=operations)
    if vm.database.has("VDI", image.ref):
        throw_away(image)


def suspend_to(vm: Row, image: Row) -> None:
    host = vm.to("resident_on", "host")
    vm.set(power_state="Suspended", resident_on=NULL, domid=-1, suspend_VDI=image.ref)
    _free(vm, host)


def move(vm: Row, target: Row) -> None:
    """Live migration: nothing changes but the place (pool_migrate)."""
    source = vm.to("resident_on", "host")
    vm.set(resident_on=target.ref, domid=_next_domain(target))
    _squeeze_in(vm, target)
    if vm.database.has("host", source.ref):
        refresh_free_memory(source)
    refresh_vm(vm)


def _free(vm: Row, host: Row) -> None:
    _take_memory(vm, 0)
    if vm.database.has("host", host.ref):
        refresh_free_memory(host)
    refresh_vm(vm)


def _squeeze_in(vm: Row, host: Row) -> None:
    """It gets what is there between its two dynamic limits."""
    _take_memory(vm, 0)
    most, least = vm.number("memory_dynamic_max"), vm.number("memory_dynamic_min")
    _take_memory(vm, max(least, min(most, free_memory(host))))
    refresh_free_memory(host)


def _take_memory(vm: Row, size: int) -> None:
    metrics = vm.to("metrics", "VM_metrics")
    if vm.database.has("VM_metrics", metrics.ref):
        metrics.set(memory_actual=size)


def _attach(vm: Row, *, attached: bool) -> None:
    for name, cls in (("VBDs", "VBD"), ("VIFs", "VIF")):
        for device in vm.all(name, cls):
            device.set(currently_attached=attached)


def _next_domain(host: Row) -> int:
    return 1 + max((vm.number("domid") for vm in host.all("resident_VMs", "VM")), default=0)
