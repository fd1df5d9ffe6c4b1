"""VLANs that are missing, lie on another interface, or exist only on one server (M11, M12, M23)."""

from collections.abc import Iterator

from pools.diagnosis.mismatch import Kind, Mismatch
from pools.diagnosis.topology import Tagged
from pools.diagnosis.view import View


def vlans(view: View) -> Iterator[Mismatch]:
    """Network, tag and what is below must be those of the reference (xapi_host.ml, sync_vlans)."""
    for ours in view.ours.vlans:
        mine = [each for each in view.theirs.vlans if each.pif.network == ours.pif.network]
        if not any(same(ours, each) for each in mine):
            yield elsewhere(view, ours, mine[0]) if mine else missing(view, ours)
    known = {each.pif.network for each in view.ours.vlans} | view.ours.on.keys()
    for each in view.theirs.vlans:
        if each.pif.network not in known:
            yield only_here(view, each)


def same(ours: Tagged, mine: Tagged) -> bool:
    return (ours.below.network, ours.pif.VLAN) == (mine.below.network, mine.pif.VLAN)


def missing(view: View, ours: Tagged) -> Mismatch:
    return Mismatch(
        kind=Kind.VLAN_MISSING,
        thing=thing(view, ours),
        wanted=f"VLAN {ours.pif.VLAN} on {view.ours.named(ours.below)}",
        found="none",
        **view.at(ours.pif.network),
    )


def elsewhere(view: View, ours: Tagged, mine: Tagged) -> Mismatch:
    return Mismatch(
        kind=Kind.VLAN_ELSEWHERE,
        thing=thing(view, ours),
        wanted=f"VLAN {ours.pif.VLAN} on {view.ours.named(ours.below)}",
        found=f"VLAN {mine.pif.VLAN} on {view.theirs.named(mine.below)}",
        **view.at(ours.pif.network, mine.pif.uuid),
    )


def only_here(view: View, mine: Tagged) -> Mismatch:
    return Mismatch(
        kind=Kind.NETWORK_ONLY_HERE,
        thing=thing(view, mine),
        wanted=f"none, or on {view.ours.host.name_label} too",
        found=f"VLAN {mine.pif.VLAN} on {view.theirs.named(mine.below)}",
        **view.at(mine.pif.network, mine.pif.uuid),
    )


def thing(view: View, tagged: Tagged) -> str:
    return f"VLAN network {view.name(tagged.pif.network)}"
