"""NICs that are missing, unmanaged, dark, at no or another place, or look like other cables (M15–M17, M20)."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from pools.diagnosis.mismatch import Kind, Mismatch
from pools.diagnosis.topology import NO_MODE, Bonded, Side
from pools.diagnosis.view import View
from pools.forecast.matching import Rule
from pools.xapi.records import NULL, PIFMetricsRecord, PIFRecord

NUMBERED: Final = re.compile(r"eth([0-9]{1,9})")
UNKNOWN: Final = PIFMetricsRecord(ref=NULL)


def nics(view: View) -> Iterator[Mismatch]:
    """One NIC after the other."""
    yield from missing(view)
    for pif in view.theirs.nics:
        if pif.managed:
            yield from dark(view, pif)
            yield from misplaced(view, pif)
        else:
            at = view.at(pif.network, pif.uuid)
            yield Mismatch(kind=Kind.NIC, thing=f"NIC {pif.device}", wanted="managed by XAPI", found="unmanaged", **at)
    for network, mine in view.theirs.bonds.items():
        yield from uneven(view, network, mine)


def missing(view: View) -> Iterator[Mismatch]:
    """A place where the reference has a NIC, and this server none; a hint where the reference makes no use of it."""
    rule = view.theirs.rule
    there = {view.theirs.place(pif, rule) for pif in view.theirs.nics}
    for pif in view.ours.nics:
        where = view.ours.place(pif, rule)
        if where and where not in there:
            yield Mismatch(
                kind=Kind.NIC,
                thing=f"NIC at the place of {pif.device}",
                wanted=f"a NIC, as on {view.ours.host.name_label}",
                found="none",
                hint=not in_use(view.ours, pif),
                **view.at(pif.network),
            )


def in_use(side: Side, pif: PIFRecord) -> bool:
    """Whether anything lies on this NIC."""
    lain_on = any(each.below.ref == pif.ref for each in side.vlans)
    return pif.ref in side.holder or pif.management or pif.ip_configuration_mode != NO_MODE or lain_on


def dark(view: View, pif: PIFRecord) -> Iterator[Mismatch]:
    """A NIC that is needed has no link."""
    metrics = view.pool.pif_metrics.get(pif.metrics)
    if metrics is None or metrics.carrier or not in_use(view.theirs, pif):
        return
    holder = view.theirs.holder.get(pif.ref)
    column = holder.pif.network if holder else pif.network
    thing = f"NIC {pif.device}" + (f" in bond {view.name(column)}" if holder else "")
    yield Mismatch(kind=Kind.CARRIER, thing=thing, wanted="link", found="no link", **view.at(column, pif.uuid))


def misplaced(view: View, pif: PIFRecord) -> Iterator[Mismatch]:
    """XAPI finds no place for it, or another one than its name says."""
    side, at, thing = view.theirs, view.at(pif.network, pif.uuid), f"NIC {pif.device}"
    where = side.position(pif)
    number = NUMBERED.fullmatch(pif.device)
    if where is None:
        found = f"{view.network(pif.network).bridge or 'no bridge'}, which tells no position"
        yield Mismatch(kind=Kind.POSITION, thing=thing, wanted="a bridge xenbrN", found=found, **at)
    elif Counter(side.position(each) for each in side.nics)[where] > 1:
        yield Mismatch(kind=Kind.POSITION, thing=thing, wanted="a position of its own", found=f"{where}, twice", **at)
    elif side.rule is Rule.DEVICE and number and int(number.group(1)) != where:
        wanted, found = f"position {int(number.group(1))}", f"position {where}"
        yield Mismatch(kind=Kind.POSITION, thing=thing, wanted=wanted, found=found, **at)


def uneven(view: View, network: str, mine: Bonded) -> Iterator[Mismatch]:
    """The members of a bond are unlike each other, where the reference's are alike: a hint that cables differ."""
    ours = view.ours.bonds.get(network)
    if ours is None or view.is_reference:
        return
    for what in ("speed", "make", "slot"):
        wanted, found = looks(view.ours, ours, what), looks(view.theirs, mine, what)
        if len(set(wanted.values())) == 1 and len(set(found.values())) > 1:
            yield Mismatch(
                kind=Kind.CABLING,
                thing=f"bond {view.name(network)}",
                wanted=f"members alike: {next(iter(wanted.values()))}",
                found=", ".join(f"{device}: {value}" for device, value in found.items()),
                hint=True,
                **view.at(network, mine.bond.uuid),
            )
            return


def looks(side: Side, bonded: Bonded, what: str) -> dict[str, str]:
    """What is known of each member's card; of one without a link the speed says nothing."""
    seen = {pif.device: side.pool.pif_metrics.get(pif.metrics, UNKNOWN) for pif in bonded.members}
    if what == "speed":
        return {device: f"{card.speed} Mbit/s" for device, card in seen.items() if card.carrier and card.speed}
    if what == "make":
        return {device: card.vendor_name for device, card in seen.items() if card.vendor_name}
    return {device: slot(card.pci_bus_path) for device, card in seen.items() if card.pci_bus_path}


def slot(path: str) -> str:
    """The slot of a card: its ports differ in the last figure only (domain:bus:device.function)."""
    return "slot " + path.rpartition(".")[0]
