"""What follows a card into its bond and out of it: VLANs, tunnels, VIFs, and a cluster's interface (xapi_bond.ml)."""

from collections.abc import Iterable

from simulator.world.host import HostMachine
from simulator.xapi.machines import host_row
from simulator.xapi.network.local_vifs import local_vifs, move_vif, running_vifs
from simulator.xapi.network.plug import bring_up, move_management, take_down
from simulator.xapi.network.rows import create_tunnel, create_vlan, move_addresses
from simulator.xapi.rows import Row, rows


def vlans_on(pifs: Iterable[Row]) -> list[Row]:
    return [vlan for pif in pifs for vlan in pif.all("VLAN_slave_of", "VLAN")]


def tunnels_on(pifs: Iterable[Row]) -> list[Row]:
    return [tunnel for pif in pifs for tunnel in pif.all("tunnel_transport_PIF_of", "tunnel")]


def carry_management(vlans: Iterable[Row]) -> bool:
    return any(vlan.to("untagged_PIF", "PIF").flag("management") for vlan in vlans)


def move_vlan(machine: HostMachine, vlan: Row, target: Row) -> None:
    """A new VLAN and PIF on the same network; where the target has this tag already, that one is used instead."""
    old = vlan.to("untagged_PIF", "PIF")
    network = old.to("network", "network")
    plugged, management = old.flag("currently_attached"), old.flag("management")
    if plugged and not management:
        take_down(machine, old)
    same = [each for each in target.all("VLAN_slave_of", "VLAN") if each.number("tag") == vlan.number("tag")]
    if same:
        new = same[0].to("untagged_PIF", "PIF")
        move_vifs(machine, local_vifs(host_row(machine), [network]), new.to("network", "network"))
    else:
        new = create_vlan(target, vlan.number("tag"), network).to("untagged_PIF", "PIF")
    move_addresses(old, new)
    vlan.database.delete("VLAN", vlan.ref)
    old.database.delete("PIF", old.ref)
    if plugged:
        _plug(machine, new, management=management)
    network = new.to("network", "network")
    move_vifs(machine, running_vifs(host_row(machine), network), network)


def move_tunnel(machine: HostMachine, tunnel: Row, target: Row) -> None:
    """A new tunnel and access PIF on the same network, with the same protocol."""
    old = tunnel.to("access_PIF", "PIF")
    plugged = old.flag("currently_attached")
    if plugged:
        take_down(machine, old)
    made = create_tunnel(target, old.to("network", "network"), tunnel.text("protocol"))
    tunnel.database.delete("tunnel", tunnel.ref)
    old.database.delete("PIF", old.ref)
    if plugged:
        bring_up(machine, made.to("access_PIF", "PIF"))


def move_vifs(machine: HostMachine, vifs: Iterable[Row], network: Row) -> None:
    """In the database also those of halted VMs; those of running ones live."""
    for vif in vifs:
        if vif.database.has("VIF", vif.ref):
            move_vif(machine, vif, network)


def move_disallow_unplug(sources: Iterable[Row], target: Row) -> None:
    protected = [pif for pif in sources if pif.flag("disallow_unplug")]
    for pif in protected:
        pif.set(disallow_unplug=False)
    if protected:
        target.set(disallow_unplug=True)


def move_cluster_interface(host: Row, sources: Iterable[Row], target: Row) -> None:
    refs = {pif.ref for pif in sources}
    for each in rows(host.database, "Cluster_host", host=host.ref):
        if each.text("PIF") in refs:
            each.set(PIF=target.ref)


def _plug(machine: HostMachine, pif: Row, *, management: bool) -> None:
    if management:
        move_management(machine, pif)
    else:
        bring_up(machine, pif)
