"""A member's network that can be changed, and what drags what along: addresses, VLANs, tunnels, protection."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import singledispatch
from typing import Final, Self

from pools.repair.changes import Change
from pools.snapshots.data import Address, Bond, Interface, Layer, NetworkData

NO_ADDRESS: Final = Address()
DEFAULTS: Final[Mapping[str, Mapping[str, str]]] = {
    "lacp": {"hashing_algorithm": "tcpudp_ports", "lacp-time": "slow", "lacp-fallback-ab": "true"}
}
LACP_KEYS: Final = frozenset({*DEFAULTS["lacp"], "lacp-aggregation-key"})


class Refused(Exception):
    """XAPI would refuse the change with this code."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def bond_key(network: str) -> str:
    return f"bond:{network}"


def vlan_key(network: str, tag: int) -> str:
    return f"vlan:{network}:{tag}"


def nic_key(mac: str) -> str:
    return f"nic:{mac}"


def with_defaults(mode: str, properties: Mapping[str, str]) -> dict[str, str]:
    """What XAPI adds to the properties of a bond, and what it drops (xapi_bond.ml, requirements_of_mode)."""
    known = LACP_KEYS if mode in DEFAULTS else frozenset()
    return {**DEFAULTS.get(mode, {}), **{key: value for key, value in properties.items() if key in known}}


@dataclass(kw_only=True)
class State:
    """A network that can be changed; what is not in the lists below stays as it is in ``start``."""

    start: NetworkData
    interfaces: list[Interface]
    bonds: list[Bond]
    vlans: list[Layer]
    tunnels: list[Layer]

    @classmethod
    def of(cls, data: NetworkData) -> Self:
        return cls(
            start=data,
            interfaces=list(data.interfaces),
            bonds=list(data.bonds),
            vlans=list(data.vlans),
            tunnels=list(data.tunnels),
        )

    def data(self) -> NetworkData:
        management = next((each for each in self.interfaces if each.management), None)
        address = management.address.ip if management and management.address.ip else self.start.place.address
        return replace(
            self.start,
            place=replace(self.start.place, address=address),
            interfaces=tuple(self.interfaces),
            bonds=tuple(self.bonds),
            vlans=tuple(self.vlans),
            tunnels=tuple(self.tunnels),
        )

    def interface(self, key: str) -> Interface:
        found = next((each for each in self.interfaces if each.key == key), None)
        if found is None:
            raise Refused("HANDLE_INVALID")
        return found

    def set(self, key: str, **values: object) -> None:
        """Change the first interface with this key."""
        at = self.interfaces.index(self.interface(key))
        self.interfaces[at] = replace(self.interfaces[at], **values)  # type: ignore[arg-type]

    def bond(self, key: str) -> Bond:
        found = next((each for each in self.bonds if each.key == key), None)
        if found is None:
            raise Refused("HANDLE_INVALID")
        return found

    def holder(self, key: str) -> Bond | None:
        """The bond whose member this NIC is."""
        return next((bond for bond in self.bonds if key in map(nic_key, bond.members)), None)

    def on(self, network: str) -> list[Interface]:
        return [each for each in self.interfaces if each.network == network]

    def layers(self, below: str) -> list[Layer]:
        return [each for each in self.vlans if each.below == below]

    def move_address(self, old: str, new: str) -> None:
        """IPv4 goes along, and management with it; IPv6 does not (move_configuration)."""
        there, here = self.interface(old), self.interface(new)
        self.set(new, address=ipv4_of(there.address, here.address), management=there.management or here.management)
        self.set(old, address=ipv4_of(NO_ADDRESS, there.address), management=False)

    def move_layers(self, below: str, onto: str) -> None:
        """VLANs are made anew on the same network; where the tag is there already, that one is used (move_vlan)."""
        for layer in self.layers(below):
            twin = next((each for each in self.layers(onto) if each.tag == layer.tag), None)
            old = self.interface(layer.key)
            self.vlans.remove(layer)
            if twin is not None:
                self.move_address(layer.key, twin.key)
                self.interfaces.remove(self.interface(layer.key))
                continue
            self.vlans.append(replace(layer, below=onto, uuid=""))
            fresh = replace(old, address=ipv4_of(old.address, NO_ADDRESS), settings={}, disallow_unplug=False, uuid="")
            self.interfaces[self.interfaces.index(old)] = fresh
        for tunnel in [each for each in self.tunnels if each.below == below]:
            self.tunnels[self.tunnels.index(tunnel)] = replace(tunnel, below=onto, uuid="")

    def move_protection(self, sources: Iterable[str], onto: str) -> None:
        protected = [key for key in sources if self.interface(key).disallow_unplug]
        for key in protected:
            self.set(key, disallow_unplug=False)
        if protected:
            self.set(onto, disallow_unplug=True)

    def move_cluster(self, sources: Iterable[str], onto: str) -> None:
        if self.start.cluster_interface in set(sources):
            self.start = replace(self.start, cluster_interface=onto)


def ipv4_of(source: Address, rest: Address) -> Address:
    """The IPv4 part of one with the other's IPv6."""
    return replace(rest, mode=source.mode, ip=source.ip, netmask=source.netmask, gateway=source.gateway, dns=source.dns)


def of_version(dns: str, version: int) -> str:
    """The name servers of one family: XAPI keeps both in one list."""
    texts = [text.strip() for text in dns.split(",") if text.strip()]
    return ",".join(text for text in texts if (":" in text) == (version == 6))  # noqa: PLR2004


@singledispatch
def make(change: Change, state: State) -> None:
    """Make the change; what it changes is not in a member's network, or not to be told before, unless it is below."""
