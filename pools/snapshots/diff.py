"""What is not the same in two snapshots: of one server at two times, or of two servers; as a table, and in words.

Two servers of a pool are compared by the positions of their cards, and one server by the MACs. Networks keep their UUID
within a pool; where the pools differ, a bond is told by its members and a VLAN by its tag.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pools.snapshots.data import Address, Interface, Kind, NetworkData
from pools.snapshots.items import AUTOMATIC_NAME

ABSENT = "–"
AUTOMATIC = "(automatic)"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One value that differs; ``what`` is empty where the whole thing is only on one side."""

    key: str
    thing: str
    what: str
    before: str
    after: str

    @property
    def said(self) -> str:
        """In a sentence."""
        if not self.what:
            return f"{self.thing} is new." if self.before == ABSENT else f"{self.thing} is gone."
        return f"{self.thing}: {self.what} was {self.before or 'none'}, is now {self.after or 'none'}."

    def told_of(self, one: str, other: str) -> str:
        """In a sentence about two servers."""
        if not self.what:
            return f"{self.thing} is only on {other if self.before == ABSENT else one}."
        return f"{self.thing}: {self.what} is {self.before or 'none'} on {one}, {self.after or 'none'} on {other}."


def difference(before: NetworkData, after: NetworkData) -> tuple[Difference, ...]:
    """Compare; an empty result means that the networks are the same."""
    return tuple(_differences(before, after))


def _differences(before: NetworkData, after: NetworkData) -> Iterator[Difference]:
    how = How(
        by_mac=before.place.host_uuid == after.place.host_uuid,
        by_network=before.place.pool_uuid == after.place.pool_uuid,
    )
    old, new = Compared(data=before, how=how).things(), Compared(data=after, how=how).things()
    for key in sorted(old.keys() | new.keys()):
        if key not in old or key not in new:
            here, there = (ABSENT, "there") if key not in old else ("there", ABSENT)
            yield Difference(key=key, thing=(old.get(key) or new[key]).name, what="", before=here, after=there)
            continue
        for what, value in old[key].values.items():
            other = new[key].values.get(what, "")
            if value != other:
                yield Difference(key=key, thing=new[key].name, what=what, before=value, after=other)


@dataclass(frozen=True, kw_only=True)
class How:
    """What stays the same between the two."""

    by_mac: bool
    by_network: bool


@dataclass(frozen=True, kw_only=True)
class Thing:
    name: str
    values: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One side."""

    data: NetworkData
    how: How

    def things(self) -> dict[str, Thing]:
        found = {self.key(each): Thing(name=title(self.data, each), values=self.values(each)) for each in self.shown}
        return found | {"server": Thing(name="The server", values=self.place())}

    @property
    def shown(self) -> tuple[Interface, ...]:
        return self.data.interfaces

    def place(self) -> dict[str, str]:
        management = self.data.management
        return {"management": self.name(management) if management else "none"}

    def key(self, interface: Interface) -> str:
        """The same thing has the same key on both sides."""
        if interface.kind == Kind.NIC:
            place = f"{interface.position:03}" if interface.position >= 0 else interface.device
            return f"1 nic {interface.mac if self.how.by_mac else place}"
        if self.how.by_network:
            return f"2 {interface.key}"
        if interface.kind == Kind.BOND:
            return f"2 bond {self.members(interface)}"
        below = self.data.below(interface)
        tag = interface.vlan if interface.kind == Kind.VLAN else self.name(interface)
        return f"3 {interface.kind} {tag} on {self.key(below) if below else ''}"

    def members(self, interface: Interface) -> str:
        bond = self.data.bond(interface.key)
        cards = {nic.mac: self.key(nic) for nic in self.data.nics}
        return " + ".join(sorted(cards.get(mac, mac) for mac in bond.members)) if bond else ""

    def name(self, interface: Interface) -> str:
        """Its network's name: the devices of bonds are numbered by each server for itself."""
        if interface.kind == Kind.NIC:
            return interface.device
        return self.data.named(interface)

    def values(self, interface: Interface) -> dict[str, str]:
        """What is compared of one interface, by the words of the table."""
        found = self.of_network(interface) | of_address(interface.address)
        found |= {
            "may not be unplugged": "yes" if interface.disallow_unplug else "no",
            "settings": said(dict(interface.settings)),
            "GRO": interface.properties.get("gro", "on"),
        }
        if interface.kind == Kind.NIC:
            found |= {"device": interface.device, "position": str(interface.position)}
            found |= {"MAC": interface.mac} if self.how.by_mac else {}
        return found | self.of_bond(interface) | self.of_layer(interface)

    def of_network(self, interface: Interface) -> dict[str, str]:
        """The network that it is on; a bonded card's own is of no effect."""
        if self.data.bond_over(interface) and interface.kind == Kind.NIC:
            return {}
        network = self.data.network(interface.network)
        name = AUTOMATIC if AUTOMATIC_NAME.fullmatch(network.name) else network.name
        return {
            "network": name,
            "description": network.description,
            "VIF locking": network.locking,
            "MTU": str(network.mtu),
            "network settings": said(dict(network.settings)),
            "tags": ", ".join(network.tags),
            "purposes": ", ".join(network.purpose),
        }

    def of_bond(self, interface: Interface) -> dict[str, str]:
        bond = self.data.bond(interface.key)
        if bond is None:
            return {}
        names = {nic.mac: nic.device for nic in self.data.nics}
        return {
            "members": " + ".join(sorted(names.get(mac, mac) for mac in bond.members)),
            "mode": bond.mode,
            "properties": said(dict(bond.properties)),
            "own MAC": "" if bond.auto_update_mac else bond.mac,
        }

    def of_layer(self, interface: Interface) -> dict[str, str]:
        layer, below = self.data.layer(interface.key), self.data.below(interface)
        if layer is None:
            return {}
        return {"on": self.name(below) if below else "", "protocol": layer.protocol}


def title(data: NetworkData, interface: Interface) -> str:
    kind = "" if interface.kind == Kind.VLAN else f"{interface.kind} "
    return f"{kind[:1].upper()}{kind[1:]}{data.named(interface)}"


def of_address(address: Address) -> dict[str, str]:
    """A leased address comes and goes; only that it is leased was set up."""
    static, static6 = address.mode == "Static", address.ipv6_mode == "Static"
    return {
        "IPv4": address.mode,
        "IPv4 address": f"{address.ip} {address.netmask}".strip() if static else "",
        "gateway": address.gateway if static else "",
        "name servers": address.dns if static or static6 else "",
        "primary address": address.primary,
        "IPv6": address.ipv6_mode,
        "IPv6 address": ", ".join(address.ipv6) if static6 else "",
        "IPv6 gateway": address.ipv6_gateway if static6 else "",
    }


def said(values: dict[str, str]) -> str:
    return ", ".join(f"{key} = {value}" for key, value in sorted(values.items()))
