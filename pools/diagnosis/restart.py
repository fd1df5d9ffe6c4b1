"""What a member's next toolstack start makes of its bonds and VLANs (sync_networking.ml, xapi_bond.ml, xapi_host.ml).

It happens at a join, a reboot, a restart of the toolstack, and after an emergency. Each step that fails is only logged.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pools.diagnosis.topology import NO_MODE, Bonded, Side, Topology
from pools.diagnosis.view import View, devices
from pools.xapi.records import NetworkRecord, PIFRecord

MANAGEMENT = "management"


class Did(StrEnum):
    """What becomes of one bond of the coordinator."""

    KEPT = "kept"
    MADE = "made"
    REMADE = "remade"
    FAILED = "failed"  # it was missing, and Bond.create is refused: ``refusal`` says with which code
    DESTROYED = "destroyed"  # the old one is gone, and Bond.create is refused
    NOTHING = "nothing"  # the member has no NIC for it


@dataclass(frozen=True, kw_only=True)
class BondStart:
    """One bond of the coordinator on the member. ``members`` are its NICs afterwards, in words."""

    network: str
    name: str
    did: Did
    members: str = ""
    refusal: str = ""

    @property
    def changes(self) -> bool:
        return self.did not in {Did.KEPT, Did.NOTHING, Did.FAILED}


@dataclass(frozen=True, kw_only=True)
class Start:
    """``moved``: what lies on another interface afterwards, as (what, from, to). ``vlans``: those that are made."""

    bonds: tuple[BondStart, ...] = ()
    moved: tuple[tuple[str, str, str], ...] = ()
    vlans: tuple[str, ...] = ()
    made_of: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def changes(self) -> bool:
        return bool(self.moved or self.vlans) or any(bond.changes for bond in self.bonds)


def next_start(topology: Topology, member: Side) -> Start:
    """Foretell it for one member; the coordinator copies from nobody."""
    model = Model.of(member)
    before = dict(model.lies_on)
    model.lift()
    if member.host.ref == topology.pool.master.ref:
        return Start(moved=moved(model, before), made_of=model.made_of())
    view = View(ours=topology.coordinator, theirs=member)
    bonds = tuple(copied(view, model, network, bonded) for network, bonded in view.ours.bonds.items())
    return Start(bonds=bonds, moved=moved(model, before), vlans=tuple(vlans(view, model)), made_of=model.made_of())


def copied(view: View, model: "Model", network: str, bonded: Bonded) -> BondStart:
    """Compare member sets only; a wrong bond goes before it is known whether another can come."""
    want, mine = view.wanted[network], view.theirs.bonds.get(network)
    at = {"network": view.network(network).uuid, "name": view.name(network)}
    if mine is None and not want:
        return BondStart(did=Did.NOTHING, **at)
    if mine is not None and mine.refs == view.wants(network):
        return BondStart(did=Did.KEPT, members=devices(want), **at)
    if mine is not None:
        model.destroy(network)
    refusal = model.refuses(view.network(network), want)
    if refusal:
        return BondStart(did=Did.FAILED if mine is None else Did.DESTROYED, refusal=refusal, **at)
    model.create(network, leading_first(view, bonded, want))
    return BondStart(did=Did.MADE if mine is None else Did.REMADE, members=devices(want), **at)


def leading_first(view: View, bonded: Bonded, want: Sequence[PIFRecord]) -> list[PIFRecord]:
    """The NIC at the place whose MAC the coordinator's bond has leads."""
    rule = view.theirs.rule
    leading = [view.ours.place(pif, rule) for pif in bonded.members if pif.MAC == bonded.pif.MAC]
    return sorted(want, key=lambda pif: [view.theirs.place(pif, rule)] != leading)


@dataclass(frozen=True, kw_only=True)
class Thing:
    """What lies on a NIC or a bond: management, an address, or a VLAN (with its ``network``)."""

    words: str
    address: bool = False
    pif: str = ""
    network: str = ""


