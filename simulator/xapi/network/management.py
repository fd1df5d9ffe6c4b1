"""Where a host is administered: management_reconfigure and its kin (xapi_host.ml, xapi_pool.ml, xapi_mgmt_iface.ml)."""

from simulator.world import reach
from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.forwarding import Tolerance, is_master
from simulator.xapi.machines import machine_of_call
from simulator.xapi.network.on_host import on_host
from simulator.xapi.network.pif_checks import refuse
from simulator.xapi.network.plug import move_management, networking_changed, refresh_management_flags
from simulator.xapi.network.plugs import bond_above
from simulator.xapi.pool.emergency import pool_recover_slaves
from simulator.xapi.pool.state import refuse_under_ha
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import Row, first, rows


@message("host", "get_management_interface")
def host_get_management_interface(call: Call, host: str) -> str:
    pif = first(call.host.database, "PIF", host=host, management=True)
    if pif is None:
        raise XapiError("INTERNAL_ERROR", "Not_found")
    return pif.ref


@message("host", "management_reconfigure")
def host_management_reconfigure(call: Call, pif_ref: str) -> None:
    reconfigure(call, Row(call.host.database, "PIF", pif_ref))


def reconfigure(call: Call, pif: Row) -> None:
    """The old PIF keeps its address. A lost reply is a success once the flag has moved."""

    def work(machine: HostMachine) -> None:
        refuse_under_ha(pif.database)
        refuse(bond_above(pif), "CANNOT_PLUG_BOND_SLAVE", pif.ref)
        _assert_usable(pif)
        if not pif.flag("management"):
            move_management(machine, pif)

    seconds = machine_of_call(call).world.timing.bond_tolerance
    on_host(call, pif.text("host"), work, Tolerance(seconds, lambda: pif.flag("management")))


@message("pool", "management_reconfigure")
def pool_management_reconfigure(call: Call, network_ref: str) -> None:
    """Members one after the other, the master last; the first error is told when all have been tried."""
    network = Row(call.host.database, "network", network_ref)
    refuse_under_ha(call.host.database)
    pifs = [_pif_of(host, network) for host in rows(call.host.database, "host")]
    kinds = [pif.text("primary_address_type") for pif in pifs]
    for pif, kind in zip(pifs, kinds, strict=True):
        refuse(kind != kinds[0], "PIF_INCOMPATIBLE_PRIMARY_ADDRESS_TYPE", pif.ref)
    for pif in pifs:
        refuse(bond_above(pif), "CANNOT_PLUG_BOND_SLAVE", pif.ref)
        _assert_usable(pif)
    errors = []
    for pif in sorted(pifs, key=lambda each: is_master(each.to("host", "host"))):
        try:
            reconfigure(call, pif)
        except XapiError as error:
            errors.append(error)
    pool_recover_slaves(call)
    if errors:
        raise errors[0]


@message("host", "local_management_reconfigure")
def host_local_management_reconfigure(call: Call, bridge: str) -> None:
    """In emergency mode only: name another bridge that stands already; nothing is plugged."""
    machine = machine_of_call(call)
    refuse(machine.emergency_error is None, "NOT_IN_EMERGENCY_MODE")
    machine.interfaces.management = bridge
    reach.refresh(machine)


@message("host", "management_disable")
def host_management_disable(call: Call) -> None:
    """A master may go without; then nobody reaches it but its console."""
    machine = machine_of_call(call)
    refuse(not machine.is_master, "SLAVE_REQUIRES_MANAGEMENT_INTERFACE")
    machine.interfaces.management = ""
    refresh_management_flags(machine)
    networking_changed(machine)


def _assert_usable(pif: Row) -> None:
    """It needs an address of its primary type."""
    if pif.text("primary_address_type") == "IPv4":
        refuse(pif.text("ip_configuration_mode") == "None", "PIF_HAS_NO_NETWORK_CONFIGURATION", pif.ref)
    else:
        refuse(pif.text("ipv6_configuration_mode") == "None", "PIF_HAS_NO_V6_NETWORK_CONFIGURATION", pif.ref)


def _pif_of(host: Row, network: Row) -> Row:
    pif = first(host.database, "PIF", host=host.ref, network=network.ref)
    if pif is None:
        raise XapiError("PIF_NOT_PRESENT", host.ref, network.ref)
    return pif
