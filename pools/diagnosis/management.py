"""Management that sits on another network, or has no address (M13, M14), and a cluster that does (M28)."""

from collections.abc import Iterator

from pools.diagnosis.mismatch import Kind, Mismatch
from pools.diagnosis.topology import NO_MODE, Side
from pools.diagnosis.view import View
from pools.xapi.records import PIFRecord


def management(view: View) -> Iterator[Mismatch]:
    """Where management sits is never compared by XAPI."""
    ours, mine = view.ours.management, view.theirs.management
    if mine is None:
        if ours is not None:
            yield on_another(view, ours, None)
        return
    if ours is not None and mine.network != ours.network:
        yield on_another(view, ours, mine)
    if not has_address(mine):
        mode = mine.ipv6_configuration_mode if mine.primary_address_type == "IPv6" else mine.ip_configuration_mode
        yield Mismatch(
            kind=Kind.MANAGEMENT_ADDRESS,
            thing="management",
            wanted=f"an address by {mine.primary_address_type}",
            found="no mode of addressing" if mode == NO_MODE else f"{mode}, but no address",
            **view.at(mine.network, mine.uuid),
        )


def on_another(view: View, ours: PIFRecord, mine: PIFRecord | None) -> Mismatch:
    return Mismatch(
        kind=Kind.MANAGEMENT_ELSEWHERE,
        thing="management",
        wanted=f"on {view.name(ours.network)}",
        found=f"on {view.name(mine.network)} ({described(view.theirs, mine)})" if mine else "on no interface",
        **view.at(ours.network, mine.uuid if mine else ""),
    )


def described(side: Side, pif: PIFRecord) -> str:
    """Say which kind of interface it is."""
    bonded = side.bonds.get(pif.network)
    if bonded is not None and bonded.pif.ref == pif.ref:
        return f"a bond of {' + '.join(member.device for member in bonded.members)}"
    return f"VLAN {pif.VLAN}" if pif.VLAN >= 0 else f"NIC {pif.device}"


def has_address(pif: PIFRecord) -> bool:
    """Whether it has one of the type by which the server is managed."""
    if pif.primary_address_type == "IPv6":
        return pif.ipv6_configuration_mode != NO_MODE and any(pif.IPv6)
    return pif.ip_configuration_mode != NO_MODE and bool(pif.IP)


def cluster(view: View) -> Iterator[Mismatch]:
    """The cluster talks by one network (Cluster_host.PIF)."""
    by_host = {each.host: view.pool.pifs.get(each.PIF) for each in view.pool.cluster_hosts.values()}
    ours, mine = by_host.get(view.ours.host.ref), by_host.get(view.theirs.host.ref)
    if ours is not None and mine is not None and ours.network != mine.network:
        yield Mismatch(
            kind=Kind.CLUSTER_ELSEWHERE,
            thing="cluster",
            wanted=f"on {view.name(ours.network)}",
            found=f"on {view.name(mine.network)} ({described(view.theirs, mine)})",
            **view.at(ours.network, mine.uuid),
        )
