"""The aim of a repair while it is put together: the member's network as it is, changed problem by problem."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from ipaddress import ip_address, ip_network

from pools.diagnosis.mismatch import Kind, Mismatch
from pools.diagnosis.view import View
from pools.repair.state import NO_ADDRESS, State, nic_key
from pools.snapshots.data import Address, Interface, NetworkData
from pools.snapshots.data import Kind as What


@dataclass(kw_only=True)
class Aim:
    """``now`` is the member's network, ``ours`` the coordinator's, ``state`` the aim. ``moved``: bonds that change."""

    view: View
    now: NetworkData
    ours: NetworkData
    state: State
    problems: tuple[Mismatch, ...]
    moved: set[str] = field(default_factory=set)

    def of_kind(self, *kinds: Kind) -> Iterator[Mismatch]:
        return (each for each in self.problems if each.kind in kinds)

    def ref(self, mismatch: Mismatch) -> str:
        """The reference of its network."""
        return self.view.refs.get(mismatch.network, "")

    def uuid(self, network_ref: str) -> str:
        return self.view.network(network_ref).uuid

    def on(self, network: str) -> Interface | None:
        """The member's interface on a network, as it is to be; a NIC in a bond is none."""
        free = (each for each in self.state.on(network) if not self.state.holder(each.key))
        return next(free, None)

    def twin(self, interface: Interface) -> Interface | None:
        """The coordinator's interface on the same network."""
        return next((each for each in self.ours.interfaces if each.network == interface.network), None)

    def end_of(self, key: str) -> str:
        """Where an interface of now is in the end: in its bond, or that of its NICs when it is gone."""
        bond = self.now.bond(key)
        nics = [nic_key(mac) for mac in bond.members] if bond else [key]
        if bond and any(each.key == key for each in self.state.bonds):
            return key
        first = nic_key(bond.primary or bond.members[0]) if bond else nics[0]
        holder = self.state.holder(first)
        return holder.key if holder else first

    def home_of(self, interface: Interface) -> str:
        """Where the address of an interface belongs: by management, by its subnet, else where it is."""
        management = self.ours.management
        if interface.management and management:
            found = self.on(management.network)
            return found.key if found else self.end_of(interface.key)
        networks = {each.network for each in self.ours.interfaces if same_subnet(each.address, interface.address)}
        found = self.on(networks.pop()) if len(networks) == 1 else None
        return found.key if found else self.end_of(interface.key)

    def resettle(self, interface: Interface) -> None:
        """Put address and management where they belong; ``interface`` is as it was."""
        home = self.state.interface(self.home_of(interface))
        self.state.set(home.key, address=interface.address, management=interface.management or home.management)

    def clear(self, key: str) -> None:
        """Take address and management off an interface that is still there."""
        if any(each.key == key for each in self.state.interfaces):
            here = self.state.interface(key)
            self.state.set(key, address=replace(NO_ADDRESS, primary=here.address.primary), management=False)


def same_subnet(one: Address, other: Address) -> bool:
    """Whether two static addresses are in one subnet."""
    if not (one.ip and one.netmask and other.ip):
        return False
    try:
        return ip_address(other.ip) in ip_network(f"{one.ip}/{one.netmask}", strict=False)
    except ValueError:
        return False


def carries(interface: Interface) -> bool:
    """Whether something of it has to be somewhere in the end."""
    return interface.management or interface.address.is_set


def is_bonded(interface: Interface) -> bool:
    return interface.kind == What.BOND
