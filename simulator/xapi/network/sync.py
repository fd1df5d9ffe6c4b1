"""The network at every start: what is mended and plugged, and what a member copies from its master.

sync_networking.ml, xapi_host.ml: sync_vlans, sync_tunnels. It happens at each start of a toolstack, not only at a join.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from simulator.world.host import HostMachine
from simulator.world.interfaces import Interfaces
from simulator.xapi.machines import host_row, pool_row
from simulator.xapi.network import bond as bonds
from simulator.xapi.network.attempts import attempt
from simulator.xapi.network.fix_bonds import fix_bonds
from simulator.xapi.network.owned import bonds_of, tunnels_of, vlans_of
from simulator.xapi.network.plug import bring_up, refresh_management_flags
from simulator.xapi.network.plugs import bond_above, bridge_of, plug_of
from simulator.xapi.network.rows import BondPlan, create_tunnel, create_vlan, metrics_of, physical_pifs, pif_on
from simulator.xapi.rows import Row
from simulator.xapi.versions import build_of

Pause = Callable[[float], None]

POSITION = re.compile(r"^xenbr(\d+)$")
BY_POSITION_SINCE = (25, 35)


def prepare(machine: HostMachine, _pause: Pause) -> None:
    """On every host: rows as the bridges are, bonds mended, then a plug for all that needs no VM to ask for it."""
    host = host_row(machine)
    _rename_management(machine, host)
    _forget_stray_bridges(machine, host)
    cards = {nic.device: nic for nic in machine.hardware.nics}
    for pif in host.all("PIFs", "PIF"):
        _write(pif, currently_attached=bridge_of(pif) in machine.interfaces.plugs)
        if pif.flag("physical") and pif.text("device") in cards:
            _write(pif.to("metrics", "PIF_metrics"), **metrics_of(cards[pif.text("device")]))
    refresh_management_flags(machine)
    fix_bonds(machine)
    for pif in host.all("PIFs", "PIF"):
        if _is_needed_at_start(pif) and not _is_plugged(machine.interfaces, pif):
            attempt(f"{machine.name}: {pif.text('device')} is not plugged", partial(bring_up, machine, pif))


def copy_all(machine: HostMachine, pause: Pause) -> None:
    """On a member: bonds, then VLANs, then tunnels of the master; each failure is only logged."""
    member = host_row(machine)
    copying = Copying(machine, member, mine=tuple((_network_of(bond), bond) for bond in bonds_of(member)))
    master = pool_row(machine).to("master", "host")
    for found, copy in ((bonds_of, copy_bond), (vlans_of, copy_vlan), (tunnels_of, copy_tunnel)):
        for each in found(master):
            pause(machine.world.timing.network)
            attempt(f"{machine.name}: {each.cls} {each.uuid} is not copied", partial(copy, copying, each))


@dataclass(frozen=True)
class Copying:
    """`mine` are the member's bonds by network, read once, before the first of them is touched."""

    machine: HostMachine
    member: Row
    mine: tuple[tuple[Row, Row], ...] = ()


def position(pif: Row) -> str:
    """N of xenbrN; "" where the bridge has another name (xapi_pif_helpers.ml: get_pif_position)."""
    match = POSITION.match(bridge_of(pif))
    return match.group(1) if match else ""


def device(pif: Row) -> str:
    return pif.text("device")


def place_rule(host: Row) -> Callable[[Row], str]:
    """NICs are matched by position since xapi 25.35, by device name before; never by cable."""
    return position if build_of(host) >= BY_POSITION_SINCE else device


def copy_bond(copying: Copying, bond: Row) -> None:
    """One with the right members stays, whatever its mode; a wrong one goes before it is known if another can come."""
    network, want = _network_of(bond), wanted(copying.member, bond)
    mine = [each for on, each in copying.mine if on == network]
    if len(mine) > 1 or not (mine or want):
        raise LookupError("there are no cards for it, or several bonds on its network")
    for each in mine:
        if {pif.ref for pif in each.all("slaves", "PIF")} == {pif.ref for pif in want}:
            return
        bonds.destroy(copying.machine, each)
    plan = BondPlan(network=network, pifs=want, mode=bond.text("mode"), properties=bond.mapping("properties"))
    bonds.create(copying.machine, plan)


