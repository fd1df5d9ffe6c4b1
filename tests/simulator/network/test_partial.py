"""Calls that stop half-way, and what becomes of them: each row of network.md 4.1."""

import pytest

from simulator.running import Simulation
from simulator.world import reach
from simulator.world.faults import ToolstackCrash
from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.machines import host_row
from simulator.xapi.network import bond
from simulator.xapi.network.owned import bonds_of, vlans_of
from simulator.xapi.network.plug import bring_up, move_management
from simulator.xapi.network.rows import BondPlan, create_vlan
from simulator.xapi.network.sync import prepare
from simulator.xapi.rows import NULL, Row
from tests.simulator.network.bonding import address, bonded, master, quick, vm_on
from tests.simulator.network.rows import card, network
from tests.simulator.pool.joining import joined
from tests.simulator.rpc import Rpc, XapiFailure
from tests.simulator.waiting import until


def stopped(sim: Simulation, host: HostMachine, devices: list[str], **data: str) -> tuple[list[str], Row]:
    """Bond.create whose plug of something fails: the error, and the bond that is left."""
    sim.fault("plug_fails", data=data)
    with pytest.raises(XapiError) as error:
        bonded(host, devices)
    (left,) = bonds_of(host_row(host))
    return error.value.description, left


def again(host: HostMachine, left: Row, devices: list[str]) -> str:
    plan = BondPlan(network=master(left).to("network", "network"), pifs=[card(host, device) for device in devices])
    with pytest.raises(XapiError) as error:
        bond.create(host, plan)
    return error.value.code


def test_a_failed_check_changes_nothing(host: HostMachine) -> None:
    card(host, "eth3").set(properties={"gro": "off"})
    before = host.database.generation
    with pytest.raises(XapiError):
        bond.create(host, BondPlan(network=network(host), pifs=[card(host, "eth2"), card(host, "eth3")]))
    assert host.database.generation == before + 1  # the network of this test


def test_a_failed_plug_leaves_the_bond_unplugged_and_the_address_on_it(sim: Simulation, host: HostMachine) -> None:
    """[D]: a second create is refused; the bond's PIF can be plugged; or it is destroyed, which plugs no member."""
    address(card(host, "eth2"))
    error, left = stopped(sim, host, ["eth2", "eth3"], device="bond0", message="no carrier")
    assert error == ["PIF_CONFIGURATION_ERROR", master(left).ref, "no carrier"]
    assert (master(left).flag("currently_attached"), master(left).text("IP")) == (False, "10.7.0.1")
    assert card(host, "eth3").text("bond_slave_of") == left.ref
    assert again(host, left, ["eth2", "eth3"]) == "NETWORK_ALREADY_CONNECTED"
    bond.destroy(host, left)
    assert card(host, "eth2").text("IP") == "10.7.0.1"
    assert not card(host, "eth2").flag("currently_attached")


def test_management_that_did_not_arrive_is_fetched_by_a_reconfigure(sim: Simulation, host: HostMachine) -> None:
    _error, left = stopped(sim, host, ["eth0", "eth1"], device="bond0")
    assert (card(host).flag("management"), card(host).text("IP")) == (True, "")
    Rpc(host).call("host.management_reconfigure", master(left).ref)
    assert master(left).flag("management")
    assert reach.from_outside(host)


def test_a_vlan_that_fails_after_management_moved_is_moved_at_the_next_start(
    sim: Simulation, host: HostMachine
) -> None:
    """[D]."""
    bring_up(host, create_vlan(card(host, "eth1"), 10, network(host, "Ten")).to("untagged_PIF", "PIF"))
    create_vlan(card(host, "eth1"), 11, network(host, "Eleven"))
    _error, left = stopped(sim, host, ["eth0", "eth1"], vlan="10")
    assert (master(left).flag("management"), master(left).flag("currently_attached")) == (True, True)
    assert [vlan.to("tagged_PIF", "PIF").text("device") for vlan in vlans_of(host_row(host))] == ["eth1", "bond0"]
    prepare(host, host.life.pause)
    assert {vlan.to("tagged_PIF", "PIF") for vlan in vlans_of(host_row(host))} == {master(left)}
    assert again(host, left, ["eth0"]) == "NETWORK_ALREADY_CONNECTED"


