"""Rebuild a server's network from its snapshot: what was chosen of it, each thing after what it needs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from pools import archive, connections
from pools.checks.facts import Facts
from pools.checks.finding import Finding
from pools.checks.registry import Report
from pools.checks.report import Cell, Line, state_of_findings, unreadable
from pools.models import NetworkSnapshot, Operation
from pools.operations import facts as live
from pools.operations.fixes.fix import target
from pools.operations.kind import Choices
from pools.operations.rebuilding.making import MakeBond, MakeTunnel, MakeVLAN
from pools.operations.rebuilding.setting import PlaceManagement, SetAddress, SetNetwork
from pools.operations.rebuilding.step import RebuildStep
from pools.operations.removal.choices import texts
from pools.operations.step import Step
from pools.snapshots.build import CLASSES, snapshot_of
from pools.snapshots.data import Interface, Kind, NetworkData
from pools.snapshots.items import Item, What, items_of
from pools.snapshots.matching import missing
from pools.xapi.errors import XapiError

STEPS: Final[Sequence[type[Step]]] = (MakeBond, MakeVLAN, MakeTunnel, SetNetwork, SetAddress, PlaceManagement)
MAKERS: Final[Mapping[What, type[RebuildStep]]] = {
    What.BOND: MakeBond,
    What.NETWORK: SetNetwork,
    What.VLAN: MakeVLAN,
    What.ADDRESS: SetAddress,
    What.MANAGEMENT: PlaceManagement,
    What.TUNNEL: MakeTunnel,
}


class NetworkRebuild:
    """The kind of operation: its one server coordinates its own pool; its draft names a snapshot and items of it."""

    def facts(self, operation: Operation) -> Facts:
        """Read the server's network as it is."""
        server = operation.servers.select_related("pool__credential").get()
        try:
            with connections.connect(server) as xapi:
                read = live.read(server, xapi, CLASSES)
        except XapiError as error:
            return Facts(coordinator=live.unreadable(server, error), joining=())
        now = snapshot_of(read.snapshot, server.uuid)
        interfaces = {f"interface {now.named(each)}": each.mac or "there" for each in now.interfaces}
        return Facts(coordinator=replace(read, rests_on=interfaces), joining=())

    def check(self, facts: Facts, choices: Choices) -> Report:
        """The snapshot is there and whole, its cards are in the server, and something of it is chosen."""
        server = facts.coordinator
        if not server.readable:
            found = [unreadable(server.uuid, server.name_label, server.error_code)]
        else:
            found = obstacles(facts, choices)
        cell = Cell(rule="rebuild", server_uuid=server.uuid, state=state_of_findings(found), findings=tuple(found))
        line = Line(rule="rebuild", title="The snapshot fits the server", xapi_row="0")
        return Report(servers={server.uuid: server.name_label}, lines=(line,), cells=(cell,))

    def plan(self, facts: Facts, choices: Choices) -> Sequence[Step]:
        """One step for each item that is chosen and not there yet."""
        row = row_of(choices)
        if row is None:
            return ()
        saved, now = archive.data_of(row), snapshot_of(facts.pool, facts.coordinator.uuid)
        return tuple(
            MAKERS[item.kind](
                target=target(facts, choices),
                snapshot=row.pk,
                digest=row.digest,
                about=item.about,
                item=item.kind.value,
                words=item.title,
            )
            for item in chosen_of(row, choices)
            if item.kind is What.MANAGEMENT or missing(saved, now, item.about, item.kind)
        )


def obstacles(facts: Facts, choices: Choices) -> list[Finding]:
    """What forbids the rebuilding."""
    server, row = facts.coordinator, row_of(choices)
    if row is None or row.server_uuid != server.uuid:
        return [Finding(code="XENWEB_SNAPSHOT_GONE", subject=server.uuid, params=(server.name_label,))]
    saved = archive.data_of(row)
    macs = {pif.MAC for pif in facts.pool.pifs.values()}
    needed = {nic.key: nic for item in chosen_of(row, choices) for nic in cards_of(saved, item.about)}
    gone = [nic.device for nic in needed.values() if nic.mac not in macs]
    found = [
        Finding(code="XENWEB_CARD_GONE", subject=server.uuid, params=(server.name_label, device)) for device in gone
    ]
    if not chosen_of(row, choices):
        found.append(Finding(code="XENWEB_NOTHING_TO_FIX", subject=server.uuid, params=(server.name_label,)))
    return found


def cards_of(saved: NetworkData, about: str) -> list[Interface]:
    """The cards on which a saved interface rests; another one that is gone is in nobody's way."""
    interface, bond = saved.interface(about), saved.bond(about)
    below = saved.below(interface) if interface else None
    if bond:
        return [nic for nic in saved.nics if nic.mac in bond.members]
    if below:
        return cards_of(saved, below.key)
    return [interface] if interface and interface.kind == Kind.NIC else []


def row_of(choices: Choices) -> NetworkSnapshot | None:
    """The snapshot that the draft names."""
    number = str(choices.chosen.get("snapshot") or 0)
    return NetworkSnapshot.objects.filter(pk=number, complete=True).first()


def chosen_of(row: NetworkSnapshot, choices: Choices) -> list[Item]:
    """The items that were chosen, in the order of rebuilding."""
    keys = set(texts(choices.chosen.get("items")))
    return [item for item in items_of(archive.data_of(row)) if item.key in keys]
