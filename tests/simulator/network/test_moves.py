"""What follows the cards into a bond and out of it (network.md 2.4, 0.5)."""

from simulator.running import Simulation
from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.machines import host_row
from simulator.xapi.network import bond
from simulator.xapi.network.owned import bonds_of, tunnels_of, vlans_of
from simulator.xapi.network.plug import bring_up
from simulator.xapi.network.rows import BondPlan, create_tunnel, create_vlan, pif_on
from simulator.xapi.rows import NULL, Row
from tests.simulator.network.bonding import address, bonded, master, vm_on
from tests.simulator.network.pair import pair
from tests.simulator.network.rows import card, network


def test_a_vlan_is_made_anew_with_its_address_and_nothing_else(host: HostMachine) -> None:
    """network.md 0.6: new refs and uuids; other_config and disallow_unplug are lost."""
    guests = network(host)
    old = create_vlan(card(host, "eth2"), 10, guests)
    pif = address(old.to("untagged_PIF", "PIF"))
    pif.set(other_config={"management_purpose": "Storage"}, disallow_unplug=True)
    bring_up(host, pif)
    made = bonded(host, ["eth2", "eth3"])
    (vlan,) = vlans_of(host_row(host))
    new = vlan.to("untagged_PIF", "PIF")
    assert vlan.ref != old.ref
    assert not host.database.has("PIF", pif.ref)
    assert (new.text("IP"), new.text("network"), new.text("device")) == ("10.7.0.1", guests.ref, "bond0")
    assert (new.mapping("other_config"), new.flag("disallow_unplug")) == ({}, False)
    assert (new.text("metrics"), new.text("MAC")) == (master(made).text("metrics"), "fe:ff:ff:ff:ff:ff")
    assert new.flag("currently_attached")
    assert len(host.interfaces.plugs[guests.text("bridge")].nics) == 2


def test_an_unplugged_vlan_stays_unplugged(host: HostMachine) -> None:
    create_vlan(card(host, "eth2"), 10, network(host))
    bonded(host, ["eth2", "eth3"])
    assert not vlans_of(host_row(host))[0].to("untagged_PIF", "PIF").flag("currently_attached")


def test_the_same_tag_on_two_members_is_merged_into_the_first(host: HostMachine) -> None:
    one, two = network(host, "One"), network(host, "Two")
    create_vlan(card(host, "eth2"), 10, one)
    create_vlan(card(host, "eth3"), 10, two)
    vif = vm_on(host, two, resident_on=host.ref)
    bonded(host, ["eth2", "eth3"])
    (vlan,) = vlans_of(host_row(host))
    assert vlan.to("untagged_PIF", "PIF").text("network") == vif.text("network") == one.ref
    assert pif_on(host_row(host), two.ref) == []


def test_tunnels_move_with_their_protocol(host: HostMachine) -> None:
    access = create_tunnel(address(card(host, "eth2")), network(host), "vxlan").to("access_PIF", "PIF")
    bring_up(host, access)
    made = bonded(host, ["eth2", "eth3"])
    (tunnel,) = tunnels_of(host_row(host))
    assert (tunnel.to("transport_PIF", "PIF"), tunnel.text("protocol")) == (master(made), "vxlan")
    assert tunnel.mapping("status") == {"active": "true"}
    bond.destroy(host, made)
    assert tunnels_of(host_row(host))[0].to("transport_PIF", "PIF") == card(host, "eth2")


def test_vifs_of_templates_move(host: HostMachine) -> None:
    """network.md 0.5: running here, halted, template and snapshot alike, for they can start nowhere else."""
    raw = card(host, "eth3").to("network", "network")
    kinds: list[dict[str, object]] = [
        {"resident_on": host.ref, "power_state": "Running"},
        {"power_state": "Halted"},
        {"is_a_template": True},
        {"is_a_template": True, "is_a_snapshot": True},
        {"memory_dynamic_min": 2**50, "memory_static_max": 2**50},
    ]
    vifs = [vm_on(host, raw, **kind) for kind in kinds]
    made = bonded(host, ["eth2", "eth3"])
    assert {vif.text("network") for vif in vifs} == {master(made).text("network")}
    bond.destroy(host, made)
    assert {vif.text("network") for vif in vifs} == {card(host, "eth2").text("network")}