def wanted(member: Row, bond: Row) -> list[Row]:
    """The member's cards at the places of the master's; first the one at the place whose MAC the bond has."""
    place, members = place_rule(member), bond.all("slaves", "PIF")
    places = {place(pif) for pif in members} - {""}
    mac = bond.to("master", "PIF").text("MAC")
    leading = [place(pif) for pif in members if pif.text("MAC") == mac]
    found = [pif for pif in physical_pifs(member) if place(pif) in places]
    return sorted(found, key=lambda pif: [place(pif)] != leading)


def copy_vlan(copying: Copying, vlan: Row) -> None:
    """Unplugged, on the one PIF of the lower network, even where the VLAN's network has a PIF elsewhere already."""
    member = copying.member
    if member.mapping("other_config").get("sync_vlans") == "nosync":
        return
    network, lower_network = _network_of(vlan, "untagged_PIF"), _network_of(vlan, "tagged_PIF")
    for each in vlans_of(member):
        same = _network_of(each, "untagged_PIF") == network and each.number("tag") == vlan.number("tag")
        if same and _network_of(each, "tagged_PIF") == lower_network:
            return
    lower = pif_on(member, lower_network.ref)
    if len(lower) == 1:
        create_vlan(lower[0], vlan.number("tag"), network)


def copy_tunnel(copying: Copying, tunnel: Row) -> None:
    network = _network_of(tunnel, "access_PIF")
    lower = pif_on(copying.member, _network_of(tunnel, "transport_PIF").ref)
    if lower and not any(pif.items("tunnel_access_PIF_of") for pif in pif_on(copying.member, network.ref)):
        create_tunnel(lower[0], network, tunnel.text("protocol"))


def _network_of(row: Row, pif: str = "master") -> Row:
    return row.to(pif, "PIF").to("network", "network")


def _rename_management(machine: HostMachine, host: Row) -> None:
    """A joiner whose management VLAN had a bridge of another name takes the master's (xapi_pool.ml: join_common)."""
    interfaces, old = machine.interfaces, machine.interfaces.management
    bridges = {bridge_of(pif): pif for pif in host.all("PIFs", "PIF") if pif.flag("management")}
    if not bridges or old in {bridge_of(pif) for pif in host.all("PIFs", "PIF")} or old not in interfaces.plugs:
        return
    new = next(iter(bridges))
    interfaces.put(replace(interfaces.plugs[old], bridge=new))
    interfaces.management = new


def _forget_stray_bridges(machine: HostMachine, host: Row) -> None:
    """After a boot only the management interface is there; no card stays in a bridge that no row speaks of."""
    interfaces = machine.interfaces
    known = {bridge_of(pif) for pif in host.all("PIFs", "PIF")}
    for bridge, plug in interfaces.plugs.items():
        if bridge != interfaces.management and (machine.life.boot or (plug.nics and bridge not in known)):
            interfaces.drop(bridge)


def _is_needed_at_start(pif: Row) -> bool:
    """Cards, bonds and whatever has an address; a VLAN without one waits for a VIF."""
    wanted_for_itself = pif.flag("physical") or pif.items("bond_master_of")
    addressed = pif.text("ip_configuration_mode") != "None"
    return pif.flag("managed") and bool(wanted_for_itself or addressed) and bond_above(pif) is None


def _is_plugged(interfaces: Interfaces, pif: Row) -> bool:
    """A plug that would change nothing is left out."""
    return pif.flag("currently_attached") and interfaces.plugs.get(bridge_of(pif)) == plug_of(pif)


def _write(row: Row, **fields: object) -> None:
    if row.fields(*fields) != fields:
        row.set(**fields)
