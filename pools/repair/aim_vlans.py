"""The VLANs that a member should have: on the interfaces on which the coordinator has them."""

from dataclasses import replace

from pools.diagnosis.mismatch import Kind
from pools.repair.aim import Aim
from pools.repair.state import vlan_key
from pools.snapshots.data import Address, Interface, Layer
from pools.snapshots.data import Kind as What

ONE_TOO_MANY = (Kind.TWO_ON_ONE, Kind.VLAN_ELSEWHERE)


def aim_at_vlans(aim: Aim) -> None:
    """Those whose bond is changed, and those that are a problem themselves."""
    chosen = {each.network for each in aim.of_kind(Kind.VLAN_MISSING, *ONE_TOO_MANY)}
    for layer in list(aim.state.vlans):
        if layer.network in chosen or layer.below in aim.moved or touched(aim, layer):
            settle(aim, layer)
    for layer in aim.ours.vlans:
        there = {each.network for each in aim.state.interfaces}
        if layer.network not in there and (layer.network in chosen or is_on_moved(aim, layer)):
            add(aim, layer)


def touched(aim: Aim, layer: Layer) -> bool:
    """Whether the NIC below it is in a bond by then."""
    return aim.state.holder(layer.below) is not None


def is_on_moved(aim: Aim, layer: Layer) -> bool:
    """Whether it is missing only because its bond was wrong."""
    below = right(aim, layer)
    return below is not None and below.key in aim.moved


def settle(aim: Aim, layer: Layer) -> None:
    """Put it on the coordinator's interface; a second one of the network goes."""
    at, below = aim.state.vlans.index(layer), right(aim, layer)
    key = below.key if below else aim.end_of(layer.below)
    twins = [each for each in aim.state.vlans if each.network == layer.network and each is not layer]
    if any(each.below in {key, layer.below} for each in twins) and layer.below != key:
        aim.state.vlans.remove(layer)
        aim.state.interfaces.remove(aim.state.interface(layer.key))
    else:
        aim.state.vlans[at] = replace(layer, below=key)


def right(aim: Aim, layer: Layer) -> Interface | None:
    """The member's interface on the network below the coordinator's VLAN."""
    ours = next((each for each in aim.ours.vlans if each.network == layer.network and each.tag == layer.tag), None)
    below = aim.ours.interface(ours.below) if ours else None
    return aim.on(below.network) if below else None


def add(aim: Aim, layer: Layer) -> None:
    """One that the member has not: with the coordinator's settings, and no address of its own."""
    below, twin = right(aim, layer), aim.ours.interface(layer.key)
    if below is None or twin is None:
        return
    key = vlan_key(layer.network, layer.tag)
    aim.state.vlans.append(replace(layer, key=key, below=below.key, uuid=""))
    aim.state.interfaces.append(
        Interface(
            key=key,
            kind=What.VLAN,
            uuid="",
            vlan=layer.tag,
            mtu=aim.state.start.network(layer.network).mtu,
            network=layer.network,
            address=Address(primary=below.address.primary),
            attached=True,
            settings={name: value for name, value in twin.settings.items() if name != "mtu"},
        )
    )
