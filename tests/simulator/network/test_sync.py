"""What a member makes of its master's bonds, VLANs and tunnels at every start (network.md 3.4, 3.5)."""

import pytest

from simulator.world import reach
from simulator.world.host import HostMachine
from simulator.xapi.machines import host_row
from simulator.xapi.network import bond
from simulator.xapi.network.fix_bonds import fix_bonds
from simulator.xapi.network.owned import bonds_of, tunnels_of, vlans_of
from simulator.xapi.network.rows import BondPlan, create_tunnel, create_vlan, pif_on
from simulator.xapi.network.sync import prepare
from simulator.xapi.rows import Row, first
from tests.simulator.network.bonding import address, bonded, bonds_by_network, master, members
from tests.simulator.network.pair import pair, start_again
from tests.simulator.network.rows import card, network

RIGHT = {"A": {"eth0", "eth2"}, "B": {"eth1", "eth3"}}


def named(host: HostMachine, label: str) -> Row:
    found = first(host.database, "network", name_label=label)
    assert found
    return found


def bond_on(host: HostMachine, label: str) -> Row:
    return next(
        each for each in bonds_of(host_row(host)) if master(each).to("network", "network") == named(host, label)
    )


def rebond(host: HostMachine, **wanted: tuple[str, ...]) -> None:
    """Destroy all bonds of the host, and make these by hand."""
    for each in bonds_of(host_row(host)):
        bond.destroy(host, each)
    for label, devices in wanted.items():
        bond.create(host, BondPlan(network=named(host, label), pifs=[card(host, device) for device in devices]))


def test_a_bond_is_made_with_mode_properties_and_leading_card_of_the_masters() -> None:
    with pair() as (_sim, member):
        made = bond_on(member, "B")
        assert made.text("mode") == "lacp"
        assert made.mapping("properties")["lacp-fallback-ab"] == "true"
        assert made.to("primary_slave", "PIF").text("device") == "eth1"
        assert member.interfaces.management == "xapi0"
        assert reach.from_outside(member)


def test_bond_numbers_follow_the_database_order() -> None:
    """network.md 1.7 [D]: the master's numbers say nothing of the member's."""
    with pair() as (sim, member):
        rebond(sim.host("master"), B=("eth1", "eth3"), A=("eth0", "eth2"))
        rebond(member)
        start_again(member)
        assert [master(bond_on(member, label)).text("device") for label in "BA"] == ["bond0", "bond1"]


def test_positions_decide_again_at_the_next_restart() -> None:
    """network.md 0.2 [D]: what was bonded by hand after the cables is undone."""
    with pair() as (_sim, member):
        rebond(member, A=("eth2", "eth3"))
        start_again(member)
        assert bonds_by_network(member) == RIGHT


def test_a_bond_with_the_right_members_stays_whatever_else_is_wrong() -> None:
    with pair() as (_sim, member):
        made = bond_on(member, "B")
        made.set(mode="balance-slb", properties={})
        start_again(member)
        assert (bond_on(member, "B"), made.text("mode")) == (made, "balance-slb")


def test_between_destroy_and_create_a_restart_makes_the_bond_again() -> None:
    """network.md 4.1: with the address that was parked on the primary member."""
    with pair() as (_sim, member):
        made = bond_on(member, "B")
        address(master(made))
        bond.destroy(member, made)
        assert card(member, "eth1").text("IP") == "10.7.0.1"
        start_again(member)
        assert master(bond_on(member, "B")).text("IP") == "10.7.0.1"
        (vlan,) = vlans_of(host_row(member))
        assert vlan.to("tagged_PIF", "PIF") == master(bond_on(member, "B"))


def test_want_empty_destroys_the_bond() -> None:
    """network.md 3.4 [D]: a member without cards at these places loses the bond it had, and gets none."""
    with pair() as (_sim, member):
        for device in ("eth1", "eth3"):
            card(member, device).set(network=network(member, f"Lost {device}").ref)
        start_again(member)
        assert bonds_by_network(member) == {"A": {"eth0", "eth2"}}


def test_m5_two_restarts() -> None:
    """network.md 3.8, M5: the first drags management to the wrong bond, the second makes the missing one."""
    with pair() as (_sim, member):
        rebond(member, A=("eth1", "eth3"), B=("eth0", "eth2"))
        start_again(member)
        assert bonds_by_network(member) == {"B": {"eth1", "eth3"}}
        start_again(member)
        assert bonds_by_network(member) == RIGHT


