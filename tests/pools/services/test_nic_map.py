"""Two servers' NICs side by side: what stands where, what is wired to what, and what is named as a mismatch."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from pools.forecast.join import forecast_join
from pools.services.nic_drawing import draw
from pools.services.nic_findings import Kind, NicFinding, doubts_by_device, nic_findings
from pools.services.nic_map import NicMap, nic_map
from pools.services.nic_order import WayOut, way_out
from pools.services.nic_panel import PanelRow, panel, sentence
from pools.xapi.gateway import open_session
from pools.xapi.inventory import Snapshot
from simulator.running import Simulation, running
from simulator.world.host import HostMachine
from tests.fixtures.joining import museum_pieces
from tests.pools.connected import reach

PIECES = ("m00-sound", "m02-impossible", "m15-cabling", "m16-no-card", "m17-carrier")


@dataclass
class Seen:
    """Everything that is said of one pair of servers."""

    map: NicMap
    findings: tuple[NicFinding, ...]
    rows: list[PanelRow]
    way_out: WayOut | None

    @property
    def kinds(self) -> dict[Kind, str]:
        return {finding.kind: finding.severity for finding in self.findings}

    def devices(self, kind: Kind) -> set[str]:
        return next({*each.devices} for each in self.findings if each.kind is kind)


def snapshot(host: HostMachine) -> Snapshot:
    with open_session(*reach(host)) as xapi:
        return Snapshot.from_wire(xapi.snapshot())


def see(sim: Simulation, coordinator: str, joiner: str, **software: str) -> Seen:
    host = sim.host(joiner)
    if software:
        ref = next(iter(host.database.records("host")))
        said = host.database.records("host")[ref]["software_version"]
        assert isinstance(said, dict)
        host.database.set("host", ref, software_version={**said, **software})
    pool, own = snapshot(sim.host(coordinator)), snapshot(host)
    forecast = forecast_join(pool, own, host.uuid)
    shown = nic_map(pool, own, forecast)
    findings = nic_findings(shown, forecast)
    record = own.host(host.uuid)
    assert record is not None
    rows = panel(shown, doubts_by_device(findings))
    return Seen(map=shown, findings=findings, rows=rows, way_out=way_out(shown, findings, record))


@pytest.fixture(scope="module")
def cloud() -> Iterator[Simulation]:
    with running("ibm-cloud") as sim:
        yield sim


@pytest.fixture(scope="module")
def museum() -> Iterator[Simulation]:
    with running(museum_pieces(*PIECES)) as sim:
        yield sim


def test_a_server_like_the_coordinator_has_every_nic_wired_as_the_coordinators(cloud: Simulation) -> None:
    seen = see(cloud, "ibm-1", "ibm-4")
    assert [(row.place, row.ours and row.ours.device, row.theirs and row.theirs.device) for row in seen.rows] == [
        ("0", "eth0", "eth0"),
        ("1", "eth1", "eth1"),
        ("2", "eth2", "eth2"),
        ("3", "eth3", "eth3"),
    ]
    assert [(up.name, up.kind, up.rows, up.vlans) for up in seen.map.uplinks] == [
        ("Private bond", "Bond, LACP", (0, 2), ((1100, "Storage 1100"),)),
        ("Public bond", "Bond, LACP", (1, 3), ()),
    ]
    assert all(row.goes_to is row.wanted for row in seen.rows)
    assert (seen.findings, seen.way_out) == ((), None)
    assert "nothing speaks against its cables" in sentence(seen.rows, "ibm-4")


def test_a_row_shows_mac_slot_link_and_card(cloud: Simulation) -> None:
    nic = see(cloud, "ibm-1", "ibm-4").rows[0].theirs
    assert nic is not None
    assert (nic.link, nic.management, nic.pci) == ("10 Gbit/s", True, "0000:3b:00.0")
    assert nic.card.startswith("Intel Corporation Ethernet Controller")
    assert nic.mac.count(":") == 5


def test_by_position_a_nic_of_another_name_takes_the_place(cloud: Simulation) -> None:
    seen = see(cloud, "ibm-1", "ibm-5")
    assert [(row.place, row.theirs and row.theirs.device) for row in seen.rows] == [
        ("0", "eth0"), ("1", "eth2"), ("2", "eth1"), ("3", "eth3"),
    ]  # fmt: skip
    assert seen.kinds == {Kind.ORDER: "warning", Kind.SLOT: "warning"}
    assert seen.devices(Kind.ORDER) == {"eth1", "eth2"}
    said = next(finding.text for finding in seen.findings if finding.kind is Kind.ORDER)
    assert "matches NICs by position" in said
    assert "eth1 at position 1 there, eth2 at position 1 here" in said


def test_where_names_agree_the_way_out_gives_each_nic_the_network_of_its_name(cloud: Simulation) -> None:
    found = see(cloud, "ibm-1", "ibm-5").way_out
    assert found is not None
    pifs = {pif.device: pif.uuid for pif in snapshot(cloud.host("ibm-5")).pifs.values() if pif.physical}
    forgotten = {line.split("=")[1] for line in found.commands.splitlines() if "pif-forget" in line}
    assert forgotten == {pifs["eth1"], pifs["eth2"]}
    assert found.commands.splitlines()[-1] == f"xe pif-scan host-uuid={cloud.host('ibm-5').uuid}"


def test_a_later_version_gets_the_rules_of_its_own_order() -> None:
    with running("ibm-cloud") as sim:
        found = see(sim, "ibm-1", "ibm-5", product_version="9.0.0").way_out
        macs = {pif.device: pif.MAC for pif in snapshot(sim.host("ibm-5")).pifs.values() if pif.physical}
    assert found is not None
    assert "initial_network_device_rules.conf" in found.commands
    assert f'1:mac="{macs["eth1"]}"\n2:mac="{macs["eth2"]}"' in found.commands
    assert found.commands.endswith("xe-reset-networking")


def test_by_device_name_the_same_server_fits_and_the_disagreement_is_named_all_the_same() -> None:
    with running("ibm-cloud") as sim:
        seen = see(sim, "ibm-1", "ibm-5", xapi="1.249", xapi_build="")
    assert [row.theirs and row.theirs.device for row in seen.rows] == ["eth0", "eth1", "eth2", "eth3"]
    said = next(finding.text for finding in seen.findings if finding.kind is Kind.ORDER)
    assert "matches NICs by device name" in said


def test_a_missing_nic_leaves_its_place_empty_and_a_dotted_wire(museum: Simulation) -> None:
    seen = see(museum, "museum", "m16-no-card")
    assert [row.theirs is None for row in seen.rows] == [False, False, False, True, False, False]
    assert seen.kinds[Kind.MISSING] == "warning"
    drawing = draw(seen.map, doubts_by_device(seen.findings))
    assert [wire.look for wire in drawing.right].count("missing") == 1
    assert len(drawing.left) == 6
    assert drawing.height == 600


def test_only_two_nics_leave_a_bond_without_any_and_the_console_can_scan(museum: Simulation) -> None:
    seen = see(museum, "museum", "m02-impossible")
    assert len(seen.map.missing) == 4
    assert "eth2 (Storage bond), eth3 (Storage bond)" in seen.findings[0].text
    assert seen.way_out is not None
    assert f"xe pif-scan host-uuid={museum.host('m02-impossible').uuid}" in seen.way_out.commands


def test_speed_and_slot_hint_at_other_cables(museum: Simulation) -> None:
    seen = see(museum, "museum", "m15-cabling")
    assert seen.devices(Kind.SPEED) == seen.devices(Kind.SLOT) == {"eth1", "eth2"}
    assert seen.devices(Kind.CARD) == {"eth1", "eth2"}
    assert {*seen.kinds.values()} == {"warning"}
    assert [row.state for row in seen.rows] == ["ok", "warning", "warning", "ok", "ok", "ok"]
    assert seen.rows[1].differs == {kind.value for kind in (Kind.SPEED, Kind.SLOT, Kind.CARD)}
    assert not seen.rows[1].labels
    assert seen.way_out is not None
    assert "ethtool -p eth1 15" in seen.way_out.commands


def test_a_slow_nic_in_a_bond_is_named_although_the_coordinators_is_as_slow(museum: Simulation) -> None:
    pool, own = snapshot(museum.host("m15-cabling")), snapshot(museum.host("m15-cabling"))
    bonded = snapshot(museum.host("museum"))
    uuid = museum.host("m15-cabling").uuid
    forecast = forecast_join(bonded, own, uuid)
    found = {finding.kind: finding for finding in nic_findings(nic_map(pool, own, forecast), forecast)}
    assert found[Kind.MIXED].devices == {"eth1": "in a bond with 10 Gbit/s", "eth2": "in a bond with 10 Gbit/s"}


def test_smaller_packets_and_links_that_nobody_knows_are_named(museum: Simulation) -> None:
    pool, own = snapshot(museum.host("museum")), snapshot(museum.host("m00-sound"))
    networks = {ref: replace(each, MTU=9000) if each.name_label == "Storage bond" else each
                for ref, each in pool.networks.items()}  # fmt: skip
    pool, own = replace(pool, networks=networks), replace(own, pif_metrics={})
    forecast = forecast_join(pool, own, museum.host("m00-sound").uuid)
    found = {finding.kind: finding for finding in nic_findings(nic_map(pool, own, forecast), forecast)}
    assert {*found[Kind.MTU].devices} == {"eth2", "eth3"}
    assert (found[Kind.UNKNOWN].severity, len(found[Kind.UNKNOWN].devices)) == ("unknown", 6)


def test_a_nic_without_a_link_is_named(museum: Simulation) -> None:
    seen = see(museum, "museum", "m17-carrier")
    assert seen.devices(Kind.LINK) == {"eth3"}
    nic = seen.rows[3].theirs
    assert nic is not None
    assert nic.link == "no link"
    assert "1 of 6 places need a look" in sentence(seen.rows, "m17-carrier")


def test_more_nics_than_the_coordinator_are_a_note_and_keep_their_own_networks(museum: Simulation) -> None:
    seen = see(museum, "m02-impossible", "m00-sound")
    assert seen.kinds == {Kind.EXTRA: "info"}
    extra = [row for row in seen.rows if row.ours is None]
    assert [row.theirs and row.theirs.device for row in extra] == ["eth2", "eth3", "eth4", "eth5"]
    assert all(row.goes_to and row.goes_to.is_new for row in extra)


def test_no_wire_leads_nowhere_and_each_uplink_is_as_high_as_its_nics(museum: Simulation) -> None:
    for name in PIECES:
        shown = see(museum, "museum", name).map
        assert sum(len(up.rows) for up in shown.uplinks) == len(shown.rows)
        assert sorted(row for up in shown.uplinks for row in up.rows) == list(range(len(shown.rows)))


def test_what_goes_onto_a_console_is_a_mac_or_says_that_one_is_missing() -> None:
    with running("ibm-cloud") as sim:
        host = sim.host("ibm-5")
        for ref, pif in list(host.database.records("PIF").items()):
            if pif["device"] == "eth1":
                host.database.set("PIF", ref, uuid="$(reboot)", MAC="`reboot`")
        found = see(sim, "ibm-1", "ibm-5").way_out
    assert found is not None
    assert "<uuid>" in found.commands
    assert "$(reboot)" not in found.commands


def test_ports_that_share_a_slot_are_told_apart_by_name() -> None:
    with running("ibm-cloud") as sim:
        without = see(sim, "ibm-1", "ibm-5").way_out
        for name in ("ibm-1", "ibm-5"):
            for ref in sim.host(name).database.refs("PIF_metrics"):
                sim.host(name).database.set("PIF_metrics", ref, pci_bus_path="0000:3b:00.0")
        found = see(sim, "ibm-1", "ibm-5").way_out
    assert found is not None
    assert found == without
