"""What a pool loses when a server leaves it: destroyed with its local storage, left behind without disks, or changed.

Rules: xapi_pool.ml (eject_self, eject) and xapi_sr.ml (really_forget).
"""

from collections.abc import Collection

from pools.forecast.losses.capacity import capacity_of
from pools.forecast.losses.changed import changed
from pools.forecast.losses.destroyed import destroyed, own_storage
from pools.forecast.losses.orphaned import orphaned
from pools.forecast.losses.rows import Capacity, Change, Disk, Losses, Orphan, OrphanKind, ServerMemory
from pools.forecast.losses.unplugged import out_of_reach, unplugged
from pools.xapi.inventory import Snapshot

__all__ = [
    "Capacity",
    "Change",
    "Disk",
    "Losses",
    "Orphan",
    "OrphanKind",
    "ServerMemory",
    "losses_of",
    "own_storage",
]


def losses_of(pool: Snapshot, host_uuid: str, gone: Collection[str] = ()) -> Losses:
    """Foretell what pool.eject of this server costs, when the servers ``gone`` (uuids) have left before it."""
    lost = own_storage(pool, host_uuid, gone)
    places = unplugged(pool, lost)
    erased = {ref: sr for ref, sr in lost.items() if ref not in places}
    capacity = capacity_of(pool, host_uuid, gone)
    return Losses(
        destroyed=tuple(destroyed(pool, erased)),
        orphaned=(*out_of_reach(pool, lost, places), *orphaned(pool, lost, places)),
        changed=tuple(changed(pool, host_uuid, gone, capacity)),
        capacity=capacity,
    )