def test_a_card_taken_by_another_bond_leaves_the_bond_missing() -> None:
    """network.md 3.8, M4 and M6."""
    with pair() as (_sim, member):
        rebond(member, A=("eth0",))
        bonded(member, ["eth2"], "Of its own")
        start_again(member)
        assert bonds_by_network(member) == {"Of its own": {"eth2"}, "B": {"eth1", "eth3"}}


@pytest.mark.parametrize(("build", "expected"), [("25.35.0", {"eth0", "eth1"}), ("25.34.9", {"eth0", "eth2"})])
def test_each_version_has_its_own_rule(build: str, expected: set[str]) -> None:
    """network.md 3.4, 3.6: positions and device names may disagree."""
    with pair() as (_sim, member):
        rebond(member)
        one, two = card(member, "eth1"), card(member, "eth2")
        networks = one.text("network"), two.text("network")
        one.set(network=networks[1])
        two.set(network=networks[0])
        host_row(member).put("software_version", "xapi_build", build)
        start_again(member)
        assert members(bond_on(member, "A")) == expected


def test_two_pifs_on_one_network() -> None:
    """network.md 3.5 [D]: a VLAN on a wrong lower PIF does not count, and a second one is made beside it."""
    with pair() as (_sim, member):
        (right,) = vlans_of(host_row(member))
        member.database.delete("PIF", right.text("untagged_PIF"))
        member.database.delete("VLAN", right.ref)
        create_vlan(master(bond_on(member, "A")), 40, named(member, "Guests"))
        start_again(member)
        pifs = pif_on(host_row(member), named(member, "Guests").ref)
        assert [pif.text("device") for pif in pifs] == ["bond0", "bond1"]
        start_again(member)
        assert len(pif_on(host_row(member), named(member, "Guests").ref)) == 2


def test_a_vlan_may_land_on_a_member() -> None:
    """network.md 3.5 [D]: and the next start moves it up."""
    with pair() as (sim, member):
        create_vlan(card(sim.host("master"), "eth2"), 77, network(member, "Odd"))
        start_again(member)
        (vlan,) = [each for each in vlans_of(host_row(member)) if each.number("tag") == 77]
        assert vlan.to("tagged_PIF", "PIF") == card(member, "eth2")
        fix_bonds(member)
        (vlan,) = [each for each in vlans_of(host_row(member)) if each.number("tag") == 77]
        assert vlan.to("tagged_PIF", "PIF") == master(bond_on(member, "A"))


def test_tunnels_are_matched_by_their_access_network_alone() -> None:
    with pair() as (sim, member):
        create_tunnel(master(bond_on(sim.host("master"), "A")), network(member, "Tunnelled"), "vxlan")
        for _ in range(2):
            start_again(member)
            (made,) = tunnels_of(host_row(member))
            assert made.text("protocol") == "vxlan"
            assert made.to("transport_PIF", "PIF") == master(bond_on(member, "A"))


def test_the_network_never_aborts_a_start() -> None:
    """network.md 3.3."""
    with pair() as (sim, member):
        rebond(member)
        sim.fault("plug_fails", host="member", times=None)
        start_again(member)
        assert {pif.flag("currently_attached") for pif in map(master, bonds_of(host_row(member)))} == {False}
        sim.world.faults.clear()
        start_again(member)
        assert {pif.flag("currently_attached") for pif in map(master, bonds_of(host_row(member)))} == {True}


def test_what_is_attached_is_what_the_bridges_say(host: HostMachine) -> None:
    """network.md 1.7: after a boot a VLAN without address waits for a VIF, one with an address does not."""
    idle = create_vlan(card(host, "eth1"), 7, network(host), currently_attached=True).to("untagged_PIF", "PIF")
    busy = create_vlan(card(host, "eth1"), 8, network(host)).to("untagged_PIF", "PIF")
    address(busy, "127.77.0.1")
    host.life.boot = True
    prepare(host, host.life.pause)
    assert (idle.flag("currently_attached"), busy.flag("currently_attached")) == (False, True)
    assert card(host, "eth3").flag("currently_attached")
