"""All records of one pool at one moment, typed and linked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from pools.xapi import records as r

RecordT = TypeVar("RecordT", bound=r.Record)

# Wire class (as event.from names it, lower case) -> attribute of Snapshot and record type.
CLASSES: dict[str, tuple[str, type[r.Record]]] = {
    "pool": ("pools", r.PoolRecord),
    "host": ("hosts", r.HostRecord),
    "host_metrics": ("host_metrics", r.HostMetricsRecord),
    "vm": ("vms", r.VMRecord),
    "vm_metrics": ("vm_metrics", r.VMMetricsRecord),
    "vif": ("vifs", r.VIFRecord),
    "pif": ("pifs", r.PIFRecord),
    "pif_metrics": ("pif_metrics", r.PIFMetricsRecord),
    "network": ("networks", r.NetworkRecord),
    "bond": ("bonds", r.BondRecord),
    "vlan": ("vlans", r.VLANRecord),
    "tunnel": ("tunnels", r.TunnelRecord),
    "network_sriov": ("network_sriovs", r.NetworkSriovRecord),
    "sr": ("srs", r.SRRecord),
    "vdi": ("vdis", r.VDIRecord),
    "vbd": ("vbds", r.VBDRecord),
    "sm": ("sms", r.SMRecord),
    "pbd": ("pbds", r.PBDRecord),
    "pool_update": ("pool_updates", r.PoolUpdateRecord),
    "certificate": ("certificates", r.CertificateRecord),
    "cluster": ("clusters", r.ClusterRecord),
    "cluster_host": ("cluster_hosts", r.ClusterHostRecord),
    "sdn_controller": ("sdn_controllers", r.SDNControllerRecord),
}

# As messages spell the classes that are not in lower case.
MIXED = ("VM", "VM_metrics", "VIF", "PIF", "PIF_metrics", "Bond", "VLAN", "SR", "VDI", "VBD", "SM", "PBD", "Cluster")
SPELLED = {name.lower(): name for name in (*MIXED, "Cluster_host", "SDN_controller")}


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Records by reference. ``unread`` names wire classes that could not be read: unknown, never "none"."""

    pools: Mapping[str, r.PoolRecord] = field(default_factory=dict)
    hosts: Mapping[str, r.HostRecord] = field(default_factory=dict)
    host_metrics: Mapping[str, r.HostMetricsRecord] = field(default_factory=dict)
    vms: Mapping[str, r.VMRecord] = field(default_factory=dict)
    vm_metrics: Mapping[str, r.VMMetricsRecord] = field(default_factory=dict)
    vifs: Mapping[str, r.VIFRecord] = field(default_factory=dict)
    pifs: Mapping[str, r.PIFRecord] = field(default_factory=dict)
    pif_metrics: Mapping[str, r.PIFMetricsRecord] = field(default_factory=dict)
    networks: Mapping[str, r.NetworkRecord] = field(default_factory=dict)
    bonds: Mapping[str, r.BondRecord] = field(default_factory=dict)
    vlans: Mapping[str, r.VLANRecord] = field(default_factory=dict)
    tunnels: Mapping[str, r.TunnelRecord] = field(default_factory=dict)
    network_sriovs: Mapping[str, r.NetworkSriovRecord] = field(default_factory=dict)
    srs: Mapping[str, r.SRRecord] = field(default_factory=dict)
    vdis: Mapping[str, r.VDIRecord] = field(default_factory=dict)
    vbds: Mapping[str, r.VBDRecord] = field(default_factory=dict)
    sms: Mapping[str, r.SMRecord] = field(default_factory=dict)
    pbds: Mapping[str, r.PBDRecord] = field(default_factory=dict)
    pool_updates: Mapping[str, r.PoolUpdateRecord] = field(default_factory=dict)
    certificates: Mapping[str, r.CertificateRecord] = field(default_factory=dict)
    clusters: Mapping[str, r.ClusterRecord] = field(default_factory=dict)
    cluster_hosts: Mapping[str, r.ClusterHostRecord] = field(default_factory=dict)
    sdn_controllers: Mapping[str, r.SDNControllerRecord] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()

    @classmethod
    def from_wire(
        cls, tables: Mapping[str, Mapping[str, Mapping[str, object]]], unread: frozenset[str] = frozenset()
    ) -> "Snapshot":
        """Build from ``{wire class: {ref: record}}``, the shape that Inventory.records stores."""
        typed = {
            attribute: {ref: kind.from_wire(ref, wire) for ref, wire in tables.get(name, {}).items()}
            for name, (attribute, kind) in CLASSES.items()
        }
        return cls(**typed, unread=unread)  # type: ignore[arg-type]

    @cached_property
    def pool(self) -> r.PoolRecord:
        """The pool record; every XAPI database has exactly one."""
        return next(iter(self.pools.values()), r.PoolRecord(ref=r.NULL))

    @cached_property
    def master(self) -> r.HostRecord:
        """The coordinator's host record."""
        return self.hosts.get(self.pool.master, r.HostRecord(ref=r.NULL))

    def host(self, uuid: str) -> r.HostRecord | None:
        """Return the host with this uuid, if the pool has it."""
        return next((host for host in self.hosts.values() if host.uuid == uuid), None)

    def pifs_of(self, host: r.HostRecord) -> list[r.PIFRecord]:
        """Return the host's PIFs in the order of their device names."""
        return sorted((p for p in self.pifs.values() if p.host == host.ref), key=lambda p: (p.device, p.VLAN))

    def management_pif(self, host: r.HostRecord) -> r.PIFRecord | None:
        """Return the PIF that carries management (xapi_host.ml, get_management_interface)."""
        return next((p for p in self.pifs.values() if p.host == host.ref and p.management), None)

    def is_live(self, host: r.HostRecord) -> bool:
        """Whether the pool counts the host's heartbeat; may stay true for ten minutes after its death."""
        metrics = self.host_metrics.get(host.metrics)
        return metrics is not None and metrics.live
