"""What a member's network should be when chosen mismatches are mended: as the coordinator's, with its own addresses.

The aim is what XAPI itself would make of the member (sync_networking.ml), so that no start of the toolstack undoes it.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from pools.diagnosis.mismatch import Kind, Mismatch
from pools.diagnosis.topology import Side, Topology
from pools.diagnosis.view import View
from pools.repair.aim import Aim
from pools.repair.aim_bonds import aim_at_bonds
from pools.repair.aim_rest import aim_at_rest
from pools.repair.aim_vlans import aim_at_vlans
from pools.repair.state import State
from pools.snapshots.build import snapshot_of
from pools.snapshots.data import NetworkData

OF_BONDS: Final = frozenset(
    {
        Kind.BOND_MISSING,
        Kind.BOND_PARTIAL,
        Kind.BOND_NIC_TAKEN,
        Kind.BONDS_CROSSED,
        Kind.BOND_ELSEWHERE,
        Kind.BOND_EXTRA,
        Kind.BOND_PRIMARY,
    }
)
OF_VLANS: Final = frozenset({Kind.VLAN_MISSING, Kind.VLAN_ELSEWHERE, Kind.TWO_ON_ONE})
OF_THE_REST: Final = frozenset(
    {
        Kind.BOND_MODE,
        Kind.MTU,
        Kind.MANAGEMENT_ELSEWHERE,
        Kind.MANAGEMENT_ADDRESS,
        Kind.NOT_PLUGGED,
        Kind.MEMBER_IN_USE,
        Kind.POSITION,
        Kind.SETTINGS_LOST,
        Kind.VIF_ON_MEMBER,
    }
)
MENDED: Final = OF_BONDS | OF_VLANS | OF_THE_REST
"""What a change of a member's network mends. The rest is cables, cards, clusters, records, or the pool's networks."""


def wanted(topology: Topology, member: Side, problems: Collection[Mismatch]) -> NetworkData:
    """The aim for one member; ``problems`` of it are to be mended, with all that only follows from them."""
    pool, ours = topology.pool, snapshot_of(topology.pool, topology.coordinator.host.uuid)
    now = snapshot_of(pool, member.host.uuid)
    networks = {each.uuid: each for each in (*ours.networks, *now.networks)}
    now = replace(now, networks=tuple(networks.values()))
    view = View(ours=topology.coordinator, theirs=member)
    aim = Aim(view=view, now=now, ours=ours, state=State.of(now), problems=tuple(problems))
    aim_at_bonds(aim)
    aim_at_vlans(aim)
    aim_at_rest(aim)
    return aim.state.data()
