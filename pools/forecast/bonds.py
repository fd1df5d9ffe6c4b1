"""What becomes of the coordinator's bonds on a server that joins (sync_networking.ml; xapi_bond.ml, create).

They are made one after the other, in the order in which the coordinator keeps them: an earlier one may take a NIC.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from pools.forecast.doubts import Doubt, Pair, doubts_of
from pools.forecast.matching import Rule, mark, place
from pools.forecast.newcomer import Newcomer, Nic
from pools.xapi.inventory import Snapshot
from pools.xapi.records import NULL, BondRecord, NetworkRecord, PIFRecord


class Outcome(StrEnum):
    """What the joining server will have of one bond."""

    FULL = "full"
    PARTIAL = "partial"
    NONE = "none"  # no NIC at the places
    STOLEN = "stolen"  # NICs are there, but Bond.create refuses: ``refusal`` says with which code


@dataclass(frozen=True, kw_only=True)
class BondForecast:
    """One bond of the coordinator on one joining server.

    ``wanted`` and ``missing`` are the coordinator's devices, ``members`` and ``primary`` the joining server's;
    ``rivals`` names the server's NICs on which Bond.create fails.
    """

    network_uuid: str
    network_name: str
    mode: str
    outcome: Outcome
    wanted: tuple[str, ...]
    members: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    primary: str = ""
    takes_management: bool = False
    refusal: str = ""
    rivals: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One bond of the coordinator, and the newcomer's NICs at the places of its members, the leading one first."""

    bond: BondRecord
    network: NetworkRecord
    ours: tuple[PIFRecord, ...]
    places: tuple[str, ...]
    nics: tuple[Nic, ...]

    @property
    def primary(self) -> Nic:
        """Management leads, else the first with an address, else the first (xapi_bond.ml, create)."""
        managing = [nic for nic in self.nics if nic.management]
        addressed = [nic for nic in self.nics if nic.has_address]
        return [*managing, *addressed, *self.nics][0]

    @property
    def missing(self) -> tuple[str, ...]:
        found = {nic.place for nic in self.nics}
        return tuple(pif.device for pif, where in zip(self.ours, self.places, strict=True) if where not in found)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    code: str
    rivals: tuple[str, ...] = ()


def forecast_bonds(
    pool: Snapshot, joiner: Snapshot, newcomer: Newcomer, rule: Rule
) -> tuple[tuple[BondForecast, ...], Newcomer]:
    """Foretell every bond of the coordinator, and how the newcomer stands when all are made."""
    made: list[BondForecast] = []
    for bond, master in _bonds_of_coordinator(pool):
        network = pool.networks.get(master.network, NetworkRecord(ref=NULL))
        want = _wanted(pool, bond, network, newcomer, rule)
        refusal = _refusal(want, newcomer) if want.nics else None
        made.append(_forecast(want, refusal, doubts_of(_pairs(pool, joiner, want, rule))))
        if want.nics and refusal is None:
            newcomer = newcomer.with_bond(network.uuid, want.nics)
    return tuple(made), newcomer


def _bonds_of_coordinator(pool: Snapshot) -> Iterator[tuple[BondRecord, PIFRecord]]:
    for bond in pool.bonds.values():
        master = pool.pifs.get(bond.master)
        if master is not None and master.host == pool.master.ref:
            yield bond, master


def _wanted(pool: Snapshot, bond: BondRecord, network: NetworkRecord, newcomer: Newcomer, rule: Rule) -> Wanted:
    """Members of the coordinator without a place are ignored; whose MAC the bond has leads (copy_bonds_from_master)."""
    ours = sorted((pool.pifs[ref] for ref in bond.slaves if ref in pool.pifs), key=lambda pif: pif.device)
    places = [place(rule, pif, pool.networks) for pif in ours]
    mac = pool.pifs[bond.master].MAC
    leading = [where for pif, where in zip(ours, places, strict=True) if mac == pif.MAC]
    found = [nic for nic in newcomer.nics if nic.place and nic.place in places]
    found.sort(key=lambda nic: [nic.place] != leading)
    return Wanted(bond=bond, network=network, ours=tuple(ours), places=tuple(places), nics=tuple(found))


