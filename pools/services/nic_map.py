"""The NICs of a pool's coordinator beside those of a server that joins, place by place, and where each ends.

Pure, from both sides' records and the forecast. What is on which network decides the forecast; this only shows it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from pools.forecast.doubts import speed_words
from pools.forecast.join import JoinForecast, NetworkOutcome
from pools.forecast.matching import place, position
from pools.services.nics import NicRow, nics
from pools.xapi.inventory import Snapshot
from pools.xapi.records import HostRecord, NetworkRecord

NOWHERE: Final = -1
MODES: Final = {"lacp": "LACP", "active-backup": "active-backup", "balance-slb": "balance-slb"}


@dataclass(frozen=True, kw_only=True)
class Nic:
    """One physical NIC as the panel shows it; ``position`` is -1 when the name of its bridge tells none."""

    uuid: str
    device: str
    mac: str
    position: int
    carrier: bool | None
    speed: int
    card: str
    pci: str
    management: bool
    managed: bool

    @property
    def place(self) -> str:
        return str(self.position) if self.position >= 0 else "?"

    @property
    def link(self) -> str:
        """Say the link in words: "10 Gbit/s", "no link"."""
        if self.carrier is None:
            return "link unknown"
        if not self.carrier:
            return "no link"
        return speed_words(self.speed) if self.speed else "link up"


@dataclass(frozen=True, kw_only=True)
class Uplink:
    """What NICs carry: a bond of the coordinator with its VLANs, a single NIC's network, or a network that is new."""

    network_uuid: str
    name: str
    bond_mode: str = ""
    vlans: tuple[tuple[int, str], ...] = ()
    rows: tuple[int, ...] = ()
    is_new: bool = False

    @property
    def room(self) -> int:
        """How many VLANs can be named beside so many NICs."""
        return max(3 * len(self.rows) - 2, 1)

    @property
    def named_vlans(self) -> tuple[tuple[int, str], ...]:
        return self.vlans[: self.room]

    @property
    def more_vlans(self) -> int:
        return len(self.vlans) - len(self.named_vlans)

    @property
    def kind(self) -> str:
        """Say what carries it: the bond's mode, or one NIC."""
        if self.bond_mode:
            return f"Bond, {MODES.get(self.bond_mode, self.bond_mode)}"
        return "New in the pool" if self.is_new else "One NIC"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One place: the coordinator's NIC, the joining server's, which uplink is wanted there and which one it gets."""

    ours: Nic | None
    theirs: Nic | None
    wanted: int = NOWHERE
    lands: int = NOWHERE

    @property
    def astray(self) -> bool:
        """Whether the server's NIC ends on another network than the coordinator's at this place."""
        return self.theirs is not None and self.ours is not None and self.lands != self.wanted


@dataclass(frozen=True, kw_only=True)
class NicMap:
    rows: tuple[Row, ...] = ()
    uplinks: tuple[Uplink, ...] = ()

    @cached_property
    def pairs(self) -> list[tuple[Nic, Nic]]:
        """NICs of both sides at one place: the coordinator's, the server's."""
        return [(row.ours, row.theirs) for row in self.rows if row.ours and row.theirs]

    @property
    def missing(self) -> list[Row]:
        return [row for row in self.rows if row.theirs is None]

    @property
    def extra(self) -> list[Row]:
        return [row for row in self.rows if row.ours is None]


def nic_map(pool: Snapshot, joiner: Snapshot, forecast: JoinForecast) -> NicMap:
    """Lay the two servers side by side; a NIC of the coordinator that has no place matches none."""
    host = joiner.host(forecast.host_uuid)
    ours = sorted(nics(pool, pool.master), key=_in_order)
    theirs = _by_place(joiner, host, forecast) if host else {}
    uplinks, wanted = _uplinks(pool, ours)
    matched = [theirs.pop(_place(pool, nic, forecast), None) for nic in ours]
    rows = [
        Row(ours=_nic(mine), theirs=_nic(match) if match else None, wanted=up)
        for mine, match, up in zip(ours, matched, wanted, strict=True)
    ]
    landed = [_landing(match, uplinks, forecast) for match in matched]
    rows = [replace(row, lands=lands) for row, lands in zip(rows, landed, strict=True)]
    for left in theirs.values():
        uplinks, lands = _with_extra(left, uplinks, forecast, len(rows))
        rows.append(Row(ours=None, theirs=_nic(left), lands=lands))
    return NicMap(rows=tuple(rows), uplinks=tuple(uplinks))


def _in_order(nic: NicRow) -> tuple[bool, int, str]:
    number = _position(nic)
    return number < 0, number, nic.pif.device


def _position(nic: NicRow) -> int:
    number = position(nic.network.bridge) if nic.network else None
    return NOWHERE if number is None else number


def _place(snapshot: Snapshot, nic: NicRow, forecast: JoinForecast) -> str:
    return place(forecast.rule, nic.pif, snapshot.networks)


def _by_place(joiner: Snapshot, host: HostRecord, forecast: JoinForecast) -> dict[str, NicRow]:
    """The server's NICs; those without a place, or at one that is taken, come last and match nothing."""
    found: dict[str, NicRow] = {}
    for nic in sorted(nics(joiner, host), key=_in_order):
        where = _place(joiner, nic, forecast)
        found[where if where and where not in found else f"none {nic.pif.ref}"] = nic
    return found