def test_a_vif_that_another_host_can_serve_stays() -> None:
    """network.md 2.2: not one whose VM could start on the other host too, nor one that runs there."""
    with pair() as (sim, member):
        other = sim.host("master")
        for each in (member, other):
            for found in bonds_of(host_row(each)):
                bond.destroy(each, found)
        raw = card(member, "eth2").to("network", "network")
        here, there = vm_on(member, raw, resident_on=member.ref), vm_on(member, raw, resident_on=other.ref)
        anywhere = vm_on(member, raw)
        made = bonded(member, ["eth2"])
        assert [vif.text("network") for vif in (here, there, anywhere)] == [
            master(made).text("network"), raw.ref, raw.ref,
        ]  # fmt: skip


def rebuilt(host: HostMachine, found: Row, devices: list[str]) -> Row:
    net = master(found).to("network", "network")
    bond.destroy(host, found)
    return bond.create(host, BondPlan(network=net, pifs=[card(host, device) for device in devices]))


def test_destroy_and_create_moves_addresses(host: HostMachine) -> None:
    """network.md 0.4: the address goes with the card, not with the network."""
    one = bonded(host, ["eth2"], "One")
    address(master(one))
    again = rebuilt(host, one, ["eth2", "eth3"])
    assert master(again).text("IP") == "10.7.0.1"
    alone = rebuilt(host, again, ["eth3"])
    assert (master(alone).text("IP"), card(host, "eth2").text("IP")) == ("", "10.7.0.1")


def test_uncrossing_by_hand_swaps_everything(host: HostMachine) -> None:
    """network.md 0.4 [D]: addresses, VLANs, VIFs and management land on the wrong network."""
    wrong = [bonded(host, ["eth1", "eth0"], "A"), bonded(host, ["eth2", "eth3"], "B")]
    nets = [master(each).to("network", "network") for each in wrong]
    address(master(wrong[1]))
    create_vlan(master(wrong[0]), 10, network(host, "Ten"))
    vif = vm_on(host, nets[1], resident_on=host.ref)
    for each in wrong:
        bond.destroy(host, each)
    pairs = zip(nets, (["eth2", "eth3"], ["eth1", "eth0"]), strict=True)
    one, two = [
        master(bond.create(host, BondPlan(network=net, pifs=[card(host, device) for device in devices])))
        for net, devices in pairs
    ]
    assert (one.text("IP"), two.text("IP")) == ("10.7.0.1", host.address)
    assert (one.flag("management"), two.flag("management")) == (False, True)
    assert vlans_of(host_row(host))[0].to("tagged_PIF", "PIF") == two
    assert vif.text("network") == nets[0].ref


def test_a_vif_that_cannot_be_plugged_again_stops_the_call(sim: Simulation, host: HostMachine) -> None:
    """network.md 3.10: one failure aborts it, and the row has moved all the same."""
    raw = card(host, "eth2").to("network", "network")
    vif = vm_on(host, raw, resident_on=host.ref, domid=7, name_label="web")
    sim.fault("vif_move_fails", data={"vm": "web"})
    error = failing(host, ["eth2", "eth3"])
    assert error == ["INTERNAL_ERROR", "Unable to plug moved VIF"]
    assert vif.text("network") != raw.ref
    assert card(host, "eth2").text("bond_slave_of") != NULL


def failing(host: HostMachine, devices: list[str]) -> list[str]:
    try:
        bonded(host, devices)
    except XapiError as error:
        return error.description
    return []
