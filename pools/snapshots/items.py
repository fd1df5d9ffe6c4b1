"""What a removal takes from a server's network, in the order in which it is made again."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pools.snapshots.data import UNLOCKED, Interface, Kind, NetworkData

AUTOMATIC_NAME = re.compile(r"Pool-wide network (\d+|associated with .+)")


class What(StrEnum):
    """What is made again."""

    BOND = "bond"
    NETWORK = "network"  # name, MTU and settings of the network of a card
    VLAN = "VLAN"
    ADDRESS = "address"  # IPv4, IPv6, and the settings of that interface
    MANAGEMENT = "management"
    TUNNEL = "tunnel"


@dataclass(frozen=True, kw_only=True)
class Item:
    """``about``: the key of the interface; ``key`` is what a choice is stored under."""

    key: str
    kind: What
    about: str
    title: str


def items_of(data: NetworkData) -> tuple[Item, ...]:
    """Everything that does not come back by itself."""
    return tuple(_items(data))


def _items(data: NetworkData) -> Iterator[Item]:
    for each in bonds(data):
        yield item(What.BOND, each, f"Bond {data.named(each)}: {members(data, each)}")
    yield from networks(data)
    lost = not_made(data)
    for each in (vlan for vlan in data.of_kind(Kind.VLAN) if vlan not in lost):
        below = data.below(each)
        yield item(What.VLAN, each, f"{data.named(each)} on {data.named(below) if below else 'nothing'}")
    yield from settings(data, [each for each in data.interfaces if each.kind != Kind.TUNNEL])
    management = data.management
    if management and management.kind != Kind.NIC:
        yield item(What.MANAGEMENT, management, f"Management on {data.named(management)}")
    for each in data.of_kind(Kind.TUNNEL):
        yield item(What.TUNNEL, each, f"Tunnel {data.named(each)}")
    yield from settings(data, data.of_kind(Kind.TUNNEL))


def not_made(data: NetworkData) -> list[Interface]:
    """SR-IOV, and what lies on it: XAPI decides by the card and its driver what it can be."""
    return [each for each in data.interfaces if Kind.SRIOV in {each.kind, below_kind(data, each)}]


def below_kind(data: NetworkData, interface: Interface) -> Kind | None:
    below = data.below(interface)
    return below.kind if below else None


def settings(data: NetworkData, interfaces: Sequence[Interface]) -> Iterator[Item]:
    """A tunnel wants an address below it, and has its own only when it is made."""
    lost = not_made(data)
    for each in interfaces:
        if each not in lost and has_settings(data, each):
            yield item(What.ADDRESS, each, f"{addresses(each)} on {data.named(each)}")


def networks(data: NetworkData) -> Iterator[Item]:
    for each in data.nics:
        if not data.bond_over(each) and has_own_network(data, each):
            yield item(What.NETWORK, each, f"Network of {each.device}: {data.network(each.network).name}")


def item(kind: What, about: Interface, title: str) -> Item:
    return Item(key=f"{kind.value.lower()}:{about.key}", kind=kind, about=about.key, title=title)


def bonds(data: NetworkData) -> list[Interface]:
    """The one that carries management last: nothing else is touched any more when the server is cut for a moment."""
    return sorted(data.of_kind(Kind.BOND), key=lambda each: carries_management(data, each))


def carries_management(data: NetworkData, interface: Interface) -> bool:
    """Itself, or by a VLAN on it."""
    management = data.management
    below = data.below(management) if management else None
    return interface.management or (below is not None and below.key == interface.key)


def members(data: NetworkData, interface: Interface) -> str:
    bond = data.bond(interface.key)
    names = {nic.mac: nic.device for nic in data.nics}
    return " + ".join(names.get(mac, mac) for mac in bond.members) if bond else "?"


def has_own_network(data: NetworkData, nic: Interface) -> bool:
    """Whether the network of a card is not what a new installation makes."""
    network = data.network(nic.network)
    named = bool(network.name) and not AUTOMATIC_NAME.fullmatch(network.name)
    marked = bool(network.settings or network.tags or network.purpose or network.description)
    changed = network.mtu != 1500 or network.locking != UNLOCKED  # noqa: PLR2004
    return nic.managed and (named or marked or changed)


def has_settings(data: NetworkData, interface: Interface) -> bool:
    """Whether there is something to set; a card that carries management keeps its addresses by itself."""
    if interface.kind == Kind.NIC and data.bond_over(interface):
        return False
    own = bool(interface.settings or own_properties(interface)) or interface.disallow_unplug
    own = own or own_primary(data, interface) != ""
    kept = interface.management and interface.kind == Kind.NIC
    return own or (interface.address.is_set and not kept)


def own_primary(data: NetworkData, interface: Interface) -> str:
    """The family that it prefers, where that is not what a new one gets: management's (PIF.primary_address_type)."""
    management = data.management or interface
    own = interface.address.primary
    return "" if interface.management or own == management.address.primary else own


def own_properties(interface: Interface) -> Mapping[str, str]:
    """Those that are not as a new card or bond has them; others have none (xapi_pif.ml, set_property)."""
    settable = interface.kind in {Kind.NIC, Kind.BOND}
    return {"gro": "off"} if settable and interface.properties.get("gro") == "off" else {}


def addresses(interface: Interface) -> str:
    found = [interface.address.ip, *interface.address.ipv6]
    modes = {interface.address.mode, interface.address.ipv6_mode} - {"None"}
    return ", ".join(text for text in found if text) or " and ".join(sorted(modes)) or "Settings"
