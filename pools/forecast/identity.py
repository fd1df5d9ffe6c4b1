"""What else is not as it was for a server that has joined (xapi_pool.ml, update_non_vm_metadata; xapi_host.ml)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pools.xapi.inventory import Snapshot
from pools.xapi.records import HostRecord

DEFAULT_DESCRIPTION: Final = "Default install"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that changes for this server, with both values where there are any."""

    what: str
    before: str = ""
    after: str = ""


def forecast_changes(pool: Snapshot, joiner: Snapshot, host: HostRecord) -> tuple[Change, ...]:
    return tuple(_changes(pool, joiner, host))


def _changes(pool: Snapshot, joiner: Snapshot, host: HostRecord) -> Iterator[Change]:
    yield Change(what="Its pool", before=joiner.pool.name_label, after=pool.pool.name_label)
    if host.name_description != DEFAULT_DESCRIPTION:
        yield Change(what="Its description", before=host.name_description, after=DEFAULT_DESCRIPTION)
    yield Change(what="Password of root", before="its own", after="the pool's")
    yield Change(what="Users, groups and their roles", before="its own", after="the pool's")
    yield Change(what="UUIDs of its interfaces and storage connections", before="as they are", after="new ones")
    settings = "Its tags, log server, iSCSI name, multipathing and power-on mode"
    yield Change(what=settings, before="as they are", after="empty or off")
    yield Change(what="Schedules, appliances, groups of VMs and alerts of its pool", before="as they are", after="lost")
