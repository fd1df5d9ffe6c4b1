"""PIF.plug, unplug and the settings of one PIF (xapi_pif.ml)."""

from functools import partial

from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.network.on_host import on_host
from simulator.xapi.network.pif_checks import assert_managed, assert_may_be_unplugged, assert_no_clustering, refuse
from simulator.xapi.network.plug import bring_up, take_down
from simulator.xapi.network.plugs import bond_above, kind_of, lower
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import Row, rows

PROPERTIES = {"gro": ("on", "off")}
WITH_PROPERTIES = {"physical", "bond"}


@message("PIF", "plug")
def pif_plug(call: Call, ref: str) -> None:
    pif = Row(call.host.database, "PIF", ref)
    on_host(call, pif.text("host"), partial(plug, pif=pif))


@message("PIF", "unplug")
def pif_unplug(call: Call, ref: str) -> None:
    pif = Row(call.host.database, "PIF", ref)
    on_host(call, pif.text("host"), partial(unplug, pif=pif))


def plug(machine: HostMachine, pif: Row) -> None:
    """Again and again if wanted; a tunnel brings its transport PIF along."""
    assert_managed(pif)
    refuse(bond_above(pif), "CANNOT_PLUG_BOND_SLAVE", pif.ref)
    transport = lower(pif) if kind_of(pif) == "tunnel" else None
    if transport:
        refuse(transport.text("ip_configuration_mode") == "None", "TRANSPORT_PIF_NOT_CONFIGURED", transport.ref)
        plug(machine, transport)
    bring_up(machine, pif)


def unplug(machine: HostMachine, pif: Row) -> None:
    """Tunnels on it go first; a bond's member has nothing to take down."""
    assert_may_be_unplugged(pif)
    for tunnel in pif.all("tunnel_transport_PIF_of", "tunnel"):
        unplug(machine, tunnel.to("access_PIF", "PIF"))
    if not bond_above(pif):
        take_down(machine, pif)


@message("PIF", "set_property")
def pif_set_property(call: Call, ref: str, name: str, value: str) -> None:
    """A bond's members get it too, and what stands on the PIF is plugged anew."""
    pif = Row(call.host.database, "PIF", ref)

    def work(machine: HostMachine) -> None:
        refuse(value not in PROPERTIES.get(name, ()), "INVALID_VALUE", "properties", f"{name} = {value}")
        fixed = bond_above(pif) or kind_of(pif) not in WITH_PROPERTIES
        refuse(fixed, "CANNOT_CHANGE_PIF_PROPERTIES", pif.ref)
        members = [member for bond in pif.all("bond_master_of", "Bond") for member in bond.all("slaves", "PIF")]
        for each in (pif, *members):
            each.put("properties", name, value)
        vlans = [vlan.to("untagged_PIF", "PIF") for vlan in pif.all("VLAN_slave_of", "VLAN")]
        for each in (pif, *vlans):
            if each.flag("currently_attached"):
                bring_up(machine, each)

    on_host(call, pif.text("host"), work)


@message("PIF", "set_disallow_unplug")
def pif_set_disallow_unplug(call: Call, ref: str, wanted: bool) -> None:  # noqa: FBT001 - the wire's own order
    """A cluster keeps its interface from being let go."""
    pif = Row(call.host.database, "PIF", ref)
    if not wanted:
        assert_no_clustering(pif)
        for cluster_host in rows(pif.database, "Cluster_host", PIF=pif.ref):
            _refuse_while_cluster_is_busy(cluster_host.to("cluster", "Cluster"))
    pif.set(disallow_unplug=wanted)


def _refuse_while_cluster_is_busy(cluster: Row) -> None:
    for task, operation in cluster.mapping("current_operations").items():
        raise XapiError("OTHER_OPERATION_IN_PROGRESS", "Cluster", cluster.ref, operation, task)
