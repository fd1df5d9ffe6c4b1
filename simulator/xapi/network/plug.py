"""What a plug and an unplug do to a server and to its rows (nm.ml: bring_pif_up, bring_pif_down)."""

import logging
from dataclasses import replace

from simulator.world import leases, reach
from simulator.world.faults import latent
from simulator.world.host import HostMachine
from simulator.world.interfaces import UNTAGGED, Plug
from simulator.xapi.errors import XapiError
from simulator.xapi.machines import host_row, pool_row
from simulator.xapi.network.plugs import bond_above, bridge_of, kind_of, lower, plug_of
from simulator.xapi.rows import Row, first, rows
from simulator.xapi.versions import build_of

PLUG_FAILS = latent(
    "plug_fails", "PIF_CONFIGURATION_ERROR with data.message; data.device, bridge, network, vlan narrow it"
)
MEMBERS_TAKE_MTU_SINCE = (26, 1)  # CA-429051
ACTIVE, INACTIVE = {"active": "true"}, {"active": "false"}
log = logging.getLogger(__name__)


def bring_up(machine: HostMachine, pif: Row, *, management: bool = False) -> None:
    """Plug, or plug anew. With `management` the inventory names this bridge from now on."""
    with machine.plugging:
        _put_members_aside(machine, pif)
        _refuse_if_it_fails(machine, pif)
        _clear_the_way(machine, pif)
        _configure(machine, pif)
        if management:
            machine.interfaces.management = bridge_of(pif)
        if management or not pif.flag("currently_attached"):
            _attach(pif)
        _write_back(machine, pif)
        networking_changed(machine)


def take_down(machine: HostMachine, pif: Row, *, force: bool = False) -> None:
    """A bridge with VLANs on it stays, but without address; the row says unplugged all the same."""
    with machine.plugging:
        _remove_bridge(machine, pif, force=force)
        pif.set(currently_attached=False)
        for tunnel in pif.all("tunnel_access_PIF_of", "tunnel"):
            tunnel.set(status=INACTIVE)
        networking_changed(machine)


def move_management(machine: HostMachine, pif: Row) -> None:
    """Plug as the management interface, and let the flags follow the inventory."""
    bring_up(machine, pif, management=True)
    refresh_management_flags(machine)


def refresh_management_flags(machine: HostMachine) -> None:
    """PIFs on the first network with the inventory's bridge (xapi_pif.ml: update_management_flags)."""
    network = first(machine.database, "network", bridge=machine.interfaces.management)
    now = [pif for pif in host_row(machine).all("PIFs", "PIF") if network and pif.text("network") == network.ref]
    for pif in now:
        if not pif.flag("management"):
            pif.set(management=True)
    for pif in rows(machine.database, "PIF", host=machine.ref, management=True):
        if pif not in now:
            pif.set(management=False)


def networking_changed(machine: HostMachine) -> None:
    """The host's address is that of its management bridge (xapi_mgmt_iface.ml: on_dom0_networking_change)."""
    address = machine.interfaces.address
    if address and host_row(machine).text("address") != address:
        host_row(machine).set(address=address)
    reach.refresh(machine)


def _put_members_aside(machine: HostMachine, pif: Row) -> None:
    """A bond takes its members' plugs, gives their networks its MTU, and has its primary's MAC."""
    for bond in pif.all("bond_master_of", "Bond"):
        mtu = pif.to("network", "network").number("MTU")
        for member in bond.all("slaves", "PIF"):
            member.set(currently_attached=False)
            network = member.to("network", "network")
            if build_of(host_row(machine)) >= MEMBERS_TAKE_MTU_SINCE and network.number("MTU") != mtu:
                network.set(MTU=mtu)
        if bond.flag("auto_update_mac"):
            _take_mac(pif, bond.to("primary_slave", "PIF"))


def _take_mac(pif: Row, primary: Row) -> None:
    if pif.database.has("PIF", primary.ref) and pif.text("MAC") != primary.text("MAC"):
        pif.set(MAC=primary.text("MAC"))


def _refuse_if_it_fails(machine: HostMachine, pif: Row) -> None:
    facts = {
        "device": pif.text("device"),
        "bridge": bridge_of(pif),
        "network": pif.to("network", "network").text("name_label"),
        "vlan": pif.text("VLAN"),
    }
    fault = machine.world.faults.strikes(PLUG_FAILS, machine.name, **facts)
    if fault:
        raise XapiError("PIF_CONFIGURATION_ERROR", pif.ref, fault.data.get("message", ""))


