"""Interfaces that are not plugged, members of bonds that are in use, and sizes of packets (M10, M18, M19)."""

from collections.abc import Iterator

from pools.diagnosis.mismatch import Kind, Mismatch
from pools.diagnosis.topology import NO_MODE
from pools.diagnosis.view import View
from pools.xapi.records import PIFRecord


def attached(view: View) -> Iterator[Mismatch]:
    """What XAPI plugs at its start is plugged (xapi_pif.ml, calculate_pifs_required_at_start_of_day)."""
    side = view.theirs
    for network, mine in side.bonds.items():
        if not mine.pif.currently_attached:
            at, thing = view.at(network, mine.pif.uuid), f"bond {view.name(network)}"
            yield Mismatch(kind=Kind.NOT_PLUGGED, thing=thing, wanted="plugged", found="not plugged", **at)
        for pif in mine.members:
            used = " and ".join(uses(pif))
            if used:
                at, thing = view.at(network, pif.uuid), f"NIC {pif.device} in bond {view.name(network)}"
                yield Mismatch(kind=Kind.MEMBER_IN_USE, thing=thing, wanted="used only by the bond", found=used, **at)


def uses(pif: PIFRecord) -> Iterator[str]:
    """What a member of a bond must not have of its own."""
    if pif.management:
        yield "carries management"
    if pif.ip_configuration_mode != NO_MODE:
        yield f"has an address ({pif.IP or pif.ip_configuration_mode})"
    if pif.currently_attached:
        yield "says that it is plugged"


def sizes(view: View) -> Iterator[Mismatch]:
    """A network's MTU takes effect when its interface is plugged; a VLAN cannot have more than what it lies on."""
    side = view.theirs
    for pif in side.pifs:
        size, network = view.network(pif.network).MTU, view.name(pif.network)
        own = pif.settings.get("mtu", "")
        bonded = pif.ref in side.holder
        if not bonded and (own or (pif.currently_attached and pif.MTU > 0 and size != pif.MTU)):
            found = f"{pif.MTU}, set on the interface" if own else str(pif.MTU)
            at, thing = view.at(pif.network, pif.uuid), f"MTU of {network}"
            yield Mismatch(kind=Kind.MTU, thing=thing, wanted=f"{size}, as its network says", found=found, **at)
    for each in side.vlans:
        over, below = view.network(each.pif.network).MTU, view.network(each.below.network).MTU
        if over > below:
            at, thing = view.at(each.pif.network, each.pif.uuid), f"MTU of {view.name(each.pif.network)}"
            wanted = f"not more than {below}, as {view.name(each.below.network)} has"
            yield Mismatch(kind=Kind.MTU, thing=thing, wanted=wanted, found=str(over), **at)
