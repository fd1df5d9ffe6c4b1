"""High availability of a pool: on, off, and what it forbids meanwhile (xapi_ha.ml)."""

from contextlib import suppress

from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.forwarding import forwarded
from simulator.xapi.machines import host_row, machine_of_call, pool_row
from simulator.xapi.operations_refresh import refresh_operations
from simulator.xapi.pool.ha_plan import (
    RESTART,
    assert_protectable,
    failover_plan,
    most_failures,
    refresh_plan,
    survives,
)
from simulator.xapi.pool.operations import pool_operation
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import Row, first, rows
from simulator.xapi.storage.rows import add_disk

CAPABILITY = "VDI_GENERATE_CONFIG"
MIB = 1024**2
# name, type and size of what HA keeps on a heartbeat SR
STATEFILE = ("Statefile for HA", "ha_statefile", 4 * MIB)
METADATA = ("Metadata for HA", "redo_log", 256 * MIB)
REFUSED = "HA_IS_ENABLED"
PRIORITIES = ("", "best-effort", RESTART)


@message("pool", "enable_ha")
def pool_enable_ha(call: Call, heartbeat_srs: list[str], configuration: dict[str, str]) -> None:
    """Without storages named, any that every host can use for the statefile."""
    master = machine_of_call(call)
    pool = pool_row(master)
    with pool_operation(master, "ha_enable", call):
        if pool.flag("ha_enabled"):
            raise XapiError(REFUSED)
        if pool.mapping("restrictions").get("enable_xha") != "true":
            raise XapiError("LICENCE_RESTRICTION", "HA")
        _assert_plugged(pool)
        srs = [Row(pool.database, "SR", ref) for ref in heartbeat_srs]
        for sr in srs:
            assert_can_hold_statefile(sr)
        found = srs or [sr for sr in rows(pool.database, "SR") if _can_hold_statefile(sr)][:1]
        if not found:
            raise XapiError("CANNOT_CREATE_STATE_FILE")
        _switch_on(call, pool, found, configuration)


def _assert_plugged(pool: Row) -> None:
    for pif in rows(pool.database, "PIF", disallow_unplug=True, currently_attached=False):
        raise XapiError("REQUIRED_PIF_IS_UNPLUGGED", pif.ref)


def assert_can_hold_statefile(sr: Row) -> None:
    """Plugged on every host, and of a kind that HA's own daemon can open (xha_statefile.ml)."""
    plugged = {pbd.text("host") for pbd in sr.all("PBDs", "PBD") if pbd.flag("currently_attached")}
    if not plugged.issuperset(sr.database.refs("host")):
        raise XapiError("SR_HAS_NO_PBDS", sr.ref)
    driver = first(sr.database, "SM", type=sr.text("type"))
    if driver is None or CAPABILITY not in driver.items("capabilities"):
        raise XapiError("SR_OPERATION_NOT_SUPPORTED", sr.ref)


def _can_hold_statefile(sr: Row) -> bool:
    with suppress(XapiError):
        assert_can_hold_statefile(sr)
        return True
    return False


def _switch_on(call: Call, pool: Row, srs: list[Row], configuration: dict[str, str]) -> None:
    """Every host must arm itself; when one cannot, all that was done is undone."""
    master = machine_of_call(call)
    _make_disks(pool, srs, configuration)
    try:
        master.world.step(master, "ha: after statefile")
        for host in list(rows(pool.database, "host")):
            forwarded(call, host.ref, arm)
    except XapiError:
        _take_down(machines_of(master), pool)
        raise
    pool.set(ha_enabled=True)
    refresh_plan(pool)
    refresh_operations(pool.database)


def machines_of(master: HostMachine) -> list[HostMachine]:
    return [master.world.machine(host.uuid) for host in rows(master.database, "host")]


def switch_on(master: HostMachine, failures: int) -> None:
    """As a scene has it from the beginning, on the default storage."""
    pool = pool_row(master)
    _make_disks(pool, [pool.to("default_SR", "SR")], {})
    for machine in machines_of(master):
        arm(machine)
    pool.set(ha_enabled=True, ha_host_failures_to_tolerate=failures)
    refresh_plan(pool)


def _make_disks(pool: Row, srs: list[Row], configuration: dict[str, str]) -> None:
    statefiles = [_add(sr, *STATEFILE) for sr in srs]
    _add(srs[0], *METADATA)
    pool.set(ha_statefiles=[vdi.ref for vdi in statefiles], ha_configuration=configuration)


