"""What becomes of a joining server's storage, and what of the pool's it must reach (create_storage.ml)."""

from collections.abc import Container, Iterable
from dataclasses import dataclass

from pools.xapi.inventory import Snapshot
from pools.xapi.records import SRRecord


@dataclass(frozen=True, kw_only=True)
class StorageName:
    """An SR, as a person knows it; ``connected``: what its server will be once the toolstack has started."""

    uuid: str
    name: str
    type: str
    connected: bool = True


@dataclass(frozen=True, kw_only=True)
class StorageForecast:
    """``default_lost``: its default SR, which is none any more; ``plugged``: the pool's shared SRs, to be reached."""

    default_lost: str = ""
    coming: tuple[StorageName, ...] = ()
    plugged: tuple[StorageName, ...] = ()


def forecast_storage(pool: Snapshot, joiner: Snapshot) -> StorageForecast:
    """Its own SRs come along unshared; each shared SR that the coordinator is connected to gets a PBD."""
    default = joiner.srs.get(joiner.pool.default_SR)
    connected = {pbd.SR for pbd in pool.pbds.values() if pbd.host == pool.master.ref}
    shared = [sr for ref, sr in pool.srs.items() if sr.shared and ref in connected]
    return StorageForecast(
        default_lost=default.name_label if default else "",
        coming=_named(joiner.srs.values(), {pbd.SR for pbd in joiner.pbds.values() if pbd.currently_attached}),
        plugged=_named(shared, connected),
    )


def _named(srs: Iterable[SRRecord], connected: Container[str]) -> tuple[StorageName, ...]:
    """All but the tools SR, of which the pool has its own; what was not connected before is not counted on."""
    found = [
        StorageName(uuid=sr.uuid, name=sr.name_label, type=sr.type, connected=sr.ref in connected)
        for sr in srs
        if not sr.is_tools_sr
    ]
    return tuple(sorted(found, key=lambda each: each.name))
