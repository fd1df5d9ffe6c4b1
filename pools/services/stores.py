"""A pool's networks and storage as the Pool page shows them."""

from dataclasses import dataclass

from pools.xapi.inventory import Snapshot
from pools.xapi.records import BondRecord, HostRecord, NetworkRecord, PBDRecord, PIFRecord, SRRecord


@dataclass(frozen=True, kw_only=True)
class NetworkRow:
    """A network with the interfaces that members have on it."""

    network: NetworkRecord
    pifs: tuple[PIFRecord, ...]
    bonds: tuple[BondRecord, ...]
    hosts: int

    @property
    def kind(self) -> str:
        if self.bonds:
            return "bond"
        if tags := sorted({pif.VLAN for pif in self.pifs if pif.VLAN >= 0}):
            return f"VLAN {', '.join(map(str, tags))}"
        return "NIC" if self.pifs else "internal"

    @property
    def attached(self) -> int:
        return sum(pif.currently_attached for pif in self.pifs)

    @property
    def management(self) -> bool:
        return any(pif.management for pif in self.pifs)


@dataclass(frozen=True, kw_only=True)
class StorageRow:
    """A storage repository and on how many members it is plugged."""

    sr: SRRecord
    attached: int
    connections: int
    is_default: bool
    hosts: tuple[str, ...]

    @property
    def used_percent(self) -> int:
        return round(100 * self.sr.physical_utilisation / self.sr.physical_size) if self.sr.physical_size > 0 else 0


def networks(snapshot: Snapshot) -> list[NetworkRow]:
    """List the pool's networks, management first, internal ones last."""
    rows = [network_row(snapshot, network) for network in snapshot.networks.values()]
    return sorted(rows, key=lambda row: (not row.management, not row.pifs, row.network.name_label.casefold()))


def network_row(snapshot: Snapshot, network: NetworkRecord) -> NetworkRow:
    """Describe one network."""
    pifs = tuple(pif for pif in snapshot.pifs.values() if pif.network == network.ref)
    masters = {pif.ref for pif in pifs}
    return NetworkRow(
        network=network,
        pifs=pifs,
        bonds=tuple(bond for bond in snapshot.bonds.values() if bond.master in masters),
        hosts=len(snapshot.hosts),
    )


def storage(snapshot: Snapshot, host: HostRecord | None = None) -> list[StorageRow]:
    """List storage of the pool, or of one server; shared first."""
    rows = [storage_row(snapshot, sr) for sr in snapshot.srs.values() if not host or plugged_to(snapshot, sr, host)]
    return sorted(rows, key=lambda row: (not row.sr.shared, row.sr.name_label.casefold()))


def storage_row(snapshot: Snapshot, sr: SRRecord) -> StorageRow:
    """Describe one storage repository."""
    pbds = connections(snapshot, sr)
    names = [snapshot.hosts[pbd.host].name_label for pbd in pbds if pbd.host in snapshot.hosts]
    return StorageRow(
        sr=sr,
        attached=sum(pbd.currently_attached for pbd in pbds),
        connections=len(pbds),
        is_default=snapshot.pool.default_SR == sr.ref,
        hosts=tuple(sorted(names)),
    )


def connections(snapshot: Snapshot, sr: SRRecord) -> list[PBDRecord]:
    """Return the PBDs of a storage repository."""
    return [pbd for pbd in snapshot.pbds.values() if sr.ref == pbd.SR]


def plugged_to(snapshot: Snapshot, sr: SRRecord, host: HostRecord) -> bool:
    """Whether the host has a connection (PBD) to the storage repository."""
    return any(pbd.host == host.ref for pbd in connections(snapshot, sr))
