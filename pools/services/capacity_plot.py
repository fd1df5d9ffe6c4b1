"""A plot of a removal: memory by server in per cent of the widest, and how many servers may fail before and after."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pools.operations.removal.choices import mapping
from pools.services.losses_reading import items

BAR: Final = 14
PIP: Final = 10
MOST_PIPS: Final = 8  # of a pool that bears more failures the number says enough


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
class Failures:
    """How many servers may fail, said in ``words``: drawn as pips of which ``count`` are full."""

    words: str
    count: int
    most: int
    tone: str = ""

    @property
    def pips(self) -> list[tuple[int, bool]]:
        """Where each begins, and whether it is full."""
        return [(place * (PIP + 4), place < self.count) for place in range(min(self.most, MOST_PIPS))]

    @property
    def width(self) -> int:
        return len(self.pips) * (PIP + 4)


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

    @property
    def pip(self) -> int:
        return PIP

    @property
    def failures(self) -> list[Failures]:
        """Before and after, and beside them what HA is set to and what XAPI has a plan for."""
        rows = [
            ("Servers that may fail, before", self.before, ""),
            ("and after", self.after, "warning" if self.after < self.before else ""),
        ]
        if self.configured:
            rows += [
                ("High availability is set to", self.configured, "error" if self.configured > self.after else ""),
                ("XAPI has a plan now for", self.planned, "warning" if self.planned < self.configured else ""),
            ]
        most = max(count for _, count, _ in rows)
        return [Failures(words=words, count=count, most=most, tone=tone) for words, count, tone in rows]


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
