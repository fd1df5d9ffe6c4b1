"""Frozen records of XAPI's objects, with the fields that xenweb reads (datamodel: class and field names).

What is declared here is what is stored, in clear: no field that may hold a secret (device_config, other_config).
Of such a map single keys are taken, by name: ``inside``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Self, get_origin, get_type_hints

from pools.xapi.errors import OddReplyError

NULL = "OpaqueRef:NULL"
StrMap = Mapping[str, str]


def inside(container: str, key: str) -> str:
    """Declare a field that is one key of a map of the wire; empty where the map has none such."""
    declared: str = field(default="", metadata={"container": container, "key": key})
    return declared


def only(container: str, *keys: str) -> dict[str, object]:
    """Metadata of a field that holds these keys of a map of the wire, and no others."""
    return {"container": container, "keys": keys}


ETHTOOL = ("speed", "duplex", "autoneg", "rx", "tx", "sg", "tso", "ufo", "gso", "gro", "lro")
BONDING = ("miimon", "downdelay", "updelay", "use_carrier", "rebalance-interval", "lacp-time")
PIF_SETTINGS = (
    *("domain", "defaultroute", "peerdns", "mtu", "management_purpose"),
    *(f"ethtool-{name}" for name in ETHTOOL),
    *(f"bond-{name}" for name in BONDING),
)
NETWORK_SETTINGS = ("static-routes", "vswitch-controller-fail-mode", "vswitch-disable-in-band", "automatic")
STORAGE_PLACE = ("server", "serverpath", "target", "SCSIid", "location")


@dataclass(frozen=True, kw_only=True)
class Record:
    """What every object has; unknown wire fields are left out, missing ones get the default."""

    ref: str
    uuid: str = ""

    @classmethod
    def from_wire(cls, ref: str, wire: Mapping[str, object]) -> Self:
        """Build a record from ``get_record``'s struct, on either transport (ints may arrive as text)."""
        taken = chosen(cls, wire)
        known = {name: _as(kind, taken[name]) for name, kind in _kinds(cls) if name in taken}
        return cls(ref=ref, **known)  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class PoolRecord(Record):
    name_label: str = ""
    name_description: str = ""
    master: str = NULL
    default_SR: str = NULL
    suspend_image_SR: str = NULL
    crash_dump_SR: str = NULL
    ha_enabled: bool = False
    ha_statefiles: tuple[str, ...] = ()
    ha_configuration: StrMap = field(default_factory=dict)
    ha_host_failures_to_tolerate: int = 0
    ha_plan_exists_for: int = 0
    restrictions: StrMap = field(default_factory=dict)
    cpu_info: StrMap = field(default_factory=dict)
    current_operations: StrMap = field(default_factory=dict)
    tls_verification_enabled: bool = False
    is_psr_pending: bool = False
    redo_log_enabled: bool = False
    rolling_upgrade: str = inside("other_config", "rolling_upgrade_in_progress")


@dataclass(frozen=True, kw_only=True)
class HostRecord(Record):
    name_label: str = ""
    name_description: str = ""
    hostname: str = ""
    address: str = ""
    enabled: bool = False
    edition: str = ""
    capabilities: tuple[str, ...] = ()
    metrics: str = NULL
    API_version_major: int = 0
    API_version_minor: int = 0
    software_version: StrMap = field(default_factory=dict)
    cpu_info: StrMap = field(default_factory=dict)
    external_auth_type: str = ""
    external_auth_service_name: str = ""
    pending_guidances: tuple[str, ...] = ()
    updates: tuple[str, ...] = ()
    sync_vlans: str = inside("other_config", "sync_vlans")
    current_operations: StrMap = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class HostMetricsRecord(Record):
    live: bool = False
    memory_total: int = 0
    memory_free: int = 0