def _clear_the_way(machine: HostMachine, pif: Row) -> None:
    """Bridges that hold the same cards go by force; what the PIF stands on is made."""
    below = lower(pif)
    if below:
        _clear_the_way(machine, below)
        if bridge_of(below) not in machine.interfaces.plugs:
            machine.interfaces.put(_bare(plug_of(below)))
    for bond in pif.all("bond_master_of", "Bond"):
        for member in bond.all("slaves", "PIF"):
            _drop_with_vlans(machine, bridge_of(member))
    above = bond_above(pif)
    if above and kind_of(pif) == "physical":
        _drop_with_vlans(machine, bridge_of(above.to("master", "PIF")))


def _configure(machine: HostMachine, pif: Row) -> None:
    """Bridge, address and routes; with DHCP the PIF's fields are filled in here."""
    plug = plug_of(pif)
    if pif.text("ip_configuration_mode") == "DHCP":
        machine.interfaces.put(_bare(plug))
        machine.life.pause(machine.world.timing.dhcp)
        address = leases.lease(machine, plug) if reach.lit(machine, plug.bridge) else ""
        pif.set(IP=address, netmask=leases.NETMASK if address else "")
        gateway = leases.gateway(address) if address else ""
        plug = replace(plug, address=address, netmask=pif.text("netmask"), gateway=gateway)
    if _gateway_pif(machine, pif) != pif:
        plug = replace(plug, gateway="")
    machine.interfaces.put(plug)


def _gateway_pif(machine: HostMachine, pif: Row) -> Row | None:
    """The one with defaultroute=true, else management, else any with an address (helpers.ml)."""
    pifs = [each for each in host_row(machine).all("PIFs", "PIF") if each.text("ip_configuration_mode") != "None"]
    able = [each for each in pifs if each == pif or each.flag("currently_attached")]
    chosen = [each for each in able if each.mapping("other_config").get("defaultroute") == "true"]
    management = [each for each in able if each.flag("management")]
    return next(iter([*chosen, *management, *able]), None)


def _attach(pif: Row) -> None:
    """A member that comes back on its own takes the bond's plug away."""
    pif.set(currently_attached=True)
    above = bond_above(pif)
    if above and above.to("master", "PIF").flag("currently_attached"):
        above.to("master", "PIF").set(currently_attached=False)


def _write_back(machine: HostMachine, pif: Row) -> None:
    """MTU and IGMP snooping as they came out."""
    found: dict[str, object] = {"MTU": machine.interfaces.plugs[bridge_of(pif)].mtu}
    if pif.number("VLAN") == UNTAGGED:
        snooping = pool_row(machine).flag("igmp_snooping_enabled")
        found["igmp_snooping_status"] = "enabled" if snooping else "disabled"
    if pif.fields(*found) != found:
        pif.set(**found)
    for tunnel in pif.all("tunnel_access_PIF_of", "tunnel"):
        tunnel.set(status=ACTIVE)


def _remove_bridge(machine: HostMachine, pif: Row, *, force: bool) -> None:
    bridge, below = bridge_of(pif), lower(pif)
    if force or not _vlans_on(machine, bridge):
        _drop_with_vlans(machine, bridge)
    else:
        machine.interfaces.put(_bare(machine.interfaces.plugs[bridge]))
    if below and not below.flag("currently_attached") and not _vlans_on(machine, bridge_of(below)):
        machine.interfaces.drop(bridge_of(below))


def _drop_with_vlans(machine: HostMachine, bridge: str) -> None:
    for above in _vlans_on(machine, bridge):
        machine.interfaces.drop(above)
    machine.interfaces.drop(bridge)


def _vlans_on(machine: HostMachine, bridge: str) -> list[str]:
    """Bridges of VLANs that share this untagged bridge's cards."""
    plugs = machine.interfaces.plugs
    plug = plugs.get(bridge)
    if plug is None or plug.vlan != UNTAGGED:
        return []
    return [each.bridge for each in plugs.values() if each.vlan != UNTAGGED and set(each.nics) & set(plug.nics)]


def _bare(plug: Plug) -> Plug:
    return replace(plug, address="", netmask="", gateway="")
