"""Storage whose data is elsewhere: its records go with the last server that is connected to it, the data does not.

The first boot makes the storage on the server's own disks anew, and touches no filer and no LUN (pool.eject).
"""

from collections.abc import Iterator, Mapping
from typing import Final

from pools.forecast.losses.rows import Orphan, OrphanKind
from pools.xapi.inventory import Snapshot
from pools.xapi.records import SRRecord

GIB: Final = 1024**3
# SM drivers with their data on a filer or a LUN; the rest, and what is not known, lies on the server's own disks.
ELSEWHERE: Final[Mapping[str, str]] = {
    "nfs": "its NFS server",
    "smb": "its SMB server",
    "lvmoiscsi": "its iSCSI target",
    "lvmohba": "its LUN",
    "lvmofcoe": "its LUN",
    "rawhba": "its LUN",
    "gfs2": "its LUN",
    "cephfs": "its Ceph cluster",
    "glusterfs": "its Gluster servers",
    "moosefs": "its MooseFS servers",
}


def unplugged(pool: Snapshot, lost: Mapping[str, SRRecord]) -> dict[str, str]:
    """Of the SRs that are forgotten with a server, those whose data stays: where it lies, in words, by reference."""
    places = {ref: place_of(pool, sr) for ref, sr in lost.items()}
    return {ref: place for ref, place in places.items() if place}


def place_of(pool: Snapshot, sr: SRRecord) -> str:
    """Where the data of an SR lies; empty for the server's own disks, where its driver or its place does not say."""
    place = next((pbd.place for pbd in pool.pbds.values() if sr.ref == pbd.SR), {})
    location = place.get("location", "")
    if sr.content_type == "iso":
        return location if ":/" in location or location.startswith(("//", "\\\\")) else ""
    if sr.type not in ELSEWHERE:
        return ""
    if "serverpath" in place:
        return f"{place.get('server', '')}:{place['serverpath']}"
    named = place.get("server") or place.get("target") or place.get("SCSIid")
    return f"{ELSEWHERE[sr.type]} {named}" if named else ELSEWHERE[sr.type]


def out_of_reach(pool: Snapshot, lost: Mapping[str, SRRecord], places: Mapping[str, str]) -> Iterator[Orphan]:
    """One row for each, by name."""
    for ref, place in sorted(places.items(), key=lambda item: (lost[item[0]].name_label, item[0])):
        disks = [vdi for vdi in pool.vdis.values() if ref == vdi.SR]
        size = sum(vdi.virtual_size for vdi in disks) / GIB
        held = f"{len(disks)} disk{'s' if len(disks) != 1 else ''}, {size:.0f} GiB, stay" if disks else "Its data stays"
        yield Orphan(
            uuid=lost[ref].uuid,
            kind=OrphanKind.STORAGE,
            name=lost[ref].name_label,
            reason=f"Unplugged, not erased: {held} on {place}. Connect another server to it first, or introduce the SR "
            "again to use it.",
        )