def _nic(row: NicRow) -> Nic:
    metrics = row.metrics
    return Nic(
        uuid=row.pif.uuid,
        device=row.pif.device,
        mac=row.pif.MAC,
        position=_position(row),
        carrier=row.carrier,
        speed=metrics.speed if metrics else 0,
        card=f"{metrics.vendor_name} {metrics.device_name}".strip() if metrics else "",
        pci=metrics.pci_bus_path if metrics else "",
        management=row.pif.management or bool(row.bond_pif and row.bond_pif.management),
        managed=row.pif.managed,
    )


def _uplinks(pool: Snapshot, ours: Sequence[NicRow]) -> tuple[list[Uplink], list[int]]:
    """Bonds and networks of the coordinator's NICs, in the order of their first NIC; and which one each NIC has."""
    found: dict[str, Uplink] = {}
    keys: list[str] = []
    for at, nic in enumerate(ours):
        network, pif = _carried(pool, nic)
        mode = nic.bond.mode if nic.bond else ""
        first = Uplink(
            network_uuid=network.uuid, name=network.name_label, bond_mode=mode, vlans=tuple(_vlans(pool, pif))
        )
        up = found.get(network.uuid, first)
        found[network.uuid] = replace(up, rows=(*up.rows, at))
        keys.append(network.uuid)
    order = list(found)
    return list(found.values()), [order.index(key) for key in keys]


def _carried(pool: Snapshot, nic: NicRow) -> tuple[NetworkRecord, str]:
    """The network that a NIC serves, by itself or in its bond; and the interface that stands for it."""
    pif = nic.bond_pif or nic.pif
    return pool.networks.get(pif.network, NetworkRecord(ref="")), pif.ref


def _vlans(pool: Snapshot, below: str) -> Iterator[tuple[int, str]]:
    for vlan in sorted(pool.vlans.values(), key=lambda vlan: vlan.tag):
        own = pool.pifs.get(vlan.untagged_PIF)
        network = pool.networks.get(own.network) if own else None
        if vlan.tagged_PIF == below and network:
            yield vlan.tag, network.name_label


def _landing(nic: NicRow | None, uplinks: Sequence[Uplink], forecast: JoinForecast) -> int:
    """The uplink that a NIC of the server will serve: its bond's, else its own network's."""
    if nic is None:
        return NOWHERE
    uuid = _bonds(forecast).get(nic.pif.device) or _own_network(nic, forecast)[0]
    return next((at for at, up in enumerate(uplinks) if up.network_uuid == uuid), NOWHERE)


def _bonds(forecast: JoinForecast) -> Mapping[str, str]:
    return {device: bond.network_uuid for bond in forecast.bonds for device in bond.members}


def _own_network(nic: NicRow, forecast: JoinForecast) -> tuple[str, str, bool]:
    """Uuid and name in the pool of the network that a NIC brings along, and whether it is new there."""
    uuid = nic.network.uuid if nic.network else ""
    for each in forecast.networks:
        if each.uuid == uuid:
            new = each.outcome is NetworkOutcome.CREATED
            return (each.uuid, each.name, True) if new else (each.pool_uuid, each.pool_name, False)
    return uuid, nic.network.name_label if nic.network else "", False


def _with_extra(nic: NicRow, uplinks: Sequence[Uplink], forecast: JoinForecast, row: int) -> tuple[list[Uplink], int]:
    """A NIC without a counterpart serves what it lands on, or a network that the coordinator has no NIC on."""
    lands = _landing(nic, uplinks, forecast)
    if lands != NOWHERE:
        return list(uplinks), lands
    uuid, name, new = _own_network(nic, forecast)
    return [*uplinks, Uplink(network_uuid=uuid, name=name, is_new=new, rows=(row,))], len(uplinks)
