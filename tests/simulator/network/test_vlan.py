"""VLANs and tunnels that come and go (network.md 2.8)."""

import pytest

from simulator.running import Simulation
from simulator.world.host import HostMachine
from simulator.xapi.machines import host_row
from simulator.xapi.network.rows import BondPlan, create_bond
from simulator.xapi.rows import Row
from tests.simulator.network.rows import bonded, card, network, spare, vlan
from tests.simulator.rpc import Rpc, XapiFailure


def vlans(host: HostMachine) -> list[int]:
    return [pif.number("VLAN") for pif in host_row(host).all("PIFs", "PIF") if pif.number("VLAN") >= 0]


def test_a_new_vlan_is_plugged_and_shares_device_and_metrics_with_its_card(host: HostMachine, rpc: Rpc) -> None:
    made = Row(host.database, "VLAN", rpc.ref("VLAN.create", spare(host).ref, 40, network(host).ref))
    pif = made.to("untagged_PIF", "PIF")
    assert pif.flag("currently_attached")
    assert pif.fields("device", "metrics") == spare(host).fields("device", "metrics")
    assert host.interfaces.plugs["xapi0"].vlan == 40
    rpc.call("VLAN.destroy", made.ref)
    assert vlans(host) == []
    assert "xapi0" not in host.interfaces.plugs
    assert host.database.has("PIF_metrics", spare(host).text("metrics"))


def test_a_vlan_whose_plug_failed_stays_unplugged(sim: Simulation, host: HostMachine, rpc: Rpc) -> None:
    """network.md 4.1: a second create finds the network taken."""
    found = network(host)
    sim.fault("plug_fails", data={"vlan": "40"})
    with pytest.raises(XapiFailure, match="PIF_CONFIGURATION_ERROR"):
        rpc.call("VLAN.create", spare(host).ref, 40, found.ref)
    (pif,) = found.all("PIFs", "PIF")
    assert pif.flag("currently_attached") is False
    with pytest.raises(XapiFailure) as failure:
        rpc.call("VLAN.create", spare(host).ref, 40, found.ref)
    assert failure.value.description == ["NETWORK_ALREADY_CONNECTED", host.ref, pif.ref]
    rpc.call("PIF.plug", pif.ref)
    assert pif.flag("currently_attached")


def test_a_vlan_whose_pif_is_gone_is_only_a_row(host: HostMachine, rpc: Rpc) -> None:
    pif = vlan(host)[0]
    ref = pif.text("VLAN_master_of")
    rpc.call("PIF.db_forget", pif.ref)
    rpc.call("VLAN.destroy", ref)
    assert not host.database.has("VLAN", ref)


def test_a_pool_wide_vlan_stands_on_every_live_host_that_has_the_network(pair: Simulation) -> None:
    master, member = pair.hosts
    made = Rpc(master).call("pool.create_VLAN_from_PIF", card(master).ref, network(master).ref, 40)
    assert isinstance(made, list)
    assert len(made) == 2
    assert vlans(master) == vlans(member) == [40]


def test_a_pool_wide_vlan_passes_over_dead_hosts_and_missing_cards_in_silence(pair: Simulation) -> None:
    master, member = pair.hosts
    spare(member).database.delete("PIF", spare(member).ref)
    rpc = Rpc(master)
    rpc.call("pool.create_VLAN_from_PIF", spare(master).ref, network(master).ref, 41)
    host_row(member).to("metrics", "host_metrics").set(live=False)
    rpc.call("pool.create_VLAN_from_PIF", card(master).ref, network(master).ref, 42)
    assert (vlans(master), vlans(member)) == ([41, 42], [])


def test_a_pool_wide_vlan_is_taken_back_where_one_host_refuses(pair: Simulation) -> None:
    """A host where the card is in a bond makes the whole call fail."""
    master, member = pair.hosts
    plan = BondPlan(network=network(member), pifs=[spare(member, "eth2"), spare(member, "eth3")])
    create_bond(host_row(member), plan)
    with pytest.raises(XapiFailure) as failure:
        Rpc(master).call("pool.create_VLAN_from_PIF", card(master, "eth2").ref, network(master).ref, 40)
    assert failure.value.description == ["CANNOT_ADD_VLAN_TO_BOND_SLAVE", card(member, "eth2").ref]
    assert vlans(master) == vlans(member) == []


def test_the_old_calls_by_device_name_still_work(pair: Simulation) -> None:
    master, member = pair.hosts
    rpc = Rpc(master)
    made = rpc.call("pool.create_VLAN", "eth1", network(master).ref, 40)
    assert isinstance(made, list)
    assert (vlans(master), vlans(member)) == ([40], [40])
    for pif in made:
        rpc.call("PIF.destroy", pif)
    assert vlans(master) == vlans(member) == []


def test_a_tunnel_has_the_protocol_that_was_asked_for(host: HostMachine, rpc: Rpc) -> None:
    rpc.call("PIF.reconfigure_ip", spare(host).ref, "Static", "10.0.0.9", "255.255.255.0", "", "")
    made = Row(host.database, "tunnel", rpc.ref("tunnel.create", spare(host).ref, network(host).ref, "vxlan"))
    assert (made.text("protocol"), made.mapping("status")) == ("vxlan", {"active": "true"})
    access = made.to("access_PIF", "PIF")
    rpc.call("tunnel.destroy", made.ref)
    assert not host.database.has("PIF", access.ref)
    assert not host.database.has("tunnel", made.ref)


def test_a_tunnel_that_cannot_be_plugged_stays_as_rows(host: HostMachine, rpc: Rpc) -> None:
    found = network(host)
    with pytest.raises(XapiFailure, match="TRANSPORT_PIF_NOT_CONFIGURED"):
        rpc.call("tunnel.create", spare(host).ref, found.ref)
    (access,) = found.all("PIFs", "PIF")
    assert access.all("tunnel_access_PIF_of", "tunnel")[0].text("protocol") == "gre"


def test_a_vlan_over_a_bond_uses_all_cards_of_the_bond(host: HostMachine, rpc: Rpc) -> None:
    bond, member = bonded(host)
    rpc.call("VLAN.create", bond.ref, 40, network(host).ref)
    assert set(host.interfaces.plugs["xapi1"].nics) == {card(host, "eth2").text("MAC"), member.text("MAC")}