@dataclass(frozen=True, kw_only=True)
class VMRecord(Record):
    name_label: str = ""
    power_state: str = "Halted"
    is_control_domain: bool = False
    is_default_template: bool = False
    is_a_template: bool = False
    is_a_snapshot: bool = False
    snapshot_time: str = ""
    resident_on: str = NULL
    suspend_VDI: str = NULL
    memory_static_max: int = 0
    ha_restart_priority: str = ""
    order: int = 0
    metrics: str = NULL
    version: int = 0
    mac_seed: str = inside("other_config", "mac_seed")
    domain_type: str = "hvm"
    last_boot_CPU_flags: StrMap = field(default_factory=dict)
    current_operations: StrMap = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class VMMetricsRecord(Record):
    start_time: str = ""


@dataclass(frozen=True, kw_only=True)
class VIFRecord(Record):
    device: str = ""
    network: str = NULL
    VM: str = NULL


@dataclass(frozen=True, kw_only=True)
class PIFRecord(Record):
    device: str = ""
    network: str = NULL
    host: str = NULL
    MAC: str = ""
    MTU: int = 1500
    VLAN: int = -1
    metrics: str = NULL
    physical: bool = False
    currently_attached: bool = False
    managed: bool = True
    management: bool = False
    properties: StrMap = field(default_factory=dict)
    ip_configuration_mode: str = "None"
    IP: str = ""
    netmask: str = ""
    gateway: str = ""
    DNS: str = ""
    ipv6_configuration_mode: str = "None"
    IPv6: tuple[str, ...] = ()
    ipv6_gateway: str = ""
    disallow_unplug: bool = False
    settings: StrMap = field(default_factory=dict, metadata=only("other_config", *PIF_SETTINGS))
    primary_address_type: str = "IPv4"
    bond_slave_of: str = NULL
    bond_master_of: tuple[str, ...] = ()
    VLAN_master_of: str = NULL


@dataclass(frozen=True, kw_only=True)
class PIFMetricsRecord(Record):
    carrier: bool = False
    speed: int = 0
    vendor_name: str = ""
    device_name: str = ""
    pci_bus_path: str = ""


@dataclass(frozen=True, kw_only=True)
class NetworkRecord(Record):
    name_label: str = ""
    name_description: str = ""
    bridge: str = ""
    MTU: int = 1500
    managed: bool = True
    purpose: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    default_locking_mode: str = "unlocked"
    settings: StrMap = field(default_factory=dict, metadata=only("other_config", *NETWORK_SETTINGS))


@dataclass(frozen=True, kw_only=True)
class BondRecord(Record):
    master: str = NULL
    slaves: tuple[str, ...] = ()
    primary_slave: str = NULL
    mode: str = "balance-slb"
    properties: StrMap = field(default_factory=dict)
    links_up: int = 0
    auto_update_mac: bool = True


@dataclass(frozen=True, kw_only=True)
class VLANRecord(Record):
    tagged_PIF: str = NULL
    untagged_PIF: str = NULL
    tag: int = -1


@dataclass(frozen=True, kw_only=True)
class TunnelRecord(Record):
    access_PIF: str = NULL
    transport_PIF: str = NULL
    protocol: str = "gre"
    status: StrMap = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class NetworkSriovRecord(Record):
    physical_PIF: str = NULL
    logical_PIF: str = NULL


@dataclass(frozen=True, kw_only=True)
class SRRecord(Record):
    name_label: str = ""
    name_description: str = ""
    type: str = ""
    content_type: str = ""
    shared: bool = False
    is_tools_sr: bool = False
    physical_size: int = 0
    physical_utilisation: int = 0
    current_operations: StrMap = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class VDIRecord(Record):
    name_label: str = ""
    SR: str = NULL
    type: str = "user"
    virtual_size: int = 0
    physical_utilisation: int = 0
    is_a_snapshot: bool = False
    snapshot_of: str = NULL
    snapshot_time: str = ""


@dataclass(frozen=True, kw_only=True)
class VBDRecord(Record):
    VM: str = NULL
    VDI: str = NULL
    type: str = "Disk"
    userdevice: str = ""
    bootable: bool = False
    mode: str = "RW"
    unpluggable: bool = True
    currently_attached: bool = False


@dataclass(frozen=True, kw_only=True)
class SMRecord(Record):
    type: str = ""
    name_label: str = ""
    features: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class PBDRecord(Record):
    host: str = NULL
    SR: str = NULL
    currently_attached: bool = False
    place: StrMap = field(default_factory=dict, metadata=only("device_config", *STORAGE_PLACE))


