"""What a scene file may say; the loader checks every value against these fields."""

import re
from dataclasses import dataclass, field
from typing import Literal

BondMode = Literal["balance-slb", "active-backup", "lacp"]
LAST_VLAN = 4094
LOOPBACK = re.compile(r"127(\.\d{1,3}){2}\Z")
PowerState = Literal["Running", "Halted", "Suspended", "Paused"]


@dataclass(frozen=True, kw_only=True)
class CpuSpec:
    model: str = "skylake"
    sockets: int = 2
    cores: int = 8


@dataclass(frozen=True, kw_only=True)
class NicSpec:
    """One network card, by the place where it sits."""

    device: str
    mac: str = ""
    speed: int = 10_000
    carrier: bool = True
    vendor: str = "Intel Corporation"
    product: str = "Ethernet Controller X710 for 10GbE SFP+"
    pci: str = ""


@dataclass(frozen=True, kw_only=True)
class ManagementSpec:
    nic: str = "eth0"
    mode: Literal["Static", "DHCP"] = "Static"
    vlan: int = -1


@dataclass(frozen=True, kw_only=True)
class BondSpec:
    network: str
    nics: tuple[str, ...]
    mode: BondMode = "balance-slb"
    properties: dict[str, str] = field(default_factory=dict)
    ip: str = ""


@dataclass(frozen=True, kw_only=True)
class VlanSpec:
    network: str
    on: str
    tag: int
    ip: str = ""


@dataclass(frozen=True, kw_only=True)
class TunnelSpec:
    network: str
    on: str


@dataclass(frozen=True, kw_only=True)
class SrSpec:
    name: str
    type: str = "nfs"
    shared: bool = False
    size_gib: int = 500
    used_gib: int = 0
    device_config: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DiskSpec:
    name: str
    size_gib: int = 20
    sr: str = "Local storage"


@dataclass(frozen=True, kw_only=True)
class VmSpec:
    name: str
    power_state: PowerState = "Halted"
    host: str = ""  # the host of a pool's VM; without it they are dealt out in turn
    obstacle: str = ""  # why it is in the way of an evacuation, by the name in scenes.obstacles
    memory_mib: int = 2048
    vcpus: int = 2
    disks: tuple[DiskSpec, ...] = ()
    networks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LocalDiskSpec:
    """One disk in a server; the first one has its local SR."""

    name: str
    size_gib: int = 440


@dataclass(frozen=True, kw_only=True)
class SubjectSpec:
    """A user or group of the directory, and the roles that it has in the pool."""

    name: str
    password: str = field(default="", repr=False)
    roles: tuple[str, ...] = ("read-only",)


@dataclass(frozen=True, kw_only=True)
class HostSpec:
    """One server; `count` makes several, with {n} in the name; `set` spoils single fields by class."""

    name: str
    count: int = 1
    description: str = ""
    username: str = "root"
    password: str = "Practice-lab-1"  # noqa: S105 - the password of a practice server, printed for all to see
    cpu: CpuSpec = CpuSpec()
    memory_gib: int = 64
    nics: int = 4
    nic_overrides: tuple[NicSpec, ...] = ()
    management: ManagementSpec = ManagementSpec()
    software: dict[str, str] = field(default_factory=dict)
    api_version: str = "2.23"
    edition: str = "xcp-ng"
    licence_daemon: bool = False
    clock_skew: float = 0.0
    powered: bool = True
    srs: tuple[SrSpec, ...] = ()
    vms: tuple[VmSpec, ...] = ()
    networks: tuple[str, ...] = ()
    bonds: tuple[BondSpec, ...] = ()
    vlans: tuple[VlanSpec, ...] = ()
    tunnels: tuple[TunnelSpec, ...] = ()
    disks: tuple[LocalDiskSpec, ...] = (LocalDiskSpec(name="sda"),)
    cables: dict[str, str] = field(default_factory=dict)  # "switch/port" by device; "" for none
    nic_order: dict[str, int] = field(default_factory=dict)  # position by device, where the name says another
    addresses: dict[str, str] = field(default_factory=dict)  # more addresses, by device or network
    subjects: tuple[SubjectSpec, ...] = ()
    running: tuple[str, ...] = ()  # VMs of other servers of its pool that run here
    spoil: tuple[str, ...] = ()
    set: dict[str, dict[str, object]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class PoolSpec:
    """Hosts of the same file that already form a pool when the scene begins."""

    name: str
    master: str
    members: tuple[str, ...] = ()
    description: str = ""
    ha: bool = False  # on from the beginning, its statefile on default_sr
    protected: tuple[str, ...] = ()  # VMs that HA restarts
    default_sr: str = ""
    vms: tuple[VmSpec, ...] = ()  # its hosts take them in turn


@dataclass(frozen=True, kw_only=True)
class EstateSpec:
    """Many equal pools (scenes.estates); `vms` of them in all, `storage` that of each pool."""

    pools: int
    name: str = "pool-{pool:02}"
    hosts: int = 16
    host: HostSpec = HostSpec(name="xs-{pool:02}-{n:02}")
    storage: tuple[SrSpec, ...] = ()
    vms: int = 0
    vm: VmSpec = VmSpec(name="vm-{pool:02}-{n:03}")


@dataclass(frozen=True, kw_only=True)
class PortSpec:
    """`vlans` are the tags it lets pass, `native` the VLAN of untagged frames; `fallback` lets LACP be absent.

    LACP joins only links to ports of one `group`.
    """

    name: str
    vlans: tuple[int, ...] = ()
    native: int = 0
    lacp: Literal["off", "active"] = "off"
    fallback: bool = True
    mtu: int = 9216
    group: str = ""

    def __post_init__(self) -> None:
        for vlan in (*self.vlans, self.native):
            if not 0 <= vlan <= LAST_VLAN:
                raise ValueError(f"VLANs from 0 to {LAST_VLAN}, got {vlan}")


@dataclass(frozen=True, kw_only=True)
class SwitchSpec:
    name: str
    ports: tuple[PortSpec, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StorageSpec:
    """A filer that several pools can use, by the name of their SRs; it answers on `networks`, or on the VLAN."""

    name: str
    type: str = "nfs"
    size_gib: int = 2000
    networks: tuple[str, ...] = ()
    device_config: dict[str, str] = field(default_factory=dict)
    vlan: int | None = None  # of the switches
    online: bool = True
    full: bool = False


@dataclass(frozen=True, kw_only=True)
class DamageSpec:
    """Something made wrong in the rows of one host, by the name under which scenes.damage knows it."""

    host: str
    name: str
    data: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Scene:
    name: str
    description: str = ""
    address_base: str = ""  # where its servers answer if nobody says another place, as 127.10.0
    hosts: tuple[HostSpec, ...] = ()
    estates: tuple[EstateSpec, ...] = ()
    pools: tuple[PoolSpec, ...] = ()
    switches: tuple[SwitchSpec, ...] = ()
    management_vlan: int = 0  # the switches' VLAN on which untagged management addresses live
    storages: tuple[StorageSpec, ...] = ()
    damage: tuple[DamageSpec, ...] = ()

    def __post_init__(self) -> None:
        if self.address_base and not LOOPBACK.match(self.address_base):
            raise ValueError(f"three numbers of a loopback address, got {self.address_base}")
