"""Hosts that will not come back, or not soon: host.destroy and host.declare_dead (xapi_host.ml)."""

from simulator.xapi.errors import XapiError
from simulator.xapi.forwarding import is_live, is_master, target
from simulator.xapi.host.sync import refresh_pool_cpu_info
from simulator.xapi.machines import machine_of_call, pool_row
from simulator.xapi.operations import recompute
from simulator.xapi.pool.licences import update_pool_features
from simulator.xapi.pool.state import refuse_under_ha
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import Row, rows
from simulator.xapi.vm.reset import reset, resident_guests


@message("host", "destroy")
def host_destroy(call: Call, host: str) -> None:
    """The server itself is never asked: it goes on believing that it belongs to this pool."""
    row = Row(call.host.database, "host", host)
    _refuse_alive(call, row)
    pool = pool_row(machine_of_call(call))
    refuse_under_ha(row.database)
    if resident_guests(row):
        raise XapiError("HOST_HAS_RESIDENT_VMS", host)
    domains = list(rows(row.database, "VM", resident_on=host, is_control_domain=True))
    row.database.delete("host", host)
    refresh_pool_cpu_info(pool)
    for vm in domains:
        row.database.delete("VM", vm.ref)
    update_pool_features(pool)
    recompute(pool)


@message("host", "declare_dead")
def host_declare_dead(call: Call, host: str) -> None:
    """Its VMs may start elsewhere from now on; HA does not forbid it."""
    row = Row(call.host.database, "host", host)
    _refuse_alive(call, row)
    for vm in resident_guests(row):
        reset(vm)
    row.set(enabled=False)
    recompute(row)


def _refuse_alive(call: Call, host: Row) -> None:
    """Who counts as dead is not asked; who counts as alive is, and only silence proves its death."""
    if not is_master(host):
        if not is_live(host):
            return
        try:
            target(call, host.ref)
        except XapiError as error:
            if error.code == "CANNOT_CONTACT_HOST":
                return
    raise XapiError("HOST_IS_LIVE", host.ref)
