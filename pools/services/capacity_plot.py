"""A plot of memory, before and after a server has left: one bar for each server, in per cent of the widest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pools.operations.removal.choices import mapping
from pools.services.losses_reading import items

BAR: Final = 14


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A server's memory: in use now, what comes to it, and the whole; widths in per cent. ``leaves``: it goes."""

    name: str
    total: int
    used: int
    added: int
    widest: int
    leaves: bool = False

    @property
    def after(self) -> int:
        return 0 if self.leaves else self.used + self.added

    @property
    def width(self) -> str:
        return self.percent(self.total)

    @property
    def used_width(self) -> str:
        return self.percent(min(self.used, self.total))

    @property
    def added_width(self) -> str:
        return self.percent(max(min(self.added, self.total - self.used), 0))

    def percent(self, size: int) -> str:
        return f"{100 * size / (self.widest or 1):.2f}%"


@dataclass(frozen=True, kw_only=True)
class Plot:
    """``before``, ``after``: how many servers may fail; ``unplaced``: VMs that no server has the memory for.

    ``configured``: how many failures HA is set to; ``planned``: for how many XAPI has a plan.
    """

    leaving: str
    bars: tuple[Bar, ...]
    unplaced: tuple[str, ...]
    before: int
    after: int
    configured: int
    planned: int

    @property
    def bar(self) -> int:
        return BAR


def plot_of(name: str, stored: Mapping[str, object]) -> Plot:
    """Lay the stored capacity out: who leaves first, then those that stay."""
    stay = [mapping(each) for each in items(stored.get("servers"))]
    widest = max([number(each, "total") for each in stay] + [number(stored, "leaving_total")], default=0)
    gone = {"name": name, "total": number(stored, "leaving_total"), "used": number(stored, "leaving_used")}
    return Plot(
        leaving=name,
        bars=tuple(bar(each, widest, leaves=place == 0) for place, each in enumerate([gone, *stay])),
        unplaced=tuple(str(vm) for vm in items(stored.get("unplaced"))),
        before=number(stored, "tolerates_before"),
        after=number(stored, "tolerates_after"),
        configured=number(stored, "configured"),
        planned=number(stored, "planned"),
    )


def bar(stored: Mapping[str, object], widest: int, *, leaves: bool) -> Bar:
    return Bar(
        name=str(stored.get("name") or ""),
        total=number(stored, "total"),
        used=number(stored, "used"),
        added=number(stored, "added"),
        widest=widest,
        leaves=leaves,
    )


def number(stored: Mapping[str, object], key: str) -> int:
    found = stored.get(key)
    return found if isinstance(found, int) else 0
