"""The NIC panel as lines: from NICs to bonds and networks, on both sides. A row is 100 units high, a gap 100 wide."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from pools.services.nic_findings import NicFinding
from pools.services.nic_map import NOWHERE, NicMap, Row

ROW: Final = 100
COLOURS: Final = 6


@dataclass(frozen=True, kw_only=True)
class Wire:
    """``look``: sound, doubtful, missing or astray; ``colour`` tells uplinks apart."""

    path: str
    look: str
    colour: int
    end: str


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """Lines left and right of the uplinks; ``height`` in units."""

    height: int
    left: tuple[Wire, ...]
    right: tuple[Wire, ...]


def draw(shown: NicMap, doubts: Mapping[str, Sequence[NicFinding]]) -> Drawing:
    """Draw all wires; those that need a look lie on top."""
    ports = _ports(shown)
    right = [wire for at, row in enumerate(shown.rows) if (wire := _right(shown, ports, at, doubts)) is not None]
    right.sort(key=lambda wire: wire.look != "sound")
    return Drawing(height=ROW * len(shown.rows), left=tuple(_left(shown, ports)), right=tuple(right))


def _ports(shown: NicMap) -> dict[int, int]:
    """The height at which each row's wire ends: uplinks lie under each other, each as high as it has rows."""
    order = [row for uplink in shown.uplinks for row in uplink.rows]
    return {row: ROW * at + ROW // 2 for at, row in enumerate(order)}


def _tops(shown: NicMap) -> list[int]:
    return list(accumulate((ROW * len(uplink.rows) for uplink in shown.uplinks), initial=0))


def _left(shown: NicMap, ports: Mapping[int, int]) -> Iterator[Wire]:
    for at, row in enumerate(shown.rows):
        if row.ours:
            look = "sound" if row.ours.carrier is not False else "doubtful"
            yield _wire((_middle(at), ports[at]), look, row.wanted)


def _right(shown: NicMap, ports: Mapping[int, int], at: int, doubts: Mapping[str, Sequence[NicFinding]]) -> Wire | None:
    row = shown.rows[at]
    if row.theirs is None:
        return _wire((ports[at], _middle(at)), "missing", row.wanted)
    if row.lands == NOWHERE:
        return None
    end = ports[at] if at in shown.uplinks[row.lands].rows else _centre(shown, row)
    return _wire((end, _middle(at)), _look(row, doubts), row.lands)


def _centre(shown: NicMap, row: Row) -> int:
    tops = _tops(shown)
    return (tops[row.lands] + tops[row.lands + 1]) // 2


def _look(row: Row, doubts: Mapping[str, Sequence[NicFinding]]) -> str:
    if row.astray:
        return "astray"
    device = row.theirs.device if row.theirs else ""
    return "doubtful" if any(each.severity != "info" for each in doubts.get(device, ())) else "sound"


def _middle(row: int) -> int:
    return ROW * row + ROW // 2


def _wire(ends: tuple[int, int], look: str, uplink: int) -> Wire:
    start, finish = ends
    path = f"M0 {start}C50 {start} 50 {finish} 100 {finish}"
    return Wire(path=path, look=look, colour=uplink % COLOURS, end=f"M0 {start}h.01M100 {finish}h.01")