@dataclass(kw_only=True)
class Model:
    """Where things lie while the bonds are changed. A place is the reference of a NIC, or of a bond's network."""

    side: Side
    bonds: dict[str, list[PIFRecord]]
    leads: dict[str, str]
    lies_on: dict["Thing", str]

    @classmethod
    def of(cls, side: Side) -> "Model":
        """As the records are now."""
        bonds = {network: list(bonded.members) for network, bonded in side.bonds.items()}
        masters = {bonded.pif.ref: network for network, bonded in side.bonds.items()}
        lies_on: dict[Thing, str] = {}
        for pif in side.pifs:
            place = masters.get(pif.ref, pif.ref)
            if pif.management and pif.VLAN < 0:
                lies_on[Thing(words=MANAGEMENT)] = place
            if pif.ip_configuration_mode != NO_MODE and pif.VLAN < 0:
                words = f"the address {pif.IP or pif.ip_configuration_mode}"
                lies_on[Thing(words=words, address=True, pif=pif.ref)] = place
        for each in side.vlans:
            thing = Thing(words=side.named(each.pif), pif=each.pif.ref, network=each.pif.network)
            lies_on[thing] = masters.get(each.below.ref, each.below.ref)
        leads = {network: bonded.bond.primary_slave for network, bonded in side.bonds.items()}
        return cls(side=side, bonds=bonds, leads=leads, lies_on=lies_on)

    def lift(self) -> None:
        """Each start first moves up what lies on members of a bond, but not addresses (fix_bond)."""
        for network, members in self.bonds.items():
            refs = {pif.ref for pif in members}
            for what, place in self.lies_on.items():
                if place in refs and not what.address:
                    self.lies_on[what] = network

    def destroy(self, network: str) -> None:
        """All goes down to the primary member."""
        members = self.bonds.pop(network)
        down = self.leads.get(network) or members[0].ref
        self.lies_on = {what: down if place == network else place for what, place in self.lies_on.items()}

    def create(self, network: str, nics: Sequence[PIFRecord]) -> None:
        """All comes up: management leads, else who has an address, else the first."""
        self.bonds[network] = list(nics)
        refs = [pif.ref for pif in nics]
        on = {ref: [what for what, place in self.lies_on.items() if place == ref] for ref in refs}
        manages = {ref for ref in refs if any(what.words == MANAGEMENT for what in on[ref])}
        addressed = {ref for ref in refs if any(what.address for what in on[ref])}
        self.leads[network] = max(refs, key=lambda ref: (ref in manages, ref in addressed))
        self.lies_on = {what: network if place in refs else place for what, place in self.lies_on.items()}

    def refuses(self, network: NetworkRecord, nics: Sequence[PIFRecord]) -> str:
        """Return the code with which Bond.create refuses, asked in its order (xapi_bond.ml, create)."""
        return next((code for asks, code in REFUSALS if asks(self, network, nics)), "")

    def made_of(self) -> dict[str, frozenset[str]]:
        return {network: frozenset(pif.ref for pif in members) for network, members in self.bonds.items()}


def occupied(model: Model, network: NetworkRecord, _nics: Sequence[PIFRecord]) -> bool:
    bonded = model.side.bonds.get(network.ref)
    return any(bonded is None or pif.ref != bonded.pif.ref for pif in model.side.on.get(network.ref, ()))


def taken(model: Model, _network: NetworkRecord, nics: Sequence[PIFRecord]) -> bool:
    held = {pif.ref for members in model.bonds.values() for pif in members}
    return any(pif.ref in held for pif in nics)


def unlike(_model: Model, _network: NetworkRecord, nics: Sequence[PIFRecord]) -> bool:
    return any(dict(pif.properties) != dict(nics[0].properties) for pif in nics)


def addresses(model: Model, _network: NetworkRecord, nics: Sequence[PIFRecord]) -> bool:
    refs = {pif.ref for pif in nics}
    return len({place for what, place in model.lies_on.items() if what.address and place in refs}) > 1


REFUSALS: Sequence[tuple[Callable[[Model, NetworkRecord, Sequence[PIFRecord]], bool], str]] = (
    (lambda _model, _network, nics: not nics, "PIF_BOND_NEEDS_MORE_MEMBERS"),
    (lambda _model, network, _nics: not network.managed, "NETWORK_UNMANAGED"),
    (occupied, "NETWORK_ALREADY_CONNECTED"),
    (lambda _model, _network, nics: any(not pif.managed for pif in nics), "PIF_UNMANAGED"),
    (taken, "PIF_ALREADY_BONDED"),
    (unlike, "INCOMPATIBLE_PIF_PROPERTIES"),
    (addresses, "PIF_BOND_MORE_THAN_ONE_IP"),
)


def moved(model: Model, before: Mapping[Thing, str]) -> tuple[tuple[str, str, str], ...]:
    """What lies elsewhere than before, in words."""
    after = model.lies_on
    return tuple(
        (what.words, word(model, old), word(model, after[what])) for what, old in before.items() if old != after[what]
    )


def word(model: Model, place: str) -> str:
    """Name a place: a NIC by its device, a bond by its network."""
    nic = next((pif for pif in model.side.nics if pif.ref == place), None)
    network = model.side.pool.networks.get(place)
    return nic.device if nic else network.name_label if network else place


def vlans(view: View, model: Model) -> Iterator[str]:
    """VLANs of the coordinator that are made, even where the member has that network on another interface."""
    if view.theirs.host.sync_vlans == "nosync":
        return
    for ours in view.ours.vlans:
        lower, below = places(view, model, ours.below.network)
        there = {place for what, place in model.lies_on.items() if what.network == ours.pif.network}
        if below == 1 and not there & lower:
            yield view.name(ours.pif.network)


def places(view: View, model: Model, network: str) -> tuple[set[str], int]:
    """The places that are on a network, and how many interfaces are on it."""
    masters = {bonded.pif.ref for bonded in view.theirs.bonds.values()}
    others = {pif.ref for pif in view.theirs.on.get(network, ()) if pif.ref not in masters}
    bond = {network} if network in model.bonds else set()
    return others | bond, len(others | bond)