def test_a_host_that_dies_before_management_moved_mends_itself(sim: Simulation, host: HostMachine) -> None:
    """[D]: its bond has the address, and the start moves management up to it."""
    sim.fault("toolstack_crash", step="bond: after addresses")
    with pytest.raises(ToolstackCrash):
        bonded(host, ["eth0", "eth1"])
    until(lambda: host.up and host.settled)
    (left,) = bonds_of(host_row(host))
    assert (master(left).flag("management"), master(left).text("IP")) == (True, host.address)
    assert reach.from_outside(host)


def test_a_member_that_dies_leaves_the_caller_without_an_answer(sim: Simulation) -> None:
    """The task fails with CANNOT_CONTACT_HOST when the tolerance is over."""
    owner, other = sim.hosts
    joined(sim, other, owner)
    until(lambda: other.settled)
    quick(sim)
    sim.fault("toolstack_crash", host=other.name, step="bond: after VIFs")
    with pytest.raises(XapiFailure) as error:
        Rpc(owner).call("Bond.create", network(owner).ref, [card(other, "eth2").ref], "")
    assert error.value.description == ["CANNOT_CONTACT_HOST", other.ref]
    assert len(bonds_of(host_row(other))) == 1


def half_destroyed(sim: Simulation, host: HostMachine, device: str) -> Row:
    """Bond.destroy stops at a VIF, after address (and management) have gone down to the member."""
    made = bonded(host, [device, "eth3"])
    vm_on(host, master(made).to("network", "network"), resident_on=host.ref, domid=7)
    sim.fault("vif_move_fails")
    with pytest.raises(XapiError) as error:
        bond.destroy(host, made)
    assert error.value.description == ["INTERNAL_ERROR", "Unable to plug moved VIF"]
    assert (master(made).text("IP"), master(made).flag("currently_attached")) == ("", False)
    return made


def test_trap_1_a_second_destroy_wipes_the_address(sim: Simulation, host: HostMachine) -> None:
    """[D]: the live address stays until the next plug, or the next start."""
    address(card(host, "eth2"), "127.88.0.1")
    made = half_destroyed(sim, host, "eth2")
    bond.destroy(host, made)
    assert (card(host, "eth2").text("IP"), card(host, "eth2").text("bond_slave_of")) == ("", NULL)
    assert host.interfaces.plugs["xenbr2"].address == "127.88.0.1"


def test_trap_1_cuts_a_host_off_at_its_next_start(sim: Simulation, host: HostMachine) -> None:
    made = half_destroyed(sim, host, "eth0")
    bond.destroy(host, made)
    assert (card(host).text("IP"), card(host).flag("management")) == ("", True)
    assert reach.from_outside(host)
    prepare(host, host.life.pause)
    assert not reach.from_outside(host)


def test_trap_2_a_restart_moves_management_to_a_bond_without_address(sim: Simulation, host: HostMachine) -> None:
    """[D]: only the console is left."""
    made = half_destroyed(sim, host, "eth0")
    assert reach.from_outside(host)
    prepare(host, host.life.pause)
    assert (master(made).flag("management"), master(made).text("IP")) == (True, "")
    assert not reach.from_outside(host)


def test_the_safe_way_on_gives_the_bond_its_address_back_first(sim: Simulation, host: HostMachine) -> None:
    made = half_destroyed(sim, host, "eth0")
    rpc = Rpc(host)
    rpc.call("PIF.reconfigure_ip", master(made).ref, "Static", host.address, "255.255.255.0", "", "")
    rpc.call("Bond.destroy", made.ref)
    pif = card(host)
    assert (pif.text("IP"), pif.flag("management"), pif.text("bond_slave_of")) == (host.address, True, NULL)
    assert reach.from_outside(host)


def test_the_way_back_to_the_bond(sim: Simulation, host: HostMachine) -> None:
    made = half_destroyed(sim, host, "eth0")
    rpc = Rpc(host)
    rpc.call("PIF.reconfigure_ip", master(made).ref, "Static", host.address, "255.255.255.0", "", "")
    move_management(host, master(made))
    card(host).set(ip_configuration_mode="None", IP="")
    assert master(made).flag("management")
    assert not card(host).flag("currently_attached")
    assert reach.from_outside(host)
