"""Since when a server is on a network as it is: read from the snapshots that were kept of it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from pools import archive
from pools.models import NetworkSnapshot
from pools.snapshots.build import snapshot_of
from pools.snapshots.data import NetworkData
from pools.snapshots.diff import Difference, difference
from pools.xapi.inventory import Snapshot

LOOKS_BACK: Final = 40
"""So many snapshots are looked at, the newest first."""


@dataclass(frozen=True, kw_only=True)
class Since:
    """``same``: the oldest moment at which it was like now; ``other``: the newest at which it was not, with what was.

    ``snapshot`` is the number of the latter. All empty where no snapshot was taken.
    """

    same: datetime | None = None
    other: datetime | None = None
    snapshot: int = 0
    changed: tuple[str, ...] = ()


def since(rows: Iterator[NetworkSnapshot], pool: Snapshot, host: str, network: str) -> Since:
    """Look back from now until it was otherwise; ``rows`` are the newest first."""
    now = only(snapshot_of(pool, host), network)
    found = Since()
    for row in rows:
        said = differences(only(archive.data_of(row), network), now)
        if said:
            changed = tuple(each.said for each in said[:6])
            return replace(found, other=row.confirmed_at, snapshot=row.pk, changed=changed)
        found = Since(same=row.taken_at)
    return found


def differences(before: NetworkData, now: NetworkData) -> list[Difference]:
    """What the server as a whole is on is another matter."""
    return [each for each in difference(before, now) if each.key != "server"]


def only(data: NetworkData, network: str) -> NetworkData:
    """The interfaces on one network, with the NICs of a bond on it."""
    keys = {each.key for each in data.interfaces if each.network == network}
    members = {mac for bond in data.bonds if bond.key in keys for mac in bond.members}
    shown = tuple(
        each for each in data.interfaces if each.key in keys or (each.kind.value == "NIC" and each.mac in members)
    )
    return replace(data, interfaces=shown)
