"""What a host measures of itself: its memory, now. There is no history (rrdd_http_handler.ml: get_host_updates)."""

from dataclasses import dataclass

from simulator.world.host import HostMachine
from simulator.xapi.host.memory import free_memory
from simulator.xapi.registry import HostView
from simulator.xapi.rows import Row

STEP = 5
KIB = 1024


@dataclass(frozen=True)
class Window:
    """`host` false leaves the host's own figures out; `function` is the name of the consolidation."""

    host: bool
    function: str
    start: int


@dataclass(frozen=True)
class Updates:
    start: int
    end: int
    legend: tuple[str, ...]
    values: tuple[str, ...]

    @property
    def rows(self) -> int:
        return 1 if self.values else 0

    def as_json(self) -> dict[str, object]:
        meta = {"start": self.start, "step": STEP, "end": self.end, "rows": self.rows, "columns": len(self.legend)}
        data = [{"t": self.end, "values": list(self.values)}] if self.values else []
        return {"meta": meta | {"legend": list(self.legend)}, "data": data}

    def as_xml(self) -> str:
        legend = "".join(f"<entry>{each}</entry>" for each in self.legend)
        values = "".join(f"<v>{each}</v>" for each in self.values)
        row = f"<row><t>{self.end}</t>{values}</row>" if self.values else ""
        return (
            f"<xport><meta><start>{self.start}</start><step>{STEP}</step><end>{self.end}</end><rows>{self.rows}</rows>"
            f"<columns>{len(self.legend)}</columns><legend>{legend}</legend></meta><data>{row}</data></xport>"
        )


def rrd_updates(host: HostView, window: Window) -> Updates:
    """One row, of this moment, in the numbers of xapi's own legend."""
    now = int(host.now()) // STEP * STEP
    if not window.host or not isinstance(host, HostMachine):
        return Updates(window.start, now, (), ())
    row = Row(host.database, "host", host.ref)
    total = host.hardware.memory // KIB
    figures = {"memory_total_kib": total, "memory_free_kib": free_memory(row) // KIB}
    legend = tuple(f"{window.function}:host:{host.uuid}:{name}" for name in figures)
    return Updates(window.start, now, legend, tuple(str(float(value)) for value in figures.values()))
