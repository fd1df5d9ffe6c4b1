"""What a network snapshot holds: everything that a removal takes, by uuid and by stable keys.

Keys: a card is its MAC; a bond, a VLAN (with its tag) and a tunnel are the network that they are on. References and
UUIDs of bonds and VLANs change with every repair.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

VERSION: Final = 1
UNTAGGED: Final = -1
NO_MODE: Final = "None"
UNLOCKED: Final = "unlocked"


class Kind(StrEnum):
    """What an interface is (xapi_pif_helpers.ml, get_pif_type)."""

    NIC = "NIC"
    BOND = "bond"
    VLAN = "VLAN"
    TUNNEL = "tunnel"
    SRIOV = "SR-IOV"


@dataclass(frozen=True, kw_only=True)
class Address:
    """How an interface gets its addresses."""

    mode: str = NO_MODE
    ip: str = ""
    netmask: str = ""
    gateway: str = ""
    dns: str = ""
    ipv6_mode: str = NO_MODE
    ipv6: tuple[str, ...] = ()
    ipv6_gateway: str = ""
    primary: str = "IPv4"

    @property
    def is_set(self) -> bool:
        return self.mode != NO_MODE or self.ipv6_mode != NO_MODE


@dataclass(frozen=True, kw_only=True)
class Interface:
    """One PIF. ``network``: a uuid; ``position``: N of xenbrN, or -1; ``carrier``: None where nothing is known."""

    key: str
    kind: Kind
    uuid: str
    device: str = ""
    mac: str = ""
    position: int = -1
    vlan: int = UNTAGGED
    mtu: int = 1500
    network: str = ""
    address: Address = Address()
    management: bool = False
    attached: bool = False
    managed: bool = True
    disallow_unplug: bool = False
    properties: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    carrier: bool | None = None
    speed: int = 0
    slot: str = ""
    card: str = ""


@dataclass(frozen=True, kw_only=True)
class Bond:
    """``key`` is that of its interface; ``members`` and ``primary`` are MACs, the primary one first."""

    key: str
    uuid: str
    network: str
    members: tuple[str, ...] = ()
    primary: str = ""
    mode: str = "balance-slb"
    properties: Mapping[str, str] = field(default_factory=dict)
    auto_update_mac: bool = True
    mac: str = ""


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A VLAN (with a tag) or a tunnel (with a protocol) on another interface; ``key`` is that of its interface."""

    key: str
    uuid: str
    network: str
    below: str
    tag: int = UNTAGGED
    protocol: str = ""


@dataclass(frozen=True, kw_only=True)
class Network:
    """A network that the server is on; ``locking``: what its VIFs may send unless they say otherwise."""

    uuid: str
    name: str = ""
    description: str = ""
    bridge: str = ""
    mtu: int = 1500
    managed: bool = True
    purpose: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    locking: str = UNLOCKED
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Place:
    """The server and its pool at that moment."""

    host_uuid: str
    host_name: str = ""
    hostname: str = ""
    address: str = ""
    enabled: bool = False
    live: bool = False
    xapi_build: str = ""
    pool_uuid: str = ""
    pool_name: str = ""
    coordinator_uuid: str = ""
    ha_enabled: bool = False
    redo_log_enabled: bool = False


@dataclass(frozen=True, kw_only=True)
class NetworkData:
    """All of it. ``missing``: in words, what is not in here although it should be; ``vifs``: networks by VIF."""

    place: Place
    version: int = VERSION
    interfaces: tuple[Interface, ...] = ()
    bonds: tuple[Bond, ...] = ()
    vlans: tuple[Layer, ...] = ()
    tunnels: tuple[Layer, ...] = ()
    networks: tuple[Network, ...] = ()
    vifs: Mapping[str, str] = field(default_factory=dict)
    storage: Mapping[str, str] = field(default_factory=dict)
    residents: Mapping[str, str] = field(default_factory=dict)
    cluster_interface: str = ""
    missing: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        return not self.missing

    @property
    def nics(self) -> list[Interface]:
        return self.of_kind(Kind.NIC)

    @property
    def management(self) -> Interface | None:
        return next((each for each in self.interfaces if each.management), None)

    def of_kind(self, kind: Kind) -> list[Interface]:
        return [each for each in self.interfaces if each.kind == kind]

    def interface(self, key: str) -> Interface | None:
        return next((each for each in self.interfaces if each.key == key), None)

    def network(self, uuid: str) -> Network:
        return next((each for each in self.networks if each.uuid == uuid), Network(uuid=uuid))

    def bond(self, key: str) -> Bond | None:
        return next((each for each in self.bonds if each.key == key), None)

    def layer(self, key: str) -> Layer | None:
        """The VLAN or tunnel with this key."""
        return next((each for each in (*self.vlans, *self.tunnels) if each.key == key), None)

    def below(self, interface: Interface) -> Interface | None:
        """What a VLAN or tunnel lies on."""
        layer = self.layer(interface.key)
        return self.interface(layer.below) if layer else None

    def bond_over(self, nic: Interface) -> Bond | None:
        """The bond that a card is a member of."""
        return next((bond for bond in self.bonds if nic.mac in bond.members), None)

    def named(self, interface: Interface) -> str:
        """Name an interface as people do."""
        if interface.kind == Kind.NIC:
            return interface.device
        name = self.network(interface.network).name or interface.device
        return f"{name} (VLAN {interface.vlan})" if interface.kind == Kind.VLAN else name
