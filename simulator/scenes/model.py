"""What a scene file may say; the loader checks every value against these fields."""

from dataclasses import dataclass, field
from typing import Literal

BondMode = Literal["balance-slb", "active-backup", "lacp"]
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


@dataclass(frozen=True, kw_only=True)
class VlanSpec:
    network: str
    on: str
    tag: int


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
    memory_mib: int = 2048
    vcpus: int = 2
    disks: tuple[DiskSpec, ...] = ()
    networks: tuple[str, ...] = ()


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
    spoil: tuple[str, ...] = ()
    set: dict[str, dict[str, object]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class PoolSpec:
    """Hosts of the same file that already form a pool when the scene begins."""

    name: str
    master: str
    members: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Scene:
    name: str
    description: str = ""
    hosts: tuple[HostSpec, ...]
    pools: tuple[PoolSpec, ...] = ()
