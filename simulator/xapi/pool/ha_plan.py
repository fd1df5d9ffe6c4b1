"""Where protected VMs would start again: the plan of HA (xapi_ha_vm_failover.ml, binpack.ml)."""

from collections.abc import Iterable

from simulator.database import Database
from simulator.xapi.errors import XapiError
from simulator.xapi.forwarding import is_live
from simulator.xapi.host.memory import free_memory
from simulator.xapi.pool.state import ha_is_on, pool_of
from simulator.xapi.rows import Row, rows

RESTART = "restart"


def protected_vms(database: Database) -> list[Row]:
    """Those that run, and that HA would start again."""
    return list(rows(database, "VM", ha_restart_priority=RESTART, power_state="Running", is_control_domain=False))


def serving_hosts(database: Database) -> list[Row]:
    return [host for host in rows(database, "host", enabled=True) if is_live(host)]


def room(host: Row, vms: Iterable[Row]) -> int:
    """What protected VMs may take of a host: all but what others use."""
    return free_memory(host) + sum(need(vm) for vm in vms if vm.text("resident_on") == host.ref)


def need(vm: Row) -> int:
    return vm.number("memory_dynamic_max")


def placed(vms: list[Row], hosts: list[Row], spare: dict[str, int]) -> dict[str, str]:
    """Host by VM, the largest VM first and each where most is left; a VM that fits nowhere is missing."""
    left = {host.ref: spare[host.ref] for host in hosts}
    found: dict[str, str] = {}
    for vm in sorted(vms, key=need, reverse=True):
        best = max(left, key=lambda ref: left[ref], default="")
        if best and left[best] >= need(vm):
            left[best] -= need(vm)
            found[vm.ref] = best
    return found


def survives(database: Database, failures: int, without: str = "", protected: list[Row] | None = None) -> bool:
    """Whether all protected VMs, or these, fit when the largest hosts fail, and this one is not used."""
    vms = protected_vms(database) if protected is None else protected
    hosts = [host for host in serving_hosts(database) if host.ref != without]
    spare = {host.ref: room(host, vms) for host in hosts}
    hosts.sort(key=lambda host: spare[host.ref], reverse=True)
    return len(hosts) > failures and len(placed(vms, hosts[failures:], spare)) == len(vms)


def most_failures(database: Database, protected: list[Row] | None = None) -> int:
    """How many hosts may fail, whichever they are."""
    count = len(serving_hosts(database))
    return next((number for number in range(count - 1, 0, -1) if survives(database, number, "", protected)), 0)


def failover_plan(database: Database, failed: set[str], also: set[str]) -> dict[str, dict[str, str]]:
    """For each protected VM of these hosts, and for these VMs: the host that takes it, or why none does."""
    vms = [vm for vm in protected_vms(database) if vm.text("resident_on") in failed or vm.ref in also]
    hosts = [host for host in serving_hosts(database) if host.ref not in failed]
    found = placed(vms, hosts, {host.ref: free_memory(host) for host in hosts})
    nowhere = {"error_code": "HOST_NOT_ENOUGH_FREE_MEMORY"}
    return {vm.ref: {"host": found[vm.ref]} if vm.ref in found else nowhere for vm in vms}


def refresh_plan(pool: Row) -> None:
    """What is written of it; nothing where it is so already."""
    most = most_failures(pool.database)
    told: dict[str, object] = {
        "ha_plan_exists_for": most,
        "ha_overcommitted": pool.number("ha_host_failures_to_tolerate") > most,
    }
    if pool.fields(*told) != told:
        pool.set(**told)


def assert_protectable(vm: Row) -> None:
    """While HA is on only a VM that any host could start may be protected (agility.ml)."""
    if not ha_is_on(vm.database):
        return
    for vbd in vm.all("VBDs", "VBD"):
        if vm.database.has("VDI", vbd.text("VDI")):
            sr = vbd.to("VDI", "VDI").to("SR", "SR")
            if not sr.flag("shared"):
                raise XapiError("HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED", sr.ref)


def breaks_plan(host: Row) -> bool:
    """Whether a plan that exists would be gone without this host."""
    if not ha_is_on(host.database):
        return False
    pool = pool_of(host.database)
    if pool.flag("ha_allow_overcommit"):
        return False
    tolerated = pool.number("ha_host_failures_to_tolerate")
    return survives(host.database, tolerated) and not survives(host.database, tolerated, without=host.ref)


def assert_plan_survives(host: Row) -> None:
    """Before a host is disabled, emptied or switched off (assert_configuration_change_preserves_ha_plan)."""
    if breaks_plan(host):
        raise XapiError("HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN")