def _add(sr: Row, name: str, kind: str, size: int) -> Row:
    vdi = add_disk(sr, name, 0)
    vdi.set(type=kind, virtual_size=size, physical_utilisation=size, sharable=True)
    sr.set(physical_utilisation=sr.number("physical_utilisation") + size)
    return vdi


def arm(machine: HostMachine) -> None:
    """From now on the host would fence itself if it lost the statefile and its peers."""
    machine.disk.ha_armed = True
    peers = [host.uuid for host in rows(machine.database, "host")]
    statefiles = pool_row(machine).items("ha_statefiles")
    host_row(machine).set(ha_statefiles=statefiles, ha_network_peers=peers)


@message("pool", "disable_ha")
def pool_disable_ha(call: Call) -> None:
    """A host that is off finds the statefile gone when it starts."""
    master = machine_of_call(call)
    pool = pool_row(master)
    with pool_operation(master, "ha_disable", call):
        _assert_enabled(pool)
        pool.set(ha_enabled=False)
        _take_down(machines_of(master), pool)
        refresh_operations(pool.database)


def _take_down(machines: list[HostMachine], pool: Row) -> None:
    for host in rows(pool.database, "host"):
        host.set(ha_statefiles=[], ha_network_peers=[])
    for machine in machines:
        if machine.powered:
            machine.disk.ha_armed = False
    for name, kind, size in (STATEFILE, METADATA):
        for vdi in rows(pool.database, "VDI", type=kind, name_label=name):
            sr = vdi.to("SR", "SR")
            sr.set(physical_utilisation=max(0, sr.number("physical_utilisation") - size))
            pool.database.delete("VDI", vdi.ref)
    pool.set(ha_statefiles=[], ha_configuration={}, ha_plan_exists_for=0, ha_overcommitted=False)


def _assert_enabled(pool: Row) -> None:
    if not pool.flag("ha_enabled"):
        raise XapiError("HA_NOT_ENABLED")


@message("host", "emergency_ha_disable")
def host_emergency_ha_disable(call: Call, _soft: bool) -> None:  # noqa: FBT001 - the wire's own order
    """On this host alone, and without asking anybody: its pool still believes in HA."""
    machine = machine_of_call(call)
    if not machine.disk.ha_armed:
        raise XapiError("HA_NOT_ENABLED")
    machine.disk.ha_armed = False


@message("pool", "set_ha_host_failures_to_tolerate")
def set_ha_host_failures_to_tolerate(call: Call, pool: str, value: int) -> None:
    row = Row(call.host.database, "pool", pool)
    if value < 0:
        raise XapiError("INVALID_VALUE", "ha_host_failures_to_tolerate", str(value))
    watched = row.flag("ha_enabled") and not row.flag("ha_allow_overcommit")
    if watched and not row.flag("ha_overcommitted") and not survives(row.database, value):
        raise XapiError("HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN")
    row.set(ha_host_failures_to_tolerate=value)
    if row.flag("ha_enabled"):
        refresh_plan(row)


@message("pool", "ha_prevent_restarts_for")
def ha_prevent_restarts_for(call: Call, _seconds: int) -> None:
    _assert_enabled(pool_row(machine_of_call(call)))


@message("pool", "ha_failover_plan_exists")
def ha_failover_plan_exists(call: Call, count: int) -> bool:
    return survives(call.host.database, count)


@message("pool", "ha_compute_max_host_failures_to_tolerate")
def ha_compute_max_host_failures_to_tolerate(call: Call) -> int:
    return most_failures(call.host.database)


@message("pool", "ha_compute_hypothetical_max_host_failures_to_tolerate")
def ha_compute_hypothetical_max(call: Call, configuration: dict[str, str]) -> int:
    """As if just these VMs had these priorities."""
    vms = [Row(call.host.database, "VM", ref) for ref, priority in configuration.items() if priority == RESTART]
    return most_failures(call.host.database, vms)


@message("pool", "ha_compute_vm_failover_plan")
def ha_compute_vm_failover_plan(call: Call, hosts: list[str], vms: list[str]) -> dict[str, dict[str, str]]:
    return failover_plan(call.host.database, set(hosts), set(vms))


@message("VM", "set_ha_restart_priority")
def set_ha_restart_priority(call: Call, vm: str, value: str) -> None:
    row, pool = Row(call.host.database, "VM", vm), pool_row(machine_of_call(call))
    if value not in PRIORITIES:
        raise XapiError("INVALID_VALUE", "ha_restart_priority", value)
    if value == RESTART:
        assert_protectable(row)
    row.set(ha_restart_priority=value)
    if pool.flag("ha_enabled"):
        refresh_plan(pool)
