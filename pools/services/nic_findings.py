"""What of two servers' NICs does not agree, in words, worst first; and what can be done where Bond calls cannot.

Cables are nowhere in XAPI's records: link, speed, card and slot only hint at them (PIF_metrics).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pools.forecast.join import DoubtKind, JoinForecast, Rule
from pools.services.nic_map import Nic, NicMap

ORDER: Final = ("error", "unknown", "warning", "info")
RULES: Final = {
    Rule.DEVICE: "This server’s version matches NICs by device name.",
    Rule.POSITION: "This server’s version matches NICs by position: the number in the name of a NIC’s bridge.",
}
Pair = tuple[Nic, Nic]


class Kind(StrEnum):
    """What can be wrong between two NICs at one place."""

    MISSING = "missing"
    EXTRA = "extra"
    LINK = "link"
    SPEED = "speed"
    MIXED = "mixed"
    UNKNOWN = "unknown"
    MTU = "mtu"
    CARD = "card"
    SLOT = "slot"
    ORDER = "order"
    UNMANAGED = "unmanaged"


@dataclass(frozen=True, kw_only=True)
class NicFinding:
    """One kind of mismatch with all NICs concerned; ``devices`` maps the server's device to a few words for it."""

    kind: Kind
    severity: str
    title: str
    text: str
    devices: dict[str, str]

    @property
    def topic(self) -> str:
        """The title with the NICs it is about."""
        return f"{self.title}: {', '.join(self.devices)}" if self.devices else self.title

    @property
    def asks_for_order(self) -> bool:
        """Whether another order of the NICs, or other cables, would mend it."""
        return self.severity == "warning" and self.kind in {Kind.ORDER, Kind.SLOT, Kind.SPEED, Kind.LINK, Kind.CARD}


def nic_findings(shown: NicMap, forecast: JoinForecast) -> tuple[NicFinding, ...]:
    """Name every kind of mismatch once."""
    asked: Sequence[Callable[[], NicFinding | None]] = (
        lambda: _missing(shown),
        lambda: _order(shown, forecast.rule),
        lambda: _link(shown.pairs, forecast),
        lambda: _speed(shown.pairs),
        lambda: _mixed(shown.pairs, forecast),
        lambda: _unknown(shown.pairs),
        lambda: _mtu(forecast),
        lambda: _slot(shown.pairs),
        lambda: _card(shown.pairs),
        lambda: _unmanaged(shown),
        lambda: _extra(shown),
    )
    found = [finding for ask in asked if (finding := ask()) is not None]
    return tuple(sorted(found, key=lambda finding: ORDER.index(finding.severity)))


def _missing(shown: NicMap) -> NicFinding | None:
    gone = [row for row in shown.missing if row.ours]
    if not gone:
        return None
    places = ", ".join(f"{row.ours.device} ({shown.uplinks[row.wanted].name})" for row in gone if row.ours)
    return NicFinding(
        kind=Kind.MISSING,
        severity="warning",
        title=f"No NIC where the coordinator has {_count(len(gone))}",
        text=f"Nothing here stands for the coordinator’s {places}. What hangs on it is missing or incomplete.",
        devices={},
    )


def _extra(shown: NicMap) -> NicFinding | None:
    found = {row.theirs.device: "extra NIC" for row in shown.extra if row.theirs}
    text = (
        "The coordinator has none at their places. They take part in no bond of the pool and keep their own networks."
    )
    return _finding(Kind.EXTRA, "info", f"{_count(len(found))} more than the coordinator", (text, found))


def _order(shown: NicMap, rule: Rule) -> NicFinding | None:
    """Position and device name say different NICs: then it depends on the version which cable ends in which bond."""
    crossed = [pair for pair in shown.pairs if _disagree(*pair)]
    found = {theirs.device: f"{ours.device} there" for ours, theirs in crossed}
    cases = "; ".join(f"{_named(ours)} there, {_named(theirs)} here" for ours, theirs in crossed)
    text = f"{RULES[rule]} {cases}. If the cables follow the names, these NICs end in the wrong bonds or networks."
    if rule is Rule.DEVICE:
        text = (
            f"{RULES[rule]} {cases}. Networks of single NICs go by position all the same, and so will later versions."
        )
    return _finding(Kind.ORDER, "warning", "Device names and positions disagree", (text, found))


def _named(nic: Nic) -> str:
    return f"{nic.device} at position {nic.place}"


def _disagree(ours: Nic, theirs: Nic) -> bool:
    return ours.device != theirs.device or ours.position != theirs.position


def _link(pairs: Sequence[Pair], forecast: JoinForecast) -> NicFinding | None:
    """Where the coordinator has a link; and in a bond always: it would hang on fewer cables than it seems."""
    bonded = {device for device, _ in _doubted(forecast, DoubtKind.NO_CARRIER)}
    down = [(ours, theirs) for ours, theirs in pairs if theirs.carrier is False]
    found = {theirs.device: "no link" for ours, theirs in down if ours.carrier or theirs.device in bonded}
    text = "A cable is missing, or it is in another NIC, or the switch’s port is off."
    return _finding(Kind.LINK, "warning", "No link", (text, found))


