"""The changes of which every repair of a member's network is made, each one call of XAPI or a few of one kind.

``at`` is the stable key of an interface (pools/snapshots/data.py); ``network`` is a uuid; NICs are named by MAC.
``name`` is for people: a NIC's device, else the label of its network.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from pools.snapshots.data import NO_MODE


@dataclass(frozen=True, kw_only=True)
class Change:
    """``cuts``: whether interfaces of the member are taken down and up again by it."""

    cuts: ClassVar[bool] = False

    name: str = ""


@dataclass(frozen=True, kw_only=True)
class DestroyBond(Change):
    """Bond.destroy: addresses, management, VLANs, tunnels and local VIFs go down to the primary member."""

    cuts: ClassVar[bool] = True

    at: str
    uuid: str
    network: str
    members: tuple[str, ...]
    devices: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CreateBond(Change):
    """Bond.create, primary member first: all that lies on the members comes up. ``mac``: empty for the primary's."""

    cuts: ClassVar[bool] = True

    network: str
    members: tuple[str, ...]
    devices: tuple[str, ...]
    mode: str
    properties: Mapping[str, str] = field(default_factory=dict)
    mac: str = ""


@dataclass(frozen=True, kw_only=True)
class SetBondMode(Change):
    """Bond.set_mode, then Bond.set_property for each property that is not so yet."""

    cuts: ClassVar[bool] = True

    at: str
    mode: str
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DestroyVLAN(Change):
    """VLAN.destroy; the network stays, and the VIFs on it. ``uuid``: the VLAN's own."""

    cuts: ClassVar[bool] = True

    at: str
    uuid: str
    network: str
    tag: int
    below: str


@dataclass(frozen=True, kw_only=True)
class CreateVLAN(Change):
    """VLAN.create on the interface ``below``."""

    network: str
    tag: int
    below: str
    below_name: str = ""


@dataclass(frozen=True, kw_only=True)
class SetIPv4(Change):
    """PIF.reconfigure_ip; mode "None" takes the address away. ``dns``: the IPv4 name servers, comma-separated."""

    cuts: ClassVar[bool] = True

    at: str
    mode: str = NO_MODE
    ip: str = ""
    netmask: str = ""
    gateway: str = ""
    dns: str = ""


@dataclass(frozen=True, kw_only=True)
class SetIPv6(Change):
    """PIF.reconfigure_ipv6; ``address`` with its prefix. ``dns``: the IPv6 name servers, comma-separated."""

    cuts: ClassVar[bool] = True

    at: str
    mode: str = NO_MODE
    address: str = ""
    gateway: str = ""
    dns: str = ""


@dataclass(frozen=True, kw_only=True)
class MoveManagement(Change):
    """host.management_reconfigure; the address of the old interface stays there. ``ip``: where it answers then."""

    cuts: ClassVar[bool] = True

    at: str
    ip: str = ""


@dataclass(frozen=True, kw_only=True)
class PlugInterface(Change):
    """PIF.plug."""

    cuts: ClassVar[bool] = True

    at: str


@dataclass(frozen=True, kw_only=True)
class SetFlags(Change):
    """What XAPI does not carry over: PIF.other_config, disallow_unplug, properties. Only what is given is written.

    ``settings``: keys of other_config with their values; an empty value takes the key away.
    """

    at: str
    settings: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    disallow_unplug: bool | None = None


@dataclass(frozen=True, kw_only=True)
class MoveVIFs(Change):
    """VIF.move for each: networks by the VIF's uuid. ``vms``: names of the VMs concerned."""

    moves: Mapping[str, str]
    vms: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SetMTU(Change):
    """network.set_MTU: the whole pool's; it takes effect when an interface on the network is plugged."""

    network: str
    mtu: int


@dataclass(frozen=True, kw_only=True)
class ForgetNIC(Change):
    """PIF.forget: the record of a NIC goes; a scan makes a new one if the card is there."""

    cuts: ClassVar[bool] = True

    at: str
    uuid: str


@dataclass(frozen=True, kw_only=True)
class ScanNICs(Change):
    """PIF.scan: every card without a record gets one. ``expects``: by MAC, the network that its record is on then."""

    expects: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DestroyNetwork(Change):
    """network.destroy: nothing is on it any more, and no VIF either."""

    network: str


@dataclass(frozen=True, kw_only=True)
class DropRecord(Change):
    """What a change that broke off left behind: VLAN.destroy or Bond.destroy of a record without its other half."""

    kind: str
    uuid: str


@dataclass(frozen=True, kw_only=True)
class RestartToolstack(Change):
    """host.restart_agent: XAPI copies bonds and VLANs of the coordinator by itself."""

    cuts: ClassVar[bool] = True
