"""The NIC panel row by row, as the drawing's labels and the table say it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pools.services.nic_drawing import COLOURS
from pools.services.nic_findings import Kind, NicFinding
from pools.services.nic_map import NOWHERE, Nic, NicMap, Row, Uplink

DRAWN: Final = frozenset({Kind.LINK, Kind.SPEED, Kind.CARD, Kind.SLOT})


@dataclass(frozen=True, kw_only=True)
class Note:
    """A few words at one NIC: ``state`` is a severity."""

    state: str
    text: str
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class PanelRow:
    """One place; ``goes_to`` is what the server's NIC will serve."""

    ours: Nic | None
    theirs: Nic | None
    wanted: Uplink | None
    goes_to: Uplink | None
    colour: int
    notes: tuple[Note, ...]

    @property
    def place(self) -> str:
        nic = self.ours or self.theirs
        return nic.place if nic else "?"

    @property
    def differs(self) -> frozenset[str]:
        """The values of the server's NIC that are to be set off: they stand in the drawing themselves."""
        return frozenset(note.kind for note in self.notes if note.kind in DRAWN and note.state != "info")

    @property
    def labels(self) -> list[Note]:
        """What the drawing has to say in words."""
        return [note for note in self.notes if note.kind not in DRAWN]

    @property
    def state(self) -> str:
        """The worst of the row."""
        found = {note.state for note in self.notes}
        return next((state for state in ("error", "unknown", "warning", "info") if state in found), "ok")


def panel(shown: NicMap, doubts: Mapping[str, Sequence[NicFinding]]) -> list[PanelRow]:
    """Put words to every place."""
    return [
        PanelRow(
            ours=row.ours,
            theirs=row.theirs,
            wanted=_uplink(shown, row.wanted),
            goes_to=_uplink(shown, row.lands),
            colour=max(row.wanted, row.lands, 0) % COLOURS if row.wanted == NOWHERE else row.wanted % COLOURS,
            notes=tuple(_notes(shown, row, doubts)),
        )
        for row in shown.rows
    ]


def _uplink(shown: NicMap, at: int) -> Uplink | None:
    return None if at == NOWHERE else shown.uplinks[at]


def _notes(shown: NicMap, row: Row, doubts: Mapping[str, Sequence[NicFinding]]) -> Iterator[Note]:
    if row.theirs is None:
        yield Note(state="warning", text="no NIC here")
        return
    if row.astray:
        uplink = _uplink(shown, row.lands)
        yield Note(state="error", text=f"goes to {uplink.name}" if uplink else "stays alone")
    for finding in doubts.get(row.theirs.device, ()):
        yield Note(state=finding.severity, text=finding.devices[row.theirs.device], kind=finding.kind)


def sentence(rows: Sequence[PanelRow], name: str) -> str:
    """Sum the panel up for who hears it, or reads it first."""
    doubtful = [row for row in rows if row.state in {"error", "unknown", "warning"}]
    places = sum(row.ours is not None for row in rows)
    if not doubtful:
        return f"{name} has a NIC at each of the coordinator’s {places} places, and nothing speaks against its cables."
    return f"{len(doubtful)} of {len(rows)} places need a look on {name}."