def _speed(pairs: Sequence[Pair]) -> NicFinding | None:
    linked = [(ours, theirs) for ours, theirs in pairs if ours.carrier and theirs.carrier]
    found = {theirs.device: f"there {ours.link}" for ours, theirs in linked if ours.speed != theirs.speed}
    text = "Their speed is not that of the coordinator’s NICs at their places: the cables may lead elsewhere."
    return _finding(Kind.SPEED, "warning", "Another speed", (text, found))


def _mixed(pairs: Sequence[Pair], forecast: JoinForecast) -> NicFinding | None:
    """Slower than its fellows in the bond, as the coordinator’s NIC at its place may be too."""
    known = {theirs.device for ours, theirs in pairs if ours.carrier and ours.speed != theirs.speed}
    mixed = {device: said for device, said in _doubted(forecast, DoubtKind.SPEED_IN_BOND) if device not in known}
    found = {device: f"in a bond with {said}" for device, said in mixed.items()}
    text = "They are slower than the other NICs of their bond: the bond cannot share its load evenly."
    return _finding(Kind.MIXED, "warning", "Different speeds in one bond", (text, found))


def _unknown(pairs: Sequence[Pair]) -> NicFinding | None:
    found = {theirs.device: "link unknown" for _, theirs in pairs if theirs.carrier is None}
    text = "The server does not say whether they have a link. Look at the switch, or read again in a minute."
    return _finding(Kind.UNKNOWN, "unknown", "Link not known", (text, found))


def _mtu(forecast: JoinForecast) -> NicFinding | None:
    """Servers before the mend of CA-429051 stay in maintenance when they bond such NICs."""
    smaller = [doubt for bond in forecast.bonds for doubt in bond.doubts if doubt.kind is DoubtKind.MTU]
    found = {doubt.device: f"{doubt.theirs}, bond {doubt.ours.removeprefix('MTU ')}" for doubt in smaller}
    text = "Their networks have a smaller MTU than the bond: older toolstacks hang in maintenance after such a join."
    return _finding(Kind.MTU, "warning", "Smaller MTU than the bond", (text, found))


def _doubted(forecast: JoinForecast, kind: DoubtKind) -> list[tuple[str, str]]:
    return [(doubt.device, doubt.ours) for bond in forecast.bonds for doubt in bond.doubts if doubt.kind is kind]


def _slot(pairs: Sequence[Pair]) -> NicFinding | None:
    """The same slots in another order hint at cables; other slots altogether only say that it is another machine."""
    known = [(ours, theirs) for ours, theirs in pairs if ours.pci and theirs.pci]
    found = {theirs.device: "other slot" for ours, theirs in known if ours.pci != theirs.pci}
    if {ours.pci for ours, _ in known} == {theirs.pci for _, theirs in known}:
        text = "They sit in the coordinator’s slots, in another order: the cabling may differ."
        return _finding(Kind.SLOT, "warning", "Same slots, another order", (text, found))
    text = "The PCI paths are not the coordinator’s: another machine, or cards in other slots. The cabling may differ."
    return _finding(Kind.SLOT, _severity(found, known), "Other slots", (text, found))


def _card(pairs: Sequence[Pair]) -> NicFinding | None:
    known = [(ours, theirs) for ours, theirs in pairs if ours.card and theirs.card]
    found = {theirs.device: "another card" for ours, theirs in known if ours.card != theirs.card}
    text = "Their make or model is not that of the coordinator’s NICs at their places: the cabling may differ."
    return _finding(Kind.CARD, _severity(found, known), "Another card", (text, found))


def _severity(found: dict[str, str], known: Sequence[Pair]) -> str:
    """All of them different is another kind of machine; only some hint at an exchange."""
    return "info" if len(found) == len(known) else "warning"


def _unmanaged(shown: NicMap) -> NicFinding | None:
    found = {row.theirs.device: "not managed" for row in shown.rows if row.theirs and not row.theirs.managed}
    text = "XAPI was told to leave these NICs alone: it makes no bond with them. Let XAPI manage them, then read again."
    return _finding(Kind.UNMANAGED, "warning", "Not managed by XAPI", (text, found))


def _finding(kind: Kind, severity: str, title: str, said: tuple[str, dict[str, str]]) -> NicFinding | None:
    text, devices = said
    if not devices:
        return None
    return NicFinding(kind=kind, severity=severity, title=title, text=text, devices=devices)


def _count(number: int) -> str:
    return "one NIC" if number == 1 else f"{number} NICs"


def doubts_by_device(findings: Sequence[NicFinding]) -> dict[str, list[NicFinding]]:
    """All that speaks against one NIC of the server."""
    devices = list(_devices(findings))
    return {device: [each for each in findings if device in each.devices] for device in devices}


def _devices(findings: Sequence[NicFinding]) -> Iterator[str]:
    for finding in findings:
        yield from finding.devices
