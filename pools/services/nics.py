"""A server's NICs, bonds and VLANs as the NIC panel shows them."""

from dataclasses import dataclass

from pools.xapi.inventory import Snapshot
from pools.xapi.records import NULL, BondRecord, HostRecord, NetworkRecord, PIFMetricsRecord, PIFRecord


@dataclass(frozen=True, kw_only=True)
class NicRow:
    """One physical NIC with what lies on it."""

    pif: PIFRecord
    metrics: PIFMetricsRecord | None
    network: NetworkRecord | None
    bond: BondRecord | None
    bond_pif: PIFRecord | None

    @property
    def carrier(self) -> bool | None:
        """Link state; None when the host gave no metrics."""
        return self.metrics.carrier if self.metrics else None


@dataclass(frozen=True, kw_only=True)
class InterfaceRow:
    """A bond, a VLAN or another virtual interface of a server."""

    pif: PIFRecord
    network: NetworkRecord | None
    bond: BondRecord | None
    members: tuple[str, ...]

    @property
    def kind(self) -> str:
        """Name what it is; tunnels, and bonds whose record was not read, are no VLANs."""
        if self.bond:
            return "Bond"
        return f"VLAN {self.pif.VLAN}" if self.pif.VLAN >= 0 else "Virtual"

    @property
    def links(self) -> str:
        """Return links up of all, as "2/2"; empty for a VLAN."""
        return f"{self.bond.links_up}/{len(self.members)}" if self.bond else ""


def nics(snapshot: Snapshot, host: HostRecord) -> list[NicRow]:
    """List the physical NICs in device order."""
    return [nic(snapshot, pif) for pif in snapshot.pifs_of(host) if pif.physical]


def nic(snapshot: Snapshot, pif: PIFRecord) -> NicRow:
    """Describe one physical NIC."""
    bond = snapshot.bonds.get(pif.bond_slave_of) if pif.bond_slave_of != NULL else None
    return NicRow(
        pif=pif,
        metrics=snapshot.pif_metrics.get(pif.metrics),
        network=snapshot.networks.get(pif.network),
        bond=bond,
        bond_pif=snapshot.pifs.get(bond.master) if bond else None,
    )


def interfaces(snapshot: Snapshot, host: HostRecord) -> list[InterfaceRow]:
    """List bonds and VLANs, which XAPI also keeps as PIFs."""
    return [interface(snapshot, pif) for pif in snapshot.pifs_of(host) if not pif.physical]


def interface(snapshot: Snapshot, pif: PIFRecord) -> InterfaceRow:
    """Describe one bond or VLAN interface."""
    bond = next((bond for bond in snapshot.bonds.values() if bond.master == pif.ref), None)
    below = [snapshot.pifs.get(ref) for ref in bond.slaves] if bond else [below_vlan(snapshot, pif)]
    return InterfaceRow(
        pif=pif,
        network=snapshot.networks.get(pif.network),
        bond=bond,
        members=tuple(sorted(p.device for p in below if p)),
    )


def below_vlan(snapshot: Snapshot, pif: PIFRecord) -> PIFRecord | None:
    """Return the interface that carries a VLAN's tagged traffic."""
    vlan = snapshot.vlans.get(pif.VLAN_master_of)
    return snapshot.pifs.get(vlan.tagged_PIF) if vlan else None