def _pairs(pool: Snapshot, joiner: Snapshot, want: Wanted, rule: Rule) -> list[Pair]:
    ours_by_place = dict(zip(want.places, want.ours, strict=True))
    sizes = {network.uuid: network.MTU for network in pool.networks.values()}
    return [
        Pair(
            device=nic.pif.device,
            theirs=joiner.pif_metrics.get(nic.pif.metrics),
            ours=pool.pif_metrics.get(ours.metrics),
            marks=(mark(rule, nic.pif, joiner.networks), mark(rule, ours, pool.networks)),
            mtus=(sizes.get(nic.network) or _mtu(joiner, nic), want.network.MTU),
        )
        for nic, ours in ((nic, ours_by_place[nic.place]) for nic in want.nics)
    ]


def _mtu(joiner: Snapshot, nic: Nic) -> int:
    """A network that the join creates keeps the server's size of packets."""
    return joiner.networks.get(nic.pif.network, NetworkRecord(ref=NULL)).MTU


def _forecast(want: Wanted, refusal: Refusal | None, doubts: tuple[Doubt, ...]) -> BondForecast:
    made = bool(want.nics) and refusal is None
    return BondForecast(
        network_uuid=want.network.uuid,
        network_name=want.network.name_label,
        mode=want.bond.mode,
        outcome=_outcome(want, refusal),
        wanted=tuple(pif.device for pif in want.ours),
        members=tuple(sorted(nic.pif.device for nic in want.nics)) if made else (),
        missing=want.missing,
        primary=want.primary.pif.device if made else "",
        takes_management=made and any(nic.management for nic in want.nics),
        refusal=refusal.code if refusal else "",
        rivals=refusal.rivals if refusal else (),
        doubts=doubts,
    )


def _outcome(want: Wanted, refusal: Refusal | None) -> Outcome:
    if not want.nics:
        return Outcome.NONE
    if refusal:
        return Outcome.STOLEN
    return Outcome.PARTIAL if want.missing else Outcome.FULL


def _refusal(want: Wanted, newcomer: Newcomer) -> Refusal | None:
    """Ask what Bond.create asks, in its order; what a join has ruled out already (tunnels, HA, VLANs) is left out."""
    if not want.network.managed:
        return Refusal(code="NETWORK_UNMANAGED")
    if newcomer.pifs_on(want.network.uuid):
        there = [nic.pif.device for nic in newcomer.nics if nic.network == want.network.uuid]
        return Refusal(code="NETWORK_ALREADY_CONNECTED", rivals=tuple(there))
    return next((found for ask in MEMBERS if (found := ask(want))), None)


def _address_types(want: Wanted) -> Refusal | None:
    kind = want.primary.pif.primary_address_type
    return _against(
        [nic for nic in want.nics if nic.pif.primary_address_type != kind], "PIF_INCOMPATIBLE_PRIMARY_ADDRESS_TYPE"
    )


def _unmanaged(want: Wanted) -> Refusal | None:
    return _against([nic for nic in want.nics if not nic.pif.managed], "PIF_UNMANAGED")


def _bonded(want: Wanted) -> Refusal | None:
    return _against([nic for nic in want.nics if nic.bond], "PIF_ALREADY_BONDED")


def _properties(want: Wanted) -> Refusal | None:
    first = dict(want.nics[0].pif.properties)
    return _against([nic for nic in want.nics if dict(nic.pif.properties) != first], "INCOMPATIBLE_PIF_PROPERTIES")


def _addresses(want: Wanted) -> Refusal | None:
    with_address = [nic for nic in want.nics if nic.has_address]
    return _against(with_address if len(with_address) > 1 else [], "PIF_BOND_MORE_THAN_ONE_IP")


def _against(nics: list[Nic], code: str) -> Refusal | None:
    return Refusal(code=code, rivals=tuple(sorted(nic.pif.device for nic in nics))) if nics else None


MEMBERS: tuple[Callable[[Wanted], Refusal | None], ...] = (
    _address_types,
    _unmanaged,
    _bonded,
    _properties,
    _addresses,
)
