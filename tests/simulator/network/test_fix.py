"""What each host mends of its own bonds at every start (network.md 2.10)."""

from simulator.world.host import HostMachine
from simulator.xapi.machines import host_row
from simulator.xapi.network.fix_bonds import fix_bonds
from simulator.xapi.network.owned import tunnels_of, vlans_of
from simulator.xapi.network.rows import create_tunnel, create_vlan
from simulator.xapi.rows import NULL
from tests.simulator.network.bonding import address, bonded, master, vm_on
from tests.simulator.network.rows import card, network


def test_vlans_tunnels_and_vifs_of_members_move_up(host: HostMachine) -> None:
    made = bonded(host, ["eth2", "eth3"])
    create_vlan(card(host, "eth3"), 10, network(host))
    create_tunnel(card(host, "eth2"), network(host))
    vif = vm_on(host, card(host, "eth3").to("network", "network"))
    fix_bonds(host)
    assert vlans_of(host_row(host))[0].to("tagged_PIF", "PIF") == master(made)
    assert tunnels_of(host_row(host))[0].to("transport_PIF", "PIF") == master(made)
    assert vif.text("network") == master(made).text("network")


def test_management_moves_up_without_its_address(host: HostMachine) -> None:
    made = bonded(host, ["eth2", "eth3"])
    card(host).set(management=False)
    address(card(host, "eth2")).set(management=True)
    fix_bonds(host)
    assert (master(made).flag("management"), master(made).text("IP")) == (True, "")
    assert card(host, "eth2").text("IP") == "10.7.0.1"


def test_an_empty_primary_is_filled_and_a_dangling_membership_cleared(host: HostMachine) -> None:
    made = bonded(host, ["eth3", "eth2"])
    made.set(primary_slave=NULL)
    card(host, "eth1").set(bond_slave_of="OpaqueRef:gone")
    fix_bonds(host)
    assert made.text("primary_slave") == card(host, "eth3").ref
    assert card(host, "eth1").text("bond_slave_of") == NULL


def test_one_bond_that_cannot_be_mended_does_not_stop_the_next(host: HostMachine) -> None:
    broken, sound = bonded(host, ["eth1"], "Broken"), bonded(host, ["eth2"], "Sound")
    for each in (broken, sound):
        each.set(primary_slave=NULL)
    card(host, "eth1").set(network="OpaqueRef:gone")
    fix_bonds(host)
    assert sound.text("primary_slave") == card(host, "eth2").ref
