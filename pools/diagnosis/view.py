"""One member beside the server that is the reference, and which NICs of it the reference's bonds want."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypedDict

from pools.diagnosis.topology import Bonded, Side
from pools.xapi.inventory import Snapshot
from pools.xapi.records import NetworkRecord, PIFRecord


class Where(TypedDict):
    """Which server, network and record a mismatch is about, by uuid."""

    host: str
    network: str
    subject: str


@dataclass(frozen=True, kw_only=True)
class View:
    """``ours`` is the reference, ``theirs`` the member; for the reference itself they are the same."""

    ours: Side
    theirs: Side

    @property
    def pool(self) -> Snapshot:
        return self.theirs.pool

    @property
    def is_reference(self) -> bool:
        return self.ours.host.ref == self.theirs.host.ref

    @cached_property
    def wanted(self) -> Mapping[str, tuple[PIFRecord, ...]]:
        """The member's NICs for each bond of the reference, by network (sync_networking.ml, copy_bonds_from_master)."""
        return {network: self._want(bonded) for network, bonded in self.ours.bonds.items()}

    def _want(self, bonded: Bonded) -> tuple[PIFRecord, ...]:
        rule = self.theirs.rule
        places = {self.ours.place(pif, rule) for pif in bonded.members} - {""}
        return tuple(pif for pif in self.theirs.nics if self.theirs.place(pif, rule) in places)

    def wants(self, network: str) -> frozenset[str]:
        return frozenset(pif.ref for pif in self.wanted.get(network, ()))

    @cached_property
    def crossed(self) -> frozenset[str]:
        """Networks whose bonds have each other's NICs, two or more in a ring."""
        made_for = {self.wants(network): network for network in self.ours.bonds if self.wants(network)}
        leads = {
            network: made_for[bonded.refs]
            for network, bonded in self.theirs.bonds.items()
            if network in self.ours.bonds and made_for.get(bonded.refs, network) != network
        }
        return frozenset(start for start in leads if in_ring(start, leads))

    @cached_property
    def refs(self) -> Mapping[str, str]:
        """References of networks by uuid."""
        return {network.uuid: ref for ref, network in self.pool.networks.items()}

    def network(self, ref: str) -> NetworkRecord:
        return self.pool.networks.get(ref, NetworkRecord(ref=ref))

    def name(self, ref: str) -> str:
        """A network in words."""
        network = self.network(ref)
        return network.name_label or network.bridge or "a network that is gone"

    def at(self, network: str, subject: str = "") -> Where:
        """The row and the column of a mismatch of this member; ``network`` is a reference, ``subject`` a uuid."""
        return {"host": self.theirs.host.uuid, "network": self.network(network).uuid, "subject": subject}


def in_ring(start: str, leads: Mapping[str, str]) -> bool:
    """Whether one comes back to the start."""
    at = leads[start]
    for _ in leads:
        if at == start:
            return True
        at = leads.get(at, "")
    return False


def devices(pifs: Iterable[PIFRecord]) -> str:
    """Say the NICs of a bond."""
    return " + ".join(sorted(pif.device for pif in pifs)) or "no NIC"
