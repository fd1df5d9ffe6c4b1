"""What lies on what: bonds, VLANs and the cards below them (xapi_pif_helpers.ml, get_pif_type)."""

from pools.xapi.inventory import Snapshot
from pools.xapi.records import BondRecord, PIFRecord


def lower(pool: Snapshot, pif: PIFRecord) -> PIFRecord | None:
    """The interface that carries a VLAN; both ends of that relation are stored, and may disagree."""
    if pif.VLAN < 0:
        return None
    vlan = next((each for each in pool.vlans.values() if each.untagged_PIF == pif.ref), None)
    vlan = vlan or pool.vlans.get(pif.VLAN_master_of)
    return pool.pifs.get(vlan.tagged_PIF) if vlan else None


def bond_of(pool: Snapshot, pif: PIFRecord) -> BondRecord | None:
    """The bond whose own interface this is."""
    return next((bond for bond in pool.bonds.values() if bond.master == pif.ref), None)


def card_below(pool: Snapshot, pif: PIFRecord) -> PIFRecord:
    """The card that stands for an interface: of a bond its primary member (xapi_pool.ml, eject_self)."""
    below = lower(pool, pif)
    if below and below.ref != pif.ref:
        return card_below(pool, below)
    bond = bond_of(pool, pif)
    return pool.pifs.get(bond.primary_slave, pif) if bond else pif


def label(pool: Snapshot, pif: PIFRecord) -> str:
    """Name an interface as people do: by its network, with its tag."""
    network = pool.networks.get(pif.network)
    name = network.name_label if network else ""
    if pif.VLAN >= 0:
        return f"{name or pif.device} (VLAN {pif.VLAN})"
    return name or pif.device
