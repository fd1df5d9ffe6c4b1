"""What is collected when the thing it hung on is gone (network.md 1.6, pool.md 3.3)."""

import pytest

from simulator.running import Simulation
from simulator.xapi.machines import host_row
from simulator.xapi.network.rows import add_network, create_tunnel, create_vlan, physical_pifs
from simulator.xapi.pool.collection import collect
from simulator.xapi.rows import NULL, Row, add, first
from tests.simulator.waiting import until


@pytest.fixture
def host(sim: Simulation) -> Row:
    return host_row(sim.hosts[0])


def test_a_pif_of_a_lost_host_takes_its_vlan_tunnel_bond_and_metrics_along(host: Row) -> None:
    """VLAN and tunnel PIFs have their metrics from the PIF below, and leave them alone."""
    database = host.database
    card, other, below = physical_pifs(host)[1:4]
    vlan = create_vlan(below, 5, add_network(database, "five", "xapi5"))
    tunnel = create_tunnel(below, add_network(database, "six", "xapi6"))
    bond = add(database, "Bond", master=other.ref)
    for pif in (vlan.text("untagged_PIF"), tunnel.text("access_PIF"), card.ref, other.ref):
        database.set("PIF", pif, host="OpaqueRef:gone")
    metrics = [pif.text("metrics") for pif in (card, other, below)]
    collect(database)
    assert not any(database.has(row.cls, row.ref) for row in (vlan, tunnel, bond, card, other))
    assert [database.has("PIF_metrics", ref) for ref in metrics] == [False, False, True]


def test_networks_are_never_collected(host: Row) -> None:
    network = add_network(host.database, "nobody's", "xapi9")
    collect(host.database)
    assert host.database.has("network", network.ref)


def test_a_disk_takes_its_vbd_along_and_empties_a_drive(host: Row) -> None:
    database = host.database
    vm = first(database, "VM", is_control_domain=True)
    assert vm
    kept = add(database, "VBD", VM=vm.ref, type="CD", empty=True, other_config={})
    disk, drive = (
        add(database, "VBD", VM=vm.ref, VDI="OpaqueRef:gone", type=kind, other_config={}) for kind in ("Disk", "CD")
    )
    collect(database)
    assert not database.has("VBD", disk.ref)
    assert (drive.text("VDI"), drive.flag("empty")) == (NULL, True)
    assert database.has("VBD", kept.ref)


def test_a_lost_host_takes_all_of_its_own_along(host: Row) -> None:
    """A certificate of an authority belongs to no host, and stays."""
    database, gone = host.database, "OpaqueRef:gone"
    authority = add(database, "Certificate", type="ca", name="ca.pem")
    for cls in ("PIF", "PBD", "host_cpu", "PCI", "PGPU", "Certificate"):
        add(database, cls, host=gone)
    metrics = add(database, "host_metrics")
    collect(database)
    for cls in ("PIF", "PBD", "host_cpu", "PCI", "PGPU", "Certificate"):
        assert database.find(cls, host=gone) == [], cls
    assert database.has("Certificate", authority.ref)
    assert not database.has("host_metrics", metrics.ref)
    assert database.has("host_metrics", host.text("metrics"))


def test_the_master_collects_some_time_after_something_was_deleted(host: Row) -> None:
    database = host.database
    network = add_network(database, "short", "xapi7")
    vif = add(database, "VIF", VM=database.refs("VM")[0], network=network.ref, other_config={})
    database.delete("network", network.ref)
    until(lambda: not database.has("VIF", vif.ref))
