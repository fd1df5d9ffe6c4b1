"""Was the forecast right? The pool's records after a join, held against what was foretold of it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from pools.checks.finding import Finding, Severity, listed
from pools.forecast.join import BondForecast, JoinForecast, NetworkOutcome, VLANOutcome
from pools.xapi.inventory import Snapshot
from pools.xapi.records import NULL, BondRecord, HostRecord, NetworkRecord, PIFRecord

NOTHING = "none"


def compare(forecast: JoinForecast, after: Snapshot, host_uuid: str) -> list[Finding]:
    """Return what is not as foretold; ``after`` is what the coordinator says once the member is enabled and live.

    Less than foretold is a warning, VMs that are not there an error, more than foretold is only told.
    """
    host = after.host(host_uuid)
    if host is None:
        missing = _differs("XENWEB_HOST_NOT_THERE", "no record of it", "a record of it", severity=Severity.ERROR)
        return [replace(missing, subject=host_uuid)]
    member = Member(after=after, host=host)
    parts = (_nics, _bonds, _vlans, _management, _networks, _vms, _storage)
    return [replace(finding, subject=host_uuid) for part in parts for finding in part(forecast, member)]


@dataclass(frozen=True, kw_only=True)
class Member:
    """The server as a member: its own records among the pool's."""

    after: Snapshot
    host: HostRecord

    @cached_property
    def pifs(self) -> dict[str, PIFRecord]:
        return {pif.ref: pif for pif in self.after.pifs_of(self.host)}

    @cached_property
    def bonds(self) -> dict[str, BondRecord]:
        """By the uuid of their networks."""
        mine = [bond for bond in self.after.bonds.values() if bond.master in self.pifs]
        return {self.network(bond.master).uuid: bond for bond in mine}

    @cached_property
    def vlans(self) -> set[tuple[str, int, str]]:
        """Network, tag and the network below of each of its VLANs."""
        mine = [vlan for vlan in self.after.vlans.values() if vlan.untagged_PIF in self.pifs]
        return {(self.network(v.untagged_PIF).uuid, v.tag, self.network(v.tagged_PIF).uuid) for v in mine}

    def network(self, pif: str) -> NetworkRecord:
        record = self.pifs.get(pif, PIFRecord(ref=NULL))
        return self.after.networks.get(record.network, NetworkRecord(ref=NULL))

    def members(self, bond: BondRecord) -> tuple[str, ...]:
        return tuple(sorted(self.pifs[ref].device for ref in bond.slaves if ref in self.pifs))


def _nics(forecast: JoinForecast, member: Member) -> Iterator[Finding]:
    there = {pif.device: member.network(ref) for ref, pif in member.pifs.items() if pif.physical}
    for nic in forecast.nics:
        found = there.get(nic.device)
        if found is None or found.bridge != nic.bridge:
            seen = "no record of it" if found is None else found.name_label or "no network"
            yield _differs("XENWEB_NIC_NOT_AS_FORECAST", seen, nic.network_name, nic.device)


def _bonds(forecast: JoinForecast, member: Member) -> Iterator[Finding]:
    foretold = {bond.network_uuid: bond for bond in forecast.bonds}
    for uuid, bond in foretold.items():
        seen, expected = _bond_seen(member, uuid), _bond_words(bond.members, bond.mode)
        if seen != expected:
            more = not bond.members or _has_more(member, uuid, bond)
            severity = Severity.INFO if more else Severity.WARNING
            yield _differs("XENWEB_BOND_NOT_AS_FORECAST", seen, expected, bond.network_name, severity)
    for uuid in member.bonds.keys() - foretold.keys():
        name = member.network(member.bonds[uuid].master).name_label
        yield _differs("XENWEB_BOND_NOT_AS_FORECAST", _bond_seen(member, uuid), NOTHING, name, Severity.INFO)


def _has_more(member: Member, uuid: str, foretold: BondForecast) -> bool:
    bond = member.bonds.get(uuid)
    return bond is not None and bond.mode == foretold.mode and set(member.members(bond)) > set(foretold.members)


def _bond_seen(member: Member, uuid: str) -> str:
    bond = member.bonds.get(uuid)
    return _bond_words(member.members(bond), bond.mode) if bond else NOTHING


def _bond_words(members: tuple[str, ...], mode: str) -> str:
    return f"{' + '.join(members)}, {mode}" if members else NOTHING


def _vlans(forecast: JoinForecast, member: Member) -> Iterator[Finding]:
    there = {VLANOutcome.MADE, VLANOutcome.SECOND, VLANOutcome.KEPT}
    for vlan in forecast.vlans:
        foretold, found = vlan.outcome in there, (vlan.network_uuid, vlan.tag, vlan.below_uuid) in member.vlans
        if foretold != found:
            words = f"VLAN {vlan.tag} on {vlan.below}"
            seen, expected = (words, NOTHING) if found else (NOTHING, words)
            severity = Severity.INFO if found else Severity.WARNING
            yield _differs("XENWEB_VLAN_NOT_AS_FORECAST", seen, expected, vlan.network_name, severity)


def _management(forecast: JoinForecast, member: Member) -> Iterator[Finding]:
    told, pif = forecast.management, member.after.management_pif(member.host)
    if told is None:
        return
    network = member.network(pif.ref) if pif else NetworkRecord(ref=NULL)
    same = network.uuid == told.network_uuid if told.network_uuid else network.name_label == told.network_name
    if pif is None or not same or told.vlan != pif.VLAN:
        seen = network.name_label or NOTHING
        yield _differs("XENWEB_MANAGEMENT_NOT_AS_FORECAST", seen, told.network_name)


def _networks(forecast: JoinForecast, member: Member) -> Iterator[Finding]:
    bridges = {network.bridge for network in member.after.networks.values()}
    for network in forecast.networks:
        if network.outcome is NetworkOutcome.CREATED and network.bridge and network.bridge not in bridges:
            yield _differs("XENWEB_NETWORK_NOT_AS_FORECAST", NOTHING, network.bridge, network.name)


def _vms(forecast: JoinForecast, member: Member) -> Iterator[Finding]:
    there = {vm.uuid for vm in member.after.vms.values()}
    lost = [vm.name for vm in forecast.vms.coming if vm.uuid not in there]
    if lost:
        found = f"{len(forecast.vms.coming) - len(lost)} of {len(forecast.vms.coming)}"
        expected = f"{len(forecast.vms.coming)} VMs and templates"
        yield _differs("XENWEB_VMS_NOT_THERE", found, expected, listed(lost, 12), Severity.ERROR)


def _storage(forecast: JoinForecast, member: Member) -> Iterator[Finding]:
    after = member.after
    plugged = {pbd.SR for pbd in after.pbds.values() if pbd.host == member.host.ref and pbd.currently_attached}
    state = {sr.uuid: "connected" if ref in plugged else "not connected" for ref, sr in after.srs.items()}
    for sr in (*forecast.storage.coming, *forecast.storage.plugged):
        seen = state.get(sr.uuid, "no record of it")
        if seen != "connected" and (sr.connected or sr.uuid not in state):
            yield _differs("XENWEB_STORAGE_NOT_AS_FORECAST", seen, "connected", sr.name)


def _differs(
    code: str, seen: str, foretold: str, name: str | None = None, severity: Severity = Severity.WARNING
) -> Finding:
    """``theirs`` is what is there, ``ours`` what was foretold; both are in the params too, after the name."""
    named = [] if name is None else [name or "(no name)"]
    params = (*named, foretold or "(no name)", seen)
    return Finding(code=code, subject="", severity=severity, params=params, theirs=seen, ours=foretold)
