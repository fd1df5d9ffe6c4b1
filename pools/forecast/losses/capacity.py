"""Whether the servers that stay can carry what runs: memory by VM, biggest first; a forecast, not XAPI's own plan."""

from collections.abc import Collection, Mapping, Sequence

from pools.forecast.losses.rows import Capacity, ServerMemory
from pools.xapi.inventory import Snapshot
from pools.xapi.records import HostMetricsRecord, HostRecord, VMRecord

Need = tuple[int, str]


def capacity_of(pool: Snapshot, host_uuid: str, gone: Collection[str] = ()) -> Capacity:
    """Compare the memory before and after; of servers that left before only their VMs count: they run on elsewhere."""
    there = [host for host in pool.hosts.values() if host.uuid not in gone]
    stay = sorted((host for host in there if host.uuid != host_uuid), key=lambda host: host.name_label)
    leaving = pool.host(host_uuid)
    away = [host.ref for host in pool.hosts.values() if host.uuid in {host_uuid, *gone}]
    moving = [need for ref in away for need in needs(pool, ref)]
    usable = {host.ref: memory(pool, host)[1] for host in stay if host.enabled and pool.is_live(host)}
    added, unplaced = place(moving, usable)
    servers = tuple(server_memory(pool, host, added.get(host.ref, 0)) for host in stay)
    total, free = memory(pool, leaving) if leaving else (0, 0)
    return Capacity(
        servers=servers,
        leaving_total=total,
        leaving_used=total - free,
        unplaced=tuple(unplaced),
        tolerates_before=tolerates(pool, there),
        tolerates_after=0 if unplaced else tolerates(pool, stay),
        configured=pool.pool.ha_host_failures_to_tolerate if pool.pool.ha_enabled else 0,
        planned=pool.pool.ha_plan_exists_for if pool.pool.ha_enabled else 0,
    )


def needs(pool: Snapshot, host_ref: str) -> list[Need]:
    """The memory of each VM that runs there; XAPI may squeeze a VM below it, so this errs to the safe side."""
    return [(vm.memory_static_max, vm.name_label) for vm in running(pool) if vm.resident_on == host_ref]


def running(pool: Snapshot) -> list[VMRecord]:
    """The guests that take memory."""
    guests = (vm for vm in pool.vms.values() if not vm.is_control_domain)
    return [vm for vm in guests if vm.power_state in {"Running", "Paused"}]


def memory(pool: Snapshot, host: HostRecord) -> tuple[int, int]:
    """A server's memory, in all and free, in bytes."""
    metrics = pool.host_metrics.get(host.metrics, HostMetricsRecord(ref=""))
    return metrics.memory_total, min(metrics.memory_free, metrics.memory_total)


def server_memory(pool: Snapshot, host: HostRecord, added: int) -> ServerMemory:
    total, free = memory(pool, host)
    return ServerMemory(uuid=host.uuid, name=host.name_label, total=total, used=total - free, added=added)


def place(moving: Sequence[Need], free: Mapping[str, int]) -> tuple[dict[str, int], list[str]]:
    """Put the biggest first where most is free; returns what each server gets, and who found no place."""
    left, added, unplaced = dict(free), dict.fromkeys(free, 0), []
    for size, name in sorted(moving, reverse=True):
        best = max(left, key=lambda ref: (left[ref], ref), default="")
        if not best or left[best] < size:
            unplaced.append(name)
            continue
        left[best] -= size
        added[best] += size
    return added, sorted(unplaced)


def tolerates(pool: Snapshot, hosts: Sequence[HostRecord]) -> int:
    """How many of the biggest servers may fail until something that runs has no memory anywhere."""
    everything = [(vm.memory_static_max, vm.name_label) for vm in running(pool)]
    there = [host for host in hosts if host.enabled and pool.is_live(host)]
    room = sorted((usable(pool, host) for host in there), reverse=True)
    failed = 0
    while failed + 1 < len(room):
        if place(everything, {str(place): size for place, size in enumerate(room[failed + 1 :])})[1]:
            break
        failed += 1
    return failed


def usable(pool: Snapshot, host: HostRecord) -> int:
    """What a server has for guests: free now, or in their use."""
    return memory(pool, host)[1] + sum(size for size, _ in needs(pool, host.ref))
