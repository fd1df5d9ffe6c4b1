"""What has to go before the right bonds can be made: VLANs that would be dragged astray, wrong bonds, addresses."""

from pools.repair import changes
from pools.repair.route import Route, same_ipv4
from pools.repair.state import nic_key
from pools.snapshots.data import NO_MODE, Bond, NetworkData


def part(route: Route) -> None:
    """VLANs first: each would go down with its bond, and up with whatever bond next has that NIC."""
    for layer in route.start.vlans:
        wanted = route.target.layer(layer.key)
        here = route.there(layer.key)
        astray = wanted is None or wanted.below != route.dest(layer.below)
        if astray and here and not here.management:
            route.destroy_vlan(layer)
    for bond in sorted(route.going, key=lambda each: carries_management(route.start, each)):
        take_apart(route, bond)


def carries_management(data: NetworkData, bond: Bond) -> bool:
    """By itself, or by a VLAN on it."""
    management = data.management
    below = data.below(management) if management else None
    return bond.key in {each.key for each in (management, below) if each}


def take_apart(route: Route, bond: Bond) -> None:
    """What lay on it lies on its primary member now; an address that belongs elsewhere is taken off at once."""
    here = route.data.bond(bond.key)
    if here is None:
        return
    route.go(
        changes.DestroyBond(
            at=bond.key,
            uuid=bond.uuid,
            name=route.name(bond.key),
            network=bond.network,
            members=here.members,
            devices=route.devices(here.members),
        )
    )
    tidy(route, nic_key(here.primary or here.members[0]))


def tidy(route: Route, nic: str) -> None:
    """Take an address off a NIC that would carry it into a bond where it does not belong."""
    here = route.there(nic)
    if here is None or here.management or here.address.mode == NO_MODE:
        return
    end = route.target.interface(route.dest(nic))
    if end is None or not same_ipv4(end.address, here.address):
        route.clear_ipv4(nic)
