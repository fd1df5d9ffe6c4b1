"""A pool's interfaces, sorted by server once: bonds with their members, VLANs with what they lie on."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from pools.forecast.matching import Rule, place, position, rule_of
from pools.xapi.inventory import Snapshot
from pools.xapi.records import NULL, BondRecord, HostRecord, NetworkRecord, PIFRecord

NO_NETWORK = NetworkRecord(ref=NULL)
NO_MODE = "None"


@dataclass(frozen=True, kw_only=True)
class Bonded:
    """A bond whose interface and members are there; members in the order of their devices."""

    bond: BondRecord
    pif: PIFRecord
    members: tuple[PIFRecord, ...]

    @property
    def refs(self) -> frozenset[str]:
        return frozenset(pif.ref for pif in self.members)


@dataclass(frozen=True, kw_only=True)
class Tagged:
    """A VLAN and what it lies on."""

    pif: PIFRecord
    below: PIFRecord


@dataclass(frozen=True, kw_only=True)
class Side:
    """The interfaces of one server."""

    pool: Snapshot
    host: HostRecord
    pifs: tuple[PIFRecord, ...] = ()
    bonds: Mapping[str, Bonded]
    vlans: tuple[Tagged, ...] = ()

    @cached_property
    def rule(self) -> Rule:
        """How this server finds the NICs for a bond: its own version says."""
        return rule_of(self.host)

    @cached_property
    def nics(self) -> tuple[PIFRecord, ...]:
        return tuple(pif for pif in self.pifs if pif.physical)

    @cached_property
    def management(self) -> PIFRecord | None:
        return next((pif for pif in self.pifs if pif.management), None)

    @cached_property
    def on(self) -> Mapping[str, tuple[PIFRecord, ...]]:
        """Interfaces by the reference of their network."""
        found: dict[str, list[PIFRecord]] = defaultdict(list)
        for pif in self.pifs:
            found[pif.network].append(pif)
        return {network: tuple(pifs) for network, pifs in found.items()}

    @cached_property
    def holder(self) -> Mapping[str, Bonded]:
        """The bond that has a NIC, by the NIC's reference."""
        return {pif.ref: bonded for bonded in self.bonds.values() for pif in bonded.members}

    def network(self, pif: PIFRecord) -> NetworkRecord:
        return self.pool.networks.get(pif.network, NO_NETWORK)

    def position(self, pif: PIFRecord) -> int | None:
        return position(self.network(pif).bridge)

    def place(self, pif: PIFRecord, rule: Rule) -> str:
        return place(rule, pif, self.pool.networks)

    def named(self, pif: PIFRecord) -> str:
        """A NIC by its device, everything else by its network: devices of bonds are numbered by each server."""
        return pif.device if pif.physical else self.network(pif).name_label or pif.device


@dataclass(frozen=True, kw_only=True)
class Topology:
    """All servers of a pool."""

    pool: Snapshot

    @cached_property
    def sides(self) -> Mapping[str, Side]:
        """By the reference of the host."""
        return {ref: self._side(host) for ref, host in self.pool.hosts.items()}

    @property
    def coordinator(self) -> Side:
        return self.sides[self.pool.master.ref]

    def _side(self, host: HostRecord) -> Side:
        return Side(
            pool=self.pool,
            host=host,
            pifs=tuple(self._pifs.get(host.ref, ())),
            bonds=self._bonds.get(host.ref, {}),
            vlans=tuple(self._vlans.get(host.ref, ())),
        )

    @cached_property
    def _pifs(self) -> Mapping[str, list[PIFRecord]]:
        found: dict[str, list[PIFRecord]] = defaultdict(list)
        for pif in sorted(self.pool.pifs.values(), key=lambda pif: (pif.device, pif.VLAN)):
            found[pif.host].append(pif)
        return found

    @cached_property
    def _bonds(self) -> Mapping[str, dict[str, Bonded]]:
        """Of each server by network; of two on one network, which XAPI refuses to make, the first."""
        pifs = self.pool.pifs
        found: dict[str, dict[str, Bonded]] = defaultdict(dict)
        for bond in self.pool.bonds.values():
            master = pifs.get(bond.master)
            if master is not None:
                members = sorted((pifs[ref] for ref in bond.slaves if ref in pifs), key=lambda pif: pif.device)
                found[master.host].setdefault(master.network, Bonded(bond=bond, pif=master, members=tuple(members)))
        return found

    @cached_property
    def _vlans(self) -> Mapping[str, list[Tagged]]:
        pifs = self.pool.pifs
        found: dict[str, list[Tagged]] = defaultdict(list)
        for vlan in self.pool.vlans.values():
            pif, below = pifs.get(vlan.untagged_PIF), pifs.get(vlan.tagged_PIF)
            if pif is not None and below is not None:
                found[pif.host].append(Tagged(pif=pif, below=below))
        return found
