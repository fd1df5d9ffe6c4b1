"""The network page of the wizards: what joins, seen beside the coordinator, from what was last read; and addresses."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property

from django.db import transaction

from pools.forecast.join import JoinForecast, Outcome, VLANOutcome, forecast_join
from pools.models import Operation, Server, User
from pools.operations.kind import AddressChoice
from pools.services import inventory, join_fit, operations, overview, planning
from pools.services.join_fit import Line
from pools.services.nic_drawing import Drawing, draw
from pools.services.nic_findings import NicFinding, doubts_by_device, nic_findings
from pools.services.nic_map import NicMap, nic_map
from pools.services.nic_order import WayOut, way_out
from pools.services.nic_panel import PanelRow, panel, sentence
from pools.xapi.inventory import Snapshot
from pools.xapi.records import HostRecord

STATES = ("error", "unknown", "warning", "info")
ABSENT: frozenset[object] = frozenset({Outcome.NONE, Outcome.STOLEN, VLANOutcome.NOTHING, VLANOutcome.OFF})
MARKS: Mapping[object, str] = {
    Outcome.FULL: "ok",
    Outcome.PARTIAL: "warning",
    Outcome.NONE: "error",
    Outcome.STOLEN: "error",
    VLANOutcome.MADE: "ok",
    VLANOutcome.KEPT: "ok",
    VLANOutcome.NOTHING: "warning",
    VLANOutcome.SECOND: "warning",
    VLANOutcome.OFF: "warning",
}


@dataclass(frozen=True, kw_only=True)
class Known:
    """A server with the records of its pool, as old as ``as_of``; None when they were never read."""

    server: Server
    snapshot: Snapshot
    as_of: datetime | None


@dataclass(frozen=True, kw_only=True)
class PoolNetwork:
    """A column of the table servers × networks."""

    uuid: str
    name: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class Fit:
    """One server that joins: its forecast, and its NICs beside the coordinator's."""

    server: Server
    host: HostRecord
    readable: bool
    vifs_known: bool
    forecast: JoinForecast
    map: NicMap

    @cached_property
    def nics(self) -> tuple[NicFinding, ...]:
        return nic_findings(self.map, self.forecast)

    @cached_property
    def doubts(self) -> dict[str, list[NicFinding]]:
        return doubts_by_device(self.nics)

    @cached_property
    def lines(self) -> list[Line]:
        return join_fit.lines(self.forecast, vifs_known=self.vifs_known)

    @property
    def look(self) -> list[Line]:
        """What needs a look, of the forecast and of the NICs, worst first."""
        nics = [Line(state=each.severity, topic=each.topic, text=each.text) for each in self.nics]
        found = [*(line for line in self.lines if line.needs_a_look), *nics]
        return sorted(found, key=lambda line: STATES.index(line.state))

    @property
    def fine(self) -> list[Line]:
        return [line for line in self.lines if line.state == join_fit.FINE]

    @property
    def changes(self) -> list[Line]:
        """What is nobody's fault and not as it was: for the folded list."""
        return [line for line in self.lines if line.state == "info"]

    @property
    def all_changes(self) -> int:
        return len(self.changes) + len(self.forecast.changes)

    @cached_property
    def state(self) -> str:
        """The worst of all that is foretold; unknown when the server was never read."""
        if not self.readable:
            return "unknown"
        return next((state for state in STATES if any(line.state == state for line in self.look)), join_fit.FINE)

    @property
    def problems(self) -> int:
        """How many things are more than a note."""
        return sum(line.state != "info" for line in self.look)

    @property
    def panel(self) -> list[PanelRow]:
        return panel(self.map, self.doubts)

    @property
    def sentence(self) -> str:
        return sentence(self.panel, self.server.name_label)

    @property
    def drawing(self) -> Drawing:
        return draw(self.map, self.doubts)

    @property
    def way_out(self) -> WayOut | None:
        return way_out(self.map, self.nics, self.host)

    def mark(self, network: PoolNetwork) -> str:
        """The mark of one network of the pool on this server."""
        if not self.readable:
            return "unknown"
        bonds = {bond.network_uuid: MARKS[bond.outcome] for bond in self.forecast.bonds}
        vlans = {vlan.network_uuid: MARKS[vlan.outcome] for vlan in self.forecast.vlans}
        if network.uuid in bonds or network.uuid in vlans:
            return bonds.get(network.uuid) or vlans[network.uuid]
        return "ok" if network.uuid in self.reached else "warning"

    @cached_property
    def reached(self) -> set[str]:
        """The networks that the server's NICs serve."""
        return {self.map.uplinks[row.lands].network_uuid for row in self.map.rows if row.theirs and row.lands >= 0}

    def lacks(self, network_uuid: str) -> bool:
        """Whether the server will have no interface on this network: then it can be given no address there."""
        bonds = {bond.network_uuid: bond.outcome in ABSENT for bond in self.forecast.bonds}
        made = bonds | {vlan.network_uuid: vlan.outcome in ABSENT for vlan in self.forecast.vlans}
        return self.readable and made.get(network_uuid, network_uuid not in self.reached)


