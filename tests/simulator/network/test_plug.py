"""What a plug does (network.md 2.9)."""

import pytest

from simulator.running import Simulation
from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.machines import host_row
from simulator.xapi.network.plug import bring_up, move_management, take_down
from simulator.xapi.network.rows import BondPlan, create_bond, create_vlan
from tests.simulator.network.rows import card, network


def test_a_bond_takes_bridge_plug_and_mtu_of_its_members(host: HostMachine) -> None:
    members = [card(host, "eth2"), card(host, "eth3")]
    bond = create_bond(host_row(host), BondPlan(network=network(host, MTU=9000), pifs=members))
    pif = bond.to("master", "PIF")
    pif.set(currently_attached=False, MTU=-1)
    bring_up(host, pif)
    plugs = host.interfaces.plugs
    assert not {"xenbr2", "xenbr3"} & plugs.keys()
    assert plugs["xapi0"].nics == tuple(member.text("MAC") for member in members)
    assert (pif.number("MTU"), plugs["xapi0"].mtu, pif.flag("currently_attached")) == (9000, 9000, True)
    assert [member.to("network", "network").number("MTU") for member in members] == [9000, 9000]


def test_members_keep_their_mtu_before_26_1(host: HostMachine) -> None:
    host_row(host).put("software_version", "xapi_build", "25.33.1")
    plan = BondPlan(network=network(host, MTU=9000), pifs=[card(host, "eth2")])
    bring_up(host, create_bond(host_row(host), plan).to("master", "PIF"))
    assert card(host, "eth2").to("network", "network").number("MTU") == 1500


def test_a_member_plugged_alone_tears_down_its_bond_with_the_vlans_on_it(host: HostMachine) -> None:
    members = [card(host, "eth2"), card(host, "eth3")]
    bond = create_bond(host_row(host), BondPlan(network=network(host), pifs=members)).to("master", "PIF")
    bring_up(host, bond)
    vlan = create_vlan(bond, 10, network(host)).to("untagged_PIF", "PIF")
    bring_up(host, vlan)
    assert host.interfaces.plugs["xapi1"].vlan == 10
    bring_up(host, members[0])
    assert not {"xapi0", "xapi1"} & host.interfaces.plugs.keys()
    assert (bond.flag("currently_attached"), members[0].flag("currently_attached")) == (False, True)


def test_a_vlan_makes_the_bridge_below_it_and_takes_it_away_again(host: HostMachine) -> None:
    take_down(host, card(host, "eth1"))
    assert "xenbr1" not in host.interfaces.plugs
    vlan = create_vlan(card(host, "eth1"), 7, network(host, MTU=9000)).to("untagged_PIF", "PIF")
    bring_up(host, vlan)
    assert {"xenbr1", "xapi0"} <= host.interfaces.plugs.keys()
    assert vlan.number("MTU") == 1500  # never more than the PIF below
    take_down(host, vlan)
    assert not {"xenbr1", "xapi0"} & host.interfaces.plugs.keys()


def test_a_bridge_with_vlans_outlives_the_unplug_of_its_pif(host: HostMachine) -> None:
    """network.md 2.6, the second consequence."""
    pif = card(host, "eth1")
    pif.set(ip_configuration_mode="Static", IP="127.99.0.1", netmask="255.255.255.0")
    bring_up(host, pif)
    bring_up(host, create_vlan(pif, 7, network(host)).to("untagged_PIF", "PIF"))
    take_down(host, pif)
    assert host.interfaces.plugs["xenbr1"].address == ""
    assert pif.flag("currently_attached") is False


def test_management_moves_with_the_inventory_and_the_flags_follow(host: HostMachine) -> None:
    old, new = card(host, "eth0"), card(host, "eth1")
    new.set(ip_configuration_mode="DHCP")
    move_management(host, new)
    assert host.interfaces.management == "xenbr1"
    assert (old.flag("management"), new.flag("management")) == (False, True)
    assert host.address == new.text("IP") == host_row(host).text("address") != host.home
    assert old.text("IP") == host.home


def test_a_failing_plug_leaves_the_bond_of_its_making_unplugged(sim: Simulation, host: HostMachine) -> None:
    sim.fault("plug_fails", data={"device": "bond0", "message": "no such device"})
    plan = BondPlan(network=network(host), pifs=[card(host, "eth2")])
    pif = create_bond(host_row(host), plan).to("master", "PIF")
    pif.set(currently_attached=False)
    with pytest.raises(XapiError) as error:
        bring_up(host, pif)
    assert error.value.description == ["PIF_CONFIGURATION_ERROR", pif.ref, "no such device"]
    assert (pif.flag("currently_attached"), card(host, "eth2").flag("currently_attached")) == (False, False)
    bring_up(host, pif)
    assert pif.flag("currently_attached")
