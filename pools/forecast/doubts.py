"""What speaks against a NIC being cabled as the coordinator's at its place: records cannot prove it, they hint."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final

from pools.xapi.records import PIFMetricsRecord

GIGABIT: Final = 1000


class DoubtKind(StrEnum):
    NO_CARRIER = "no carrier"
    UNKNOWN = "link not known"
    SPEED = "speed differs"  # from the coordinator's NIC at the same place
    SPEED_IN_BOND = "speeds within the bond differ"  # ``ours`` is the fastest NIC of the same bond
    CARD = "another card"  # vendor or device is not the coordinator's
    ORDER = "counted otherwise"  # name and position say different things on the two servers
    SLOT = "another slot"  # the same card at another PCI path
    MTU = "smaller packets"  # the NIC's network has a smaller MTU than the bond's: old toolstacks hang (CA-429051)


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """One hint about one NIC of the joining server; ``theirs`` is its value, ``ours`` the coordinator's."""

    kind: DoubtKind
    device: str
    theirs: str = ""
    ours: str = ""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A NIC of the joining server and the coordinator's at the same place, as far as their metrics are known.

    ``marks`` is what the rule of matching does not compare, theirs and ours: names by position, positions by name.
    ``mtus`` are those of the NIC's network and of the bond's.
    """

    device: str
    theirs: PIFMetricsRecord | None
    ours: PIFMetricsRecord | None
    marks: tuple[str, str] = ("", "")
    mtus: tuple[int, int] = (0, 0)


def doubts_of(pairs: Sequence[Pair]) -> tuple[Doubt, ...]:
    """Everything that speaks against the NICs of one bond."""
    fastest = max((pair.theirs.speed for pair in pairs if pair.theirs and pair.theirs.carrier), default=0)
    looks = (_link, partial(_in_bond, fastest), _card, _order, _slot, _mtu)
    return tuple(doubt for pair in pairs for look in looks for doubt in look(pair))


def speed_words(megabits: int) -> str:
    """Say a speed as people do."""
    return f"{megabits / GIGABIT:g} Gbit/s" if megabits >= GIGABIT else f"{megabits} Mbit/s"


def _link(pair: Pair) -> Iterator[Doubt]:
    if pair.theirs is None:
        yield Doubt(kind=DoubtKind.UNKNOWN, device=pair.device)
    elif not pair.theirs.carrier:
        ours = "" if pair.ours is None else "link" if pair.ours.carrier else "no link"
        yield Doubt(kind=DoubtKind.NO_CARRIER, device=pair.device, theirs="no link", ours=ours)
    elif pair.ours and pair.ours.carrier and pair.ours.speed != pair.theirs.speed:
        speeds = {"theirs": speed_words(pair.theirs.speed), "ours": speed_words(pair.ours.speed)}
        yield Doubt(kind=DoubtKind.SPEED, device=pair.device, **speeds)


def _in_bond(fastest: int, pair: Pair) -> Iterator[Doubt]:
    if pair.theirs and pair.theirs.carrier and pair.theirs.speed != fastest:
        speeds = {"theirs": speed_words(pair.theirs.speed), "ours": speed_words(fastest)}
        yield Doubt(kind=DoubtKind.SPEED_IN_BOND, device=pair.device, **speeds)


def _card(pair: Pair) -> Iterator[Doubt]:
    theirs, ours = _card_words(pair.theirs), _card_words(pair.ours)
    if theirs and ours and theirs != ours:
        yield Doubt(kind=DoubtKind.CARD, device=pair.device, theirs=theirs, ours=ours)


def _order(pair: Pair) -> Iterator[Doubt]:
    theirs, ours = pair.marks
    if theirs and ours and theirs != ours:
        yield Doubt(kind=DoubtKind.ORDER, device=pair.device, theirs=theirs, ours=ours)


def _slot(pair: Pair) -> Iterator[Doubt]:
    """Between servers of equal cards only: where the cards differ, so do the slots."""
    if pair.theirs is None or pair.ours is None or _card_words(pair.theirs) != _card_words(pair.ours):
        return
    theirs, ours = pair.theirs.pci_bus_path, pair.ours.pci_bus_path
    if theirs and ours and theirs != ours:
        yield Doubt(kind=DoubtKind.SLOT, device=pair.device, theirs=theirs, ours=ours)


def _mtu(pair: Pair) -> Iterator[Doubt]:
    lower, upper = pair.mtus
    if lower < upper:
        yield Doubt(kind=DoubtKind.MTU, device=pair.device, theirs=f"MTU {lower}", ours=f"MTU {upper}")


def _card_words(metrics: PIFMetricsRecord | None) -> str:
    return f"{metrics.vendor_name} {metrics.device_name}".strip() if metrics else ""
