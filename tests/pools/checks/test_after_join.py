"""What a join has made is held against its forecast: each difference is told with both values."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from pools.checks.after_join import compare
from pools.checks.finding import Finding, Severity
from pools.forecast.join import forecast_join
from pools.forecast.stored import from_json, to_json
from pools.xapi.inventory import Snapshot
from pools.xapi.messages import ABSENT, explain
from pools.xapi.records import NULL, Record
from simulator.running import running
from simulator.scenes.loader import parse
from simulator.xapi.network.rows import add_network
from tests.pools.forecast.parity import Parity, join, read
from tests.simulator.pool.joining import refusal

SCENE = """
name: office
hosts:
  - name: master
    bonds:
      - {network: Management bond, nics: [eth0, eth1], mode: active-backup}
      - {network: Storage bond, nics: [eth2, eth3], mode: lacp}
    vlans: [{network: Guests, "on": Storage bond, tag: 40}]
    srs: [{name: Filer, shared: true}]
  - {name: joiner, networks: [Private], vms: [{name: web, networks: [Private]}, {name: db}]}
  - {name: lost}
  - {name: empty, vms: [{name: mail}]}
"""


@pytest.fixture(scope="module")
def parity() -> Iterator[Parity]:
    with running(parse(SCENE, "office.yaml")) as sim:
        add_network(sim.host("joiner").database, "Own", "lab1")
        yield join(sim, sim.host("joiner"), sim.host("master"))


def found(parity: Parity, **tables: Mapping[str, Record]) -> list[Finding]:
    """Compare with these tables in the place of what is there."""
    after: Snapshot = replace(parity.after, **tables)  # type: ignore[arg-type]
    findings = compare(parity.forecast, after, parity.host.uuid)
    for finding in findings:
        told = explain(finding.code, finding.params)
        assert finding.subject == parity.host.uuid
        assert told.known
        assert ABSENT not in told.title + told.text + told.remedy
    return findings


def without(table: Mapping[str, Record], *refs: str) -> dict[str, Record]:
    return {ref: record for ref, record in table.items() if ref not in refs}


def told(findings: list[Finding]) -> list[tuple[str, ...]]:
    return [(finding.code, *finding.params) for finding in findings]


def bond_on(parity: Parity, label: str) -> str:
    after, mine = parity.after, {pif.ref for pif in parity.after.pifs_of(parity.host)}
    labels = {ref: after.networks[after.pifs[bond.master].network].name_label for ref, bond in after.bonds.items()}
    return next(ref for ref, name in labels.items() if name == label and after.bonds[ref].master in mine)


def test_a_join_that_went_as_foretold_gives_no_finding(parity: Parity) -> None:
    assert found(parity) == []
    assert compare(from_json(to_json(parity.forecast)), parity.after, parity.host.uuid) == []


def test_a_missing_bond_is_found_with_what_was_foretold(parity: Parity) -> None:
    bonds = without(parity.after.bonds, bond_on(parity, "Storage bond"))
    (finding,) = found(parity, bonds=bonds)
    assert told([finding]) == [("XENWEB_BOND_NOT_AS_FORECAST", "Storage bond", "eth2 + eth3, lacp", "none")]
    assert finding.severity is Severity.WARNING


def test_other_members_or_another_mode_are_found(parity: Parity) -> None:
    ref = bond_on(parity, "Storage bond")
    bond = parity.after.bonds[ref]
    for other in (replace(bond, mode="balance-slb"), replace(bond, slaves=bond.slaves[:1])):
        (finding,) = found(parity, bonds={**parity.after.bonds, ref: other})
        assert (finding.code, finding.severity) == ("XENWEB_BOND_NOT_AS_FORECAST", Severity.WARNING)


def test_more_than_was_foretold_is_only_told(parity: Parity) -> None:
    ref = bond_on(parity, "Storage bond")
    spare = next(pif.ref for pif in parity.after.pifs_of(parity.host) if pif.device == "eth0")
    bond = replace(parity.after.bonds[ref], slaves=(*parity.after.bonds[ref].slaves, spare))
    assert [finding.severity for finding in found(parity, bonds={**parity.after.bonds, ref: bond})] == [Severity.INFO]


def test_a_missing_vlan_is_found(parity: Parity) -> None:
    mine = {pif.ref for pif in parity.after.pifs_of(parity.host)}
    gone = [ref for ref, vlan in parity.after.vlans.items() if vlan.untagged_PIF in mine]
    expected = ("XENWEB_VLAN_NOT_AS_FORECAST", "Guests", "VLAN 40 on Storage bond", "none")
    assert told(found(parity, vlans=without(parity.after.vlans, *gone))) == [expected]


def test_nics_and_management_elsewhere_are_found(parity: Parity) -> None:
    changed = dict(parity.after.pifs)
    for ref, pif in parity.after.pifs.items():
        if pif.host == parity.host.ref and (pif.management or pif.device == "eth3"):
            changed[ref] = replace(pif, network=NULL)
    codes = {finding.code for finding in found(parity, pifs=changed)}
    assert {"XENWEB_NIC_NOT_AS_FORECAST", "XENWEB_MANAGEMENT_NOT_AS_FORECAST"} <= codes


def test_storage_that_is_not_connected_is_found(parity: Parity) -> None:
    after = parity.after
    filer = next(ref for ref, sr in after.srs.items() if sr.name_label == "Filer")
    pbds = {
        ref: replace(pbd, currently_attached=False) if (pbd.SR, pbd.host) == (filer, parity.host.ref) else pbd
        for ref, pbd in after.pbds.items()
    }
    expected = ("XENWEB_STORAGE_NOT_AS_FORECAST", "Filer", "connected", "not connected")
    assert told(found(parity, pbds=pbds)) == [expected]


def test_storage_that_was_not_connected_before_the_join_need_not_be_so_after_it(parity: Parity) -> None:
    storage = parity.forecast.storage
    local = next(sr for sr in storage.coming if sr.name == "Local storage")
    away = replace(storage, coming=(replace(local, connected=False),), plugged=())
    forecast = replace(parity.forecast, storage=away)
    without_pbds = replace(parity.after, pbds={})
    assert compare(forecast, without_pbds, parity.host.uuid) == []
    assert told(compare(forecast, replace(without_pbds, srs={}), parity.host.uuid)) == [
        ("XENWEB_STORAGE_NOT_AS_FORECAST", "Local storage", "connected", "no record of it")
    ]


def test_vms_that_did_not_come_are_an_error_with_their_names(parity: Parity) -> None:
    gone = [ref for ref, vm in parity.after.vms.items() if vm.name_label == "db"]
    (finding,) = found(parity, vms=without(parity.after.vms, *gone))
    assert (finding.code, finding.params[0], finding.severity) == ("XENWEB_VMS_NOT_THERE", "db", Severity.ERROR)
    assert finding.theirs == f"{len(parity.forecast.vms.coming) - 1} of {len(parity.forecast.vms.coming)}"


def test_a_network_that_was_not_made_is_found(parity: Parity) -> None:
    networks = {ref: each for ref, each in parity.after.networks.items() if each.bridge != "lab1"}
    assert told(found(parity, networks=networks)) == [("XENWEB_NETWORK_NOT_AS_FORECAST", "Own", "lab1", "none")]


def test_a_host_record_and_vms_that_a_join_lost_are_errors() -> None:
    """Both joins said success."""
    with running(parse(SCENE, "office.yaml")) as sim:
        sim.fault("join_vm_import_fails", host="empty")
        sim.fault("host_record_lost", host="lost")
        without_vms = join(sim, sim.host("empty"), sim.host("master"))
        forecast = forecast_join(read(sim.host("master")), read(sim.host("lost")), sim.host("lost").uuid)
        assert refusal(sim.host("lost"), sim.host("master")) == []
        (lost,) = compare(forecast, read(sim.host("master")), forecast.host_uuid)
    (finding,) = found(without_vms)
    assert (finding.code, finding.params[0], finding.severity) == ("XENWEB_VMS_NOT_THERE", "mail", Severity.ERROR)
    assert (lost.code, lost.severity) == ("XENWEB_HOST_NOT_THERE", Severity.ERROR)
