"""Free memory of a host, as the monitoring thread keeps it (monitor_mem_host.ml)."""

from simulator.xapi.registry import Call, message
from simulator.xapi.rows import Row, rows


def free_memory(host: Row) -> int:
    """What the host has, less what the VMs that live on it (its control domain too) have taken."""
    resident = rows(host.database, "VM", resident_on=host.ref)
    known = [vm for vm in resident if host.database.has("VM_metrics", vm.text("metrics"))]
    taken = sum(vm.to("metrics", "VM_metrics").number("memory_actual") for vm in known)
    metrics = host.to("metrics", "host_metrics")
    total = metrics.number("memory_total") if host.database.has("host_metrics", metrics.ref) else 0
    return max(0, total - taken)


def refresh_free_memory(host: Row) -> None:
    host.to("metrics", "host_metrics").set(memory_free=free_memory(host))


@message("host", "compute_free_memory")
def host_compute_free_memory(call: Call, host: str) -> int:
    return free_memory(Row(call.host.database, "host", host))
