"""What stands in the way of a change to a PIF (xapi_pif.ml, xapi_pif_helpers.ml: the assert functions)."""

from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.network.plugs import bond_above
from simulator.xapi.pool.state import pool_of, refuse_under_ha
from simulator.xapi.rows import Row, rows

LIVING = {"Running", "Paused"}
FCOE, FCOE_STORAGE = "fcoe", "lvmofcoe"


def refuse(condition: object, code: str, *params: str) -> None:
    if condition:
        raise XapiError(code, *params)


def is_managing(pif: Row) -> bool:
    return pif.flag("currently_attached") and pif.flag("management")


def assert_managed(pif: Row) -> None:
    refuse(not pif.flag("managed"), "PIF_UNMANAGED", pif.ref)


def assert_not_management(pif: Row) -> None:
    refuse(is_managing(pif), "PIF_IS_MANAGEMENT_INTERFACE", pif.ref)


def assert_not_slave_management(machine: HostMachine, pif: Row) -> None:
    refuse(not machine.is_master and is_managing(pif), "PIF_IS_MANAGEMENT_INTERFACE", pif.ref)


def assert_no_protection(pif: Row) -> None:
    """HA and the redo log need the networks they were started on; an unplugged PIF is none of them."""
    if pif.flag("currently_attached"):
        refuse_under_ha(pif.database)
        refuse(pool_of(pif.database).flag("redo_log_enabled"), "REDO_LOG_IS_ENABLED")


def assert_not_in_bond(pif: Row) -> None:
    refuse(bond_above(pif) or pif.items("bond_master_of"), "PIF_ALREADY_BONDED", pif.ref)


def assert_no_vlans(pif: Row) -> None:
    refuse(pif.items("VLAN_slave_of") or pif.number("VLAN") >= 0, "PIF_VLAN_STILL_EXISTS", pif.ref)


def assert_no_tunnels(pif: Row) -> None:
    tunnels = [*pif.items("tunnel_transport_PIF_of"), *pif.items("tunnel_access_PIF_of")]
    refuse(tunnels, "PIF_TUNNEL_STILL_EXISTS", pif.ref)


def assert_no_sriov(pif: Row) -> None:
    refuse(pif.items("sriov_physical_PIF_of"), "PIF_SRIOV_STILL_EXISTS", pif.ref)
    refuse(pif.items("sriov_logical_PIF_of"), "CANNOT_FORGET_SRIOV_LOGICAL", pif.ref)


def assert_no_clustering(pif: Row) -> None:
    for cluster_host in rows(pif.database, "Cluster_host", PIF=pif.ref, enabled=True):
        raise XapiError("CLUSTERING_ENABLED", cluster_host.ref)


def assert_no_vifs_in_use(pif: Row) -> None:
    """Interfaces of VMs that live on the PIF's host."""
    network = pif.to("network", "network")
    for vif in network.all("VIFs", "VIF"):
        vm = vif.to("VM", "VM")
        here = pif.database.has("VM", vm.ref) and vm.text("resident_on") == pif.text("host")
        if here and vm.text("power_state") in LIVING and vif.flag("currently_attached"):
            raise XapiError("VIF_IN_USE", network.ref, vif.ref)


def assert_no_fcoe_in_use(pif: Row) -> None:
    """Storage that comes over this card's own Ethernet."""
    if FCOE in pif.items("capabilities"):
        for pbd in rows(pif.database, "PBD", host=pif.text("host"), currently_attached=True):
            sr = pbd.to("SR", "SR")
            refuse(sr.text("type") == FCOE_STORAGE, "PIF_HAS_FCOE_SR_IN_USE", pif.ref, sr.ref)


def assert_may_be_unplugged(pif: Row) -> None:
    """All that PIF.unplug asks for, in its order; VLAN.destroy and tunnel.destroy unplug too."""
    assert_managed(pif)
    assert_no_protection(pif)
    assert_not_management(pif)
    assert_no_vifs_in_use(pif)
    refuse(pif.flag("disallow_unplug"), "PIF_DOES_NOT_ALLOW_UNPLUG", pif.ref)
    assert_no_fcoe_in_use(pif)


def assert_alone_on_network(host_ref: str, network: Row) -> None:
    """One PIF per host and network."""
    for pif in rows(network.database, "PIF", host=host_ref, network=network.ref):
        raise XapiError("NETWORK_ALREADY_CONNECTED", host_ref, pif.ref)
