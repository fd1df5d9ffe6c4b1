"""One network snapshot as its page shows it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from pools import archive
from pools.models import NetworkSnapshot
from pools.snapshots import items
from pools.snapshots.data import Address, Bond, Interface, Kind, Network, NetworkData

NO_ADDRESS = "None"


@dataclass(frozen=True, kw_only=True)
class InterfaceRow:
    """A card, bond, VLAN or tunnel; ``on`` names what it lies on, ``bond`` what a card is a member of."""

    interface: Interface
    name: str
    network: Network
    on: str = ""
    bond: Bond | None = None
    member_of: str = ""

    @property
    def addresses(self) -> list[str]:
        return list(told(self.interface.address))

    @property
    def settings(self) -> list[str]:
        """What is set beside the addresses, as ``key = value``."""
        own = {**self.network.settings, **self.interface.settings, **(self.bond.properties if self.bond else {})}
        found = [f"{key} = {value}" for key, value in sorted(own.items())]
        return [*found, "may not be unplugged"] if self.interface.disallow_unplug else found


@dataclass(frozen=True, kw_only=True)
class SnapshotPage:
    """Its rows; ``data`` is all that was saved."""

    row: NetworkSnapshot

    @cached_property
    def data(self) -> NetworkData:
        return archive.data_of(self.row)

    @cached_property
    def nics(self) -> list[InterfaceRow]:
        return [self.shown(each) for each in self.data.nics]

    @cached_property
    def others(self) -> list[InterfaceRow]:
        """Bonds, VLANs and whatever else is no card."""
        return [self.shown(each) for each in self.data.interfaces if each.kind != Kind.NIC]

    @cached_property
    def items(self) -> tuple[items.Item, ...]:
        """What a removal would take, in the order in which it is made again."""
        return items.items_of(self.data)

    def shown(self, interface: Interface) -> InterfaceRow:
        below, over = self.data.below(interface), self.data.bond_over(interface)
        above = self.data.interface(over.key) if over and interface.kind == Kind.NIC else None
        bond = self.data.bond(interface.key)
        return InterfaceRow(
            interface=interface,
            name=self.data.named(interface),
            network=self.data.network(interface.network),
            on=items.members(self.data, interface) if bond else self.data.named(below) if below else "",
            bond=bond,
            member_of=self.data.named(above) if above else "",
        )


def told(address: Address) -> Iterator[str]:
    """Every address in words, IPv4 first."""
    if address.mode != NO_ADDRESS:
        yield f"{address.ip or '?'} {address.netmask} ({address.mode})"
        if address.gateway:
            yield f"gateway {address.gateway}"
    if address.ipv6_mode != NO_ADDRESS:
        yield f"{', '.join(address.ipv6) or '?'} ({address.ipv6_mode})"
        if address.ipv6_gateway:
            yield f"gateway {address.ipv6_gateway}"
    if address.dns and (address.mode, address.ipv6_mode) != (NO_ADDRESS, NO_ADDRESS):
        yield f"DNS {address.dns}"
