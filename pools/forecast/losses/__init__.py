"""What a pool loses when a server leaves it: destroyed with its local storage, left behind without disks, or changed.

Rules: xapi_pool.ml (eject_self, eject) and xapi_sr.ml (really_forget).
"""

from collections.abc import Collection

from pools.forecast.losses.capacity import capacity_of
from pools.forecast.losses.changed import changed
from pools.forecast.losses.destroyed import destroyed, own_storage
from pools.forecast.losses.orphaned import orphaned
from pools.forecast.losses.rows import Capacity, Change, Disk, Losses, Orphan, OrphanKind, ServerMemory
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
    capacity = capacity_of(pool, host_uuid, gone)
    return Losses(
        destroyed=tuple(destroyed(pool, lost)),
        orphaned=tuple(orphaned(pool, lost)),
        changed=tuple(changed(pool, host_uuid, gone, capacity)),
        capacity=capacity,
    )
