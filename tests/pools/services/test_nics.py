"""The NIC panel: every NIC, bond and VLAN of a server, with what lies on it."""

import pytest

from pools.services import nics
from pools.xapi.inventory import Snapshot
from pools.xapi.records import BondRecord, HostRecord, NetworkRecord, PIFMetricsRecord, PIFRecord, VLANRecord

HOST = HostRecord(ref="h1", uuid="h1")
ETH = [
    PIFRecord(ref=f"p{n}", host="h1", device=f"eth{n}", physical=True, network=f"n{n}", metrics=f"m{n}")
    for n in range(3)
]
FOREIGN = PIFRecord(ref="other", host="h2", device="eth0", physical=True)
BOND = BondRecord(ref="b", master="pb", slaves=("p2", "p1"), links_up=1)
BONDED = PIFRecord(ref="pb", host="h1", device="bond0", network="nb")
TAGGED = PIFRecord(ref="pv", host="h1", device="bond0", VLAN=42, VLAN_master_of="v", network="nv")
VLAN = VLANRecord(ref="v", tagged_PIF="pb", untagged_PIF="pv")


def joined(pif: PIFRecord) -> PIFRecord:
    return PIFRecord(ref=pif.ref, host=pif.host, device=pif.device, physical=True, bond_slave_of="b")


def snapshot(*pifs: PIFRecord, bonds: tuple[BondRecord, ...] = (), vlans: tuple[VLANRecord, ...] = ()) -> Snapshot:
    return Snapshot(
        hosts={"h1": HOST},
        pifs={pif.ref: pif for pif in pifs},
        pif_metrics={"m0": PIFMetricsRecord(ref="m0", carrier=True), "m1": PIFMetricsRecord(ref="m1", carrier=False)},
        networks={"n0": NetworkRecord(ref="n0", name_label="Management")},
        bonds={bond.ref: bond for bond in bonds},
        vlans={vlan.ref: vlan for vlan in vlans},
    )


def test_the_nics_are_those_of_the_server_in_device_order() -> None:
    rows = nics.nics(snapshot(ETH[2], FOREIGN, ETH[0], ETH[1]), HOST)
    assert [row.pif.device for row in rows] == ["eth0", "eth1", "eth2"]


def test_a_link_is_up_down_or_not_known() -> None:
    rows = nics.nics(snapshot(*ETH), HOST)
    assert [row.carrier for row in rows] == [True, False, None]


def test_a_nic_names_its_network_when_it_can_be_read() -> None:
    rows = nics.nics(snapshot(*ETH), HOST)
    assert [row.network and row.network.name_label for row in rows] == ["Management", None, None]


def test_a_bonded_nic_leads_to_its_bond() -> None:
    rows = nics.nics(snapshot(joined(ETH[1]), joined(ETH[2]), BONDED, bonds=(BOND,)), HOST)
    assert [(row.bond, row.bond_pif) for row in rows] == [(BOND, BONDED), (BOND, BONDED)]


def test_a_bond_names_its_nics_and_how_many_links_are_up() -> None:
    (row,) = nics.interfaces(snapshot(joined(ETH[1]), joined(ETH[2]), BONDED, bonds=(BOND,)), HOST)
    assert (row.kind, row.members, row.links) == ("Bond", ("eth1", "eth2"), "1/2")


def test_a_vlan_names_what_carries_it() -> None:
    rows = nics.interfaces(snapshot(BONDED, TAGGED, bonds=(BOND,), vlans=(VLAN,)), HOST)
    vlan = next(row for row in rows if row.pif == TAGGED)
    assert (vlan.kind, vlan.members, vlan.links) == ("VLAN 42", ("bond0",), "")


@pytest.mark.parametrize("pif", [joined(ETH[1]), BONDED, TAGGED])
def test_records_with_holes_are_shown_as_far_as_they_go(pif: PIFRecord) -> None:
    found = snapshot(pif)
    assert len(nics.nics(found, HOST)) + len(nics.interfaces(found, HOST)) == 1
    for row in nics.nics(found, HOST):
        assert (row.bond, row.bond_pif) == (None, None)
    for interface in nics.interfaces(found, HOST):
        assert interface.members == ()
        assert interface.kind in {"VLAN 42", "Virtual"}