@dataclass(frozen=True, kw_only=True)
class PoolUpdateRecord(Record):
    name_label: str = ""
    enforce_homogeneity: bool = False


@dataclass(frozen=True, kw_only=True)
class CertificateRecord(Record):
    name: str = ""
    type: str = ""
    purpose: tuple[str, ...] = ()
    host: str = NULL
    fingerprint: str = ""
    fingerprint_sha256: str = ""


@dataclass(frozen=True, kw_only=True)
class ClusterRecord(Record):
    pool_auto_join: bool = False
    cluster_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ClusterHostRecord(Record):
    cluster: str = NULL
    host: str = NULL
    PIF: str = NULL
    enabled: bool = False


@dataclass(frozen=True, kw_only=True)
class SDNControllerRecord(Record):
    protocol: str = ""
    address: str = ""
    port: int = 0


@dataclass(frozen=True, kw_only=True)
class TaskRecord(Record):
    name_label: str = ""
    status: str = "pending"
    created: str = ""
    progress: float = 0.0
    result: str = ""
    error_info: tuple[str, ...] = ()


def chosen(cls: type[Record], wire: Mapping[str, object]) -> dict[str, object]:
    """Keep the fields that the record declares; of maps that may hold secrets, only the keys it names."""
    taken = {name: wire[name] for name, _ in _kinds(cls) if name in wire}
    for name, container, key in _insides(cls):
        within = wire.get(container)
        if isinstance(within, Mapping) and key in within:
            taken[name] = within[key]
    for name, container, keys in _onlys(cls):
        within = wire.get(container, wire.get(name))
        taken[name] = {key: within[key] for key in keys if key in within} if isinstance(within, Mapping) else {}
    return taken


_SCALARS: Mapping[object, Callable[[object], object]] = {
    int: lambda value: int(str(value)),
    float: lambda value: float(str(value)),
    str: str,
}
_KINDS: dict[type[Record], tuple[tuple[str, object], ...]] = {}
_INSIDES: dict[type[Record], tuple[tuple[str, str, str], ...]] = {}
_ONLYS: dict[type[Record], tuple[tuple[str, str, tuple[str, ...]], ...]] = {}


def _kinds(cls: type[Record]) -> tuple[tuple[str, object], ...]:
    if cls not in _KINDS:
        hints = get_type_hints(cls)
        _KINDS[cls] = tuple((entry.name, hints[entry.name]) for entry in fields(cls) if entry.name != "ref")
    return _KINDS[cls]


def _insides(cls: type[Record]) -> tuple[tuple[str, str, str], ...]:
    """Name, container and key of the fields that lie inside a map."""
    if cls not in _INSIDES:
        declared = [(entry.name, entry.metadata) for entry in fields(cls) if "key" in entry.metadata]
        _INSIDES[cls] = tuple((name, str(where["container"]), str(where["key"])) for name, where in declared)
    return _INSIDES[cls]


def _onlys(cls: type[Record]) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Name, container and keys of the fields that are the harmless part of a map."""
    if cls not in _ONLYS:
        declared = [(entry.name, entry.metadata) for entry in fields(cls) if "keys" in entry.metadata]
        _ONLYS[cls] = tuple((name, str(where["container"]), tuple(where["keys"])) for name, where in declared)
    return _ONLYS[cls]


def _as(kind: object, value: object) -> object:
    """Convert a wire value, or raise ValueError: XML-RPC sends integers as text, sets as arrays."""
    if kind in (int, float, str):
        return _SCALARS[kind](value)
    if kind is bool:
        if not isinstance(value, bool):
            raise OddReplyError("not a boolean")
        return value
    if get_origin(kind) is tuple:
        if not isinstance(value, list | tuple):
            raise OddReplyError("not a set")
        return tuple(str(item) for item in value)
    if not isinstance(value, Mapping):
        raise OddReplyError("not a map")
    number = kind == Mapping[str, int]
    return {str(key): int(str(item)) if number else str(item) for key, item in value.items()}
