"""The interfaces of a joining server, as they stand in the pool before its bonds are made (xapi_pool.ml)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from pools.forecast.matching import Rule, place
from pools.forecast.networks import NetworkForecast
from pools.xapi.inventory import Snapshot
from pools.xapi.records import NULL, HostRecord, PIFRecord

NO_ADDRESS = "None"


@dataclass(frozen=True, kw_only=True)
class Nic:
    """A physical NIC; ``network`` is the key of the pool's network that it lies on, ``bond`` that of its bond's."""

    pif: PIFRecord
    network: str
    place: str
    has_address: bool
    management: bool
    bond: str = ""


@dataclass(frozen=True, kw_only=True)
class NicForecast:
    """Where a NIC of the server lies in the pool; ``place`` is what the rule of matching compares, empty for none."""

    device: str
    place: str
    bridge: str
    network_name: str


@dataclass(frozen=True, kw_only=True)
class ManagementVLAN:
    """The one VLAN that a joiner may bring: ``lower`` is the key of the network of what it lies on."""

    tag: int
    network: str
    lower: str
    device: str


@dataclass(frozen=True, kw_only=True)
class Newcomer:
    """``more`` holds the networks, by key, of its bonds and VLANs: one entry for each PIF."""

    nics: tuple[Nic, ...]
    vlan: ManagementVLAN | None = None
    more: tuple[str, ...] = field(default=())

    def pifs_on(self, network: str) -> int:
        """Count its PIFs on a network: a bond's members stay on their own."""
        places = [nic.network for nic in self.nics] + [self.vlan.network if self.vlan else ""] + list(self.more)
        return places.count(network) if network else 0

    def with_bond(self, network: str, members: Iterable[Nic]) -> "Newcomer":
        """Return it with these NICs bonded: addresses, management and VLANs follow them (xapi_bond.ml, create)."""
        refs = {nic.pif.ref: nic for nic in members}
        nics = tuple(replace(nic, bond=network, has_address=False) if nic.pif.ref in refs else nic for nic in self.nics)
        vlan = self.vlan
        if vlan and vlan.device in {nic.pif.device for nic in refs.values()}:
            vlan = replace(vlan, lower=network)
        return replace(self, nics=nics, vlan=vlan, more=(*self.more, network))

    def with_vlan(self, network: str) -> "Newcomer":
        return replace(self, more=(*self.more, network))


def newcomer(joiner: Snapshot, host: HostRecord, networks: Mapping[str, NetworkForecast], rule: Rule) -> Newcomer:
    """What the pool's database holds of the server once it is copied: NICs, and at most one VLAN."""
    heirs = _heirs(joiner)
    nics = tuple(
        Nic(
            pif=pif,
            network=_key(networks, pif),
            place=place(rule, pif, joiner.networks),
            has_address=any(each.ip_configuration_mode != NO_ADDRESS for each in (pif, *heirs.get(pif.ref, ()))),
            management=any(each.management for each in (pif, *heirs.get(pif.ref, ()))),
        )
        for pif in joiner.pifs.values()
        if pif.host == host.ref and pif.physical
    )
    return Newcomer(nics=nics, vlan=_management_vlan(joiner, host, networks))


def forecast_nics(newcomer: Newcomer, networks: Mapping[str, NetworkForecast]) -> tuple[NicForecast, ...]:
    """Every NIC with the network that it comes to lie on; a bond above it changes nothing of that."""
    names = {each.key: (each.bridge, each.pool_name or each.name) for each in networks.values() if each.key}
    found = [(nic, names.get(nic.network, ("", ""))) for nic in newcomer.nics]
    return tuple(
        NicForecast(device=nic.pif.device, place=nic.place, bridge=bridge, network_name=name)
        for nic, (bridge, name) in sorted(found, key=lambda each: each[0].pif.device)
    )


def _key(networks: Mapping[str, NetworkForecast], pif: PIFRecord) -> str:
    forecast = networks.get(pif.network)
    return forecast.key if forecast else ""


def _heirs(joiner: Snapshot) -> dict[str, list[PIFRecord]]:
    """A bond must go before the join: what it has falls to its primary member (xapi_bond.ml, destroy)."""
    found: dict[str, list[PIFRecord]] = {}
    for bond in joiner.bonds.values():
        if bond.master in joiner.pifs:
            found.setdefault(bond.primary_slave, []).append(joiner.pifs[bond.master])
    return found


def _management_vlan(
    joiner: Snapshot, host: HostRecord, networks: Mapping[str, NetworkForecast]
) -> ManagementVLAN | None:
    pif = joiner.management_pif(host)
    vlan = joiner.vlans.get(pif.VLAN_master_of) if pif else None
    if pif is None or vlan is None:
        return None
    bond = next((bond for bond in joiner.bonds.values() if bond.master == vlan.tagged_PIF), None)
    lower = joiner.pifs.get(bond.primary_slave if bond else vlan.tagged_PIF, PIFRecord(ref=NULL))
    return ManagementVLAN(tag=vlan.tag, network=_key(networks, pif), lower=_key(networks, lower), device=lower.device)
