"""What the planner must know of a host, its guests and the other hosts, read from the database."""

from simulator.xapi.host.evacuation.planner import NOTHING, Guest, Refusal, Situation, Target
from simulator.xapi.host.memory import free_memory
from simulator.xapi.pool.state import ha_is_on
from simulator.xapi.rows import Row, rows
from simulator.xapi.versions import release_of
from simulator.xapi.vm.operations import refused
from simulator.xapi.vm.place import Asking, why_not
from simulator.xapi.vm.reset import resident_guests

NOT_HA_PROTECTED_SINCE = (26, 17)


def situation(host: Row) -> Situation:
    targets = [other for other in rows(host.database, "host") if other.ref != host.ref and _may_take(host, other)]
    return Situation(
        guests=tuple(_guest(vm, targets) for vm in resident_guests(host)),
        targets=tuple(Target(ref=target.ref, free=free_memory(target)) for target in targets),
        ha=ha_is_on(host.database),
        old_ha_error=release_of(host)[1] < NOT_HA_PROTECTED_SINCE,
    )


def _may_take(host: Row, other: Row) -> bool:
    """Enabled, and of the same or a higher version; one that is dead is asked, and says HOST_NOT_LIVE."""
    return other.flag("enabled") and release_of(other) >= release_of(host)


def _guest(vm: Row, targets: list[Row]) -> Guest:
    unmovable = refused(vm, "pool_migrate")
    return Guest(
        ref=vm.ref,
        memory=_memory(vm),
        protected=vm.text("ha_restart_priority") == "restart",
        unplaceable=_unplaceable(vm, targets),
        unmovable=tuple(unmovable.description) if unmovable else NOTHING,
    )


def _unplaceable(vm: Row, targets: list[Row]) -> Refusal:
    """Memory is left to the packing."""
    answers = (why_not(vm, target, Asking(memory=False)) for target in targets)
    return next((tuple(error.description) for error in answers if error), NOTHING)


def _memory(vm: Row) -> int:
    metrics = vm.to("metrics", "VM_metrics")
    known = vm.database.has("VM_metrics", metrics.ref)
    return metrics.number("memory_actual") if known else vm.number("memory_dynamic_max")
