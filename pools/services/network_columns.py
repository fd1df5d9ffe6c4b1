"""The columns of the network matrix: a pool's networks in groups, or the places of its NICs."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from pools.diagnosis.topology import NO_MODE, Side, Topology
from pools.xapi.records import PIFRecord


@dataclass(frozen=True, kw_only=True)
class Column:
    """A network, or a place of NICs. ``uuid`` names it in links: of a place it is ``nic:`` with the place."""

    uuid: str
    title: str
    sub: str = ""
    ref: str = ""
    place: str = ""

    def pifs(self, side: Side) -> list[PIFRecord]:
        """A server's interfaces in this column, what is no VLAN first."""
        if self.place:
            return [pif for pif in side.nics if place_of(side, pif) == self.place]
        return sorted(side.on.get(self.ref, ()), key=lambda pif: pif.VLAN)

    def networks(self, side: Side) -> Collection[str]:
        """The networks whose problems show here, by uuid."""
        if not self.place:
            return (self.uuid,)
        nics = self.pifs(side)
        over = [side.holder[pif.ref].pif for pif in nics if pif.ref in side.holder]
        return dict.fromkeys(side.network(pif).uuid for pif in [*nics, *over])


@dataclass(frozen=True, kw_only=True)
class Group:
    title: str
    columns: tuple[Column, ...] = field(default=())


def columns_of(topology: Topology, ours: Side, wrong: Collection[str]) -> list[Group]:
    """Management, bonds, VLANs by what they lie on, storage, single NICs, internal networks."""
    groups: dict[str, list[Column]] = {}
    titles = kinds(topology, ours)
    for ref, network in topology.pool.networks.items():
        title = titles.get(ref, INTERNAL)
        if title is None and network.uuid not in wrong:
            continue
        column = Column(uuid=network.uuid, title=network.name_label or network.bridge, sub=network.bridge, ref=ref)
        groups.setdefault(title or SINGLE, []).append(column)
    order = sorted(groups, key=lambda title: (RANK.get(title, len(VLANS_ON) and RANK[VLANS_ON]), title.casefold()))
    return [Group(title=title, columns=tuple(sorted(groups[title], key=by_name))) for title in order]


MANAGEMENT, BONDS, VLANS_ON, STORAGE, SINGLE, INTERNAL = (
    "Management",
    "Bonds",
    "VLANs on ",
    "Storage",
    "Single NICs",
    "Internal",
)
RANK: Mapping[str, int] = {MANAGEMENT: 0, BONDS: 1, VLANS_ON: 2, STORAGE: 3, SINGLE: 4, INTERNAL: 5}


def by_name(column: Column) -> tuple[str, str]:
    return column.title.casefold(), column.uuid


def kinds(topology: Topology, ours: Side) -> dict[str, str | None]:
    """Name the group of each network by what it is on the reference, else on the others; None: only bonded NICs."""
    found: dict[str, str | None] = {}
    for side in [*(each for each in topology.sides.values() if each is not ours), ours]:
        for network, pifs in side.on.items():
            said = [kind(side, pif) for pif in pifs]
            best = next((each for each in said if each), None)
            if best or network not in found:
                found[network] = best
    if ours.management:
        found[ours.management.network] = MANAGEMENT
    return found


def kind(side: Side, pif: PIFRecord) -> str | None:
    if pif.network in side.bonds and side.bonds[pif.network].pif.ref == pif.ref:
        return BONDS
    below = next((each.below for each in side.vlans if each.pif.ref == pif.ref), None)
    if below is not None:
        return VLANS_ON + side.named(below)
    if pif.ref in side.holder:
        return None
    return STORAGE if pif.ip_configuration_mode != NO_MODE else SINGLE


def places_of(topology: Topology, ours: Side) -> list[Group]:
    """Every place at which any server has a NIC, in order; names where the reference's rule knows no positions."""
    there: dict[str, set[str]] = defaultdict(set)
    for side in topology.sides.values():
        for pif in side.nics:
            there[place_of(side, pif)].add(pif.device)
    return [Group(title="NICs by place", columns=tuple(place_columns(there, ours)))]


def place_columns(there: Mapping[str, set[str]], ours: Side) -> Iterator[Column]:
    names = {place_of(ours, pif): pif.device for pif in ours.nics}
    for place in sorted(
        there, key=lambda place: (not place.isdecimal(), int(place) if place.isdecimal() else 0, place)
    ):
        device = names.get(place) or min(there[place])
        title = f"Position {place}" if place.isdecimal() else f"No position: {place}"
        yield Column(uuid=f"nic:{place}", title=title, sub=device, place=place)


def place_of(side: Side, pif: PIFRecord) -> str:
    """The position; a NIC without one stands under its own name."""
    where = side.position(pif)
    return pif.device if where is None else str(where)