def known(operation: Operation) -> list[Known]:
    """The draft's servers, coordinator first, with the stored records of their pools."""
    first = operation.draft.get("coordinator")
    rows = operation.servers.select_related("pool__inventory", "pool__coordinator").prefetch_related("pool__servers")
    servers = sorted(rows, key=lambda server: (server.uuid != first, server.name_label.casefold()))
    views = [overview.pool_view(server.pool) for server in servers]
    return [
        Known(server=server, snapshot=view.snapshot, as_of=view.as_of)
        for server, view in zip(servers, views, strict=True)
    ]


def fits(servers: Sequence[Known]) -> list[Fit]:
    """Foretell every join, problems first."""
    coordinator, joining = servers[0], servers[1:]
    found = [_fit(coordinator, each) for each in joining]
    order = (*STATES, join_fit.FINE)
    return sorted(found, key=lambda fit: (order.index(fit.state), -fit.problems))


def _fit(coordinator: Known, joiner: Known) -> Fit:
    uuid = joiner.server.uuid
    host = joiner.snapshot.host(uuid)
    forecast = forecast_join(coordinator.snapshot, joiner.snapshot, uuid)
    return Fit(
        server=joiner.server,
        host=host or HostRecord(ref="", uuid=uuid),
        readable=host is not None and coordinator.as_of is not None,
        vifs_known=_vifs_known(joiner.snapshot),
        forecast=forecast,
        map=nic_map(coordinator.snapshot, joiner.snapshot, forecast),
    )


def _vifs_known(snapshot: Snapshot) -> bool:
    """Inventories hold no interfaces of VMs: the examination reads them."""
    return bool(snapshot.vifs) or all(vm.is_control_domain or vm.is_default_template for vm in snapshot.vms.values())


def pool_networks(found: Sequence[Fit]) -> list[PoolNetwork]:
    """The coordinator's bonds, VLANs and single NICs' networks: what a server of the pool should have."""
    if not found:
        return []
    forecast, shown = found[0].forecast, found[0].map
    ours = [up for up in shown.uplinks if any(shown.rows[row].ours for row in up.rows)]
    order = [up.network_uuid for up in ours]
    bonds = sorted(
        forecast.bonds, key=lambda bond: order.index(bond.network_uuid) if bond.network_uuid in order else -1
    )
    vlans = sorted(forecast.vlans, key=lambda vlan: vlan.tag)
    single = [up for up in ours if not up.bond_mode]
    return [
        *(PoolNetwork(uuid=bond.network_uuid, name=bond.network_name, kind="bond") for bond in bonds),
        *(PoolNetwork(uuid=vlan.network_uuid, name=vlan.network_name, kind=f"VLAN {vlan.tag}") for vlan in vlans),
        *(PoolNetwork(uuid=up.network_uuid, name=up.name, kind="NIC") for up in single),
    ]


@dataclass(frozen=True, kw_only=True)
class Given:
    """A table of addresses: all that was typed, and, where every cell is sound, what the plan is to give."""

    typed: Mapping[str, Mapping[str, str]]
    choices: Sequence[AddressChoice]
    elsewhere: Sequence[str]
    sound: bool


EMPTY: Mapping[str, object] = {"typed_addresses": {}, "addresses": [], "elsewhere": [], "addresses_open": False}


@transaction.atomic
def save_addresses(*, operation: Operation, user: User, given: Given) -> Operation:
    """Store what was typed, sound or not; while a cell is wrong the plan gives no address, and there is none."""
    changes: dict[str, object] = {
        "typed_addresses": {key: dict(values) for key, values in given.typed.items()},
        "addresses": [asdict(choice) for choice in given.choices] if given.sound else [],
        "elsewhere": sorted(given.elsewhere),
        "addresses_open": not given.sound,
    }
    if all(operation.draft.get(key, empty) == changes[key] for key, empty in EMPTY.items()):
        return operation
    return operations.save_draft(operation=operation, user=user, changes=changes | planning.NOT_ASKED)


def read_again(operation: Operation) -> None:
    """Have workers read every pool concerned."""
    for server in operation.servers.select_related("pool"):
        inventory.ask(server.pool)
