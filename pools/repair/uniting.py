"""The bonds that are to be, the VLANs on them, and management in its place; each as soon as nothing is in its way."""

from collections.abc import Sequence

from pools.repair import changes
from pools.repair.parting import tidy
from pools.repair.route import Impossible, Route
from pools.repair.state import nic_key
from pools.snapshots.data import NO_MODE, Bond, Interface


def unite(route: Route) -> None:
    """A bond that would carry management off waits until management has left its NIC."""
    waiting = [bond for bond in route.coming if carries_off(route, bond)]
    ready = [bond for bond in route.coming if bond not in waiting]
    for bond in sorted(ready, key=lambda each: not holds_management(route, each)):
        create(route, bond)
    create_vlans(route)
    if waiting:
        set_management(route)
        for bond in waiting:
            create(route, bond)
        create_vlans(route)


def holds_management(route: Route, bond: Bond) -> bool:
    """Whether management lies on one of its NICs by now, itself or by a VLAN."""
    management = route.data.management
    below = route.data.below(management) if management else None
    keys = {each.key for each in (management, below) if each}
    return bool(keys & set(map(nic_key, bond.members)))


def carries_off(route: Route, bond: Bond) -> bool:
    """Whether management would end on it, and belongs elsewhere."""
    wanted = route.target.management
    if wanted is None or not holds_management(route, bond):
        return False
    below = route.target.below(wanted)
    return bond.key not in {wanted.key, below.key if below else ""}


def create(route: Route, bond: Bond) -> None:
    """The primary member first; XAPI prefers the NIC with management or an address (xapi_bond.ml, create)."""
    for mac in bond.members:
        tidy(route, nic_key(mac))
    members = primary_first(bond)
    free_primary(route, members)
    route.go(
        changes.CreateBond(
            network=bond.network,
            name=route.name(bond.key),
            members=members,
            devices=route.devices(members),
            mode=bond.mode,
            properties=bond.properties,
            mac="" if bond.auto_update_mac else bond.mac,
        )
    )


def primary_first(bond: Bond) -> tuple[str, ...]:
    return tuple(sorted(bond.members, key=lambda mac: mac != bond.primary))


def free_primary(route: Route, members: Sequence[str]) -> None:
    """An address on another NIC would make that one the primary member: it is set on the bond afterwards."""
    for mac in members[1:]:
        here = route.there(nic_key(mac))
        if here and here.address.mode != NO_MODE and not here.management:
            route.clear_ipv4(here.key)


def create_vlans(route: Route) -> None:
    """Those whose interface below is there, and whose network no other interface of the member has."""
    for layer in route.target.vlans:
        here, below = route.data.layer(layer.key), route.there(layer.below)
        occupied = any(each.network == layer.network for each in route.data.interfaces)
        if here is None and below is not None and not occupied:
            values = {"network": layer.network, "tag": layer.tag, "below": layer.below}
            names = {"name": route.name(layer.key), "below_name": route.name(layer.below)}
            route.go(changes.CreateVLAN(**values, **names))  # type: ignore[arg-type]


def set_management(route: Route) -> None:
    """Move it to its interface, over a temporary address where the old and the new one have the same."""
    here, wanted = route.data.management, route.target.management
    if here is None or wanted is None or here.key == wanted.key:
        return
    there = route.there(wanted.key)
    if there is None or "IPv6" in {here.address.primary, wanted.address.primary}:
        code = "XENWEB_NO_MANAGEMENT_INTERFACE" if there is None else "XENWEB_MANAGEMENT_BY_IPV6"
        raise Impossible(code, route.host, route.name(wanted.key))
    if collides(route, here, wanted):
        go_over(route, here, wanted)
    else:
        route.set_ipv4(wanted.key, wanted.address)
        route.go(changes.MoveManagement(at=wanted.key, name=route.name(wanted.key), ip=wanted.address.ip))
        leave(route, here)
    drop_old_vlan(route, here)


def collides(route: Route, here: Interface, wanted: Interface) -> bool:
    """Two interfaces of one address answer for each other; a member of the bond itself is taken down by its plug."""
    bond = route.data.bond(wanted.key)
    inside = bond is not None and here.mac in bond.members
    static = wanted.address.mode == here.address.mode == "Static"
    return static and wanted.address.ip == here.address.ip and not inside


def go_over(route: Route, here: Interface, wanted: Interface) -> None:
    """A temporary address on the new interface, management there, the old one cleared, the old address on the new."""
    if route.way.temporary is None:
        raise Impossible("XENWEB_TEMPORARY_NEEDED", route.host, here.address.ip)
    route.set_ipv4(wanted.key, route.way.temporary)
    route.go(changes.MoveManagement(at=wanted.key, name=route.name(wanted.key), ip=route.way.temporary.ip))
    route.clear_ipv4(here.key)
    route.set_ipv4(wanted.key, wanted.address)


def leave(route: Route, here: Interface) -> None:
    """XAPI leaves the address on the old interface (xapi_host.ml, management_reconfigure)."""
    end = route.target.interface(here.key)
    if end is None or end.address.mode == NO_MODE:
        route.clear_ipv4(here.key)


def drop_old_vlan(route: Route, here: Interface) -> None:
    """A VLAN that carried management could not be destroyed before."""
    layer = route.data.layer(here.key)
    wanted = route.target.layer(here.key)
    if layer and (wanted is None or wanted.below != layer.below):
        route.destroy_vlan(layer)
