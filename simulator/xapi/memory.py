"""Free memory of a host, as the monitoring thread keeps it (monitor_mem_host.ml)."""

from simulator.xapi.rows import Row, rows


def refresh_free_memory(host: Row) -> None:
    """What the host has, less what the VMs that live on it (its control domain too) have taken."""
    resident = rows(host.database, "VM", resident_on=host.ref)
    known = [vm for vm in resident if host.database.has("VM_metrics", vm.text("metrics"))]
    taken = sum(vm.to("metrics", "VM_metrics").number("memory_actual") for vm in known)
    metrics = host.to("metrics", "host_metrics")
    metrics.set(memory_free=max(0, metrics.number("memory_total") - taken))
