"""Bonds, VLANs and processors of the pool after a member has come back."""

import pytest

from simulator.running import Simulation, running
from simulator.scenes.loader import parse
from simulator.scenes.model import Scene
from simulator.xapi.machines import host_row
from simulator.xapi.network.owned import bonds_of, vlans_of
from simulator.xapi.rows import Row
from tests.simulator.pool.joining import joined

OFFICE = """
name: office
hosts:
  - name: master
    bonds: [{network: Storage, nics: [eth2, eth3], mode: active-backup}]
    vlans: [{network: Guests, "on": Storage, tag: 40}]
  - name: joiner
    nics: %d
"""


def office(nics: int) -> Scene:
    return parse(OFFICE % nics, "office.yaml")


def member_of(sim: Simulation) -> Row:
    master, joiner = sim.hosts
    joined(sim, joiner, master)
    return host_row(joiner)


@pytest.mark.parametrize(("nics", "members"), [(4, {"eth2", "eth3"}), (3, {"eth2"})])
def test_bonds_are_rebuilt_from_the_cards_at_the_same_places(nics: int, members: set[str]) -> None:
    with running(office(nics)) as sim:
        (bond,) = bonds_of(member_of(sim))
        assert {pif.text("device") for pif in bond.all("slaves", "PIF")} == members
        assert bond.text("mode") == "active-backup"
        assert bond.to("master", "PIF").to("network", "network").text("name_label") == "Storage"


def test_without_a_card_at_these_places_there_is_neither_bond_nor_vlan() -> None:
    with running(office(2)) as sim:
        member = member_of(sim)
        assert bonds_of(member) == []
        assert vlans_of(member) == []


def test_vlans_are_copied_above_the_bond() -> None:
    with running(office(4)) as sim:
        (vlan,) = vlans_of(member_of(sim))
        assert vlan.number("tag") == 40
        assert vlan.to("tagged_PIF", "PIF").text("device") == "bond0"
        assert not vlan.to("untagged_PIF", "PIF").flag("currently_attached")


def test_a_member_may_forbid_vlans() -> None:
    scene = parse(OFFICE % 4 + "    set: {host: {other_config: {sync_vlans: nosync}}}\n", "office.yaml")
    with running(scene) as sim:
        member = member_of(sim)
        assert len(bonds_of(member)) == 1
        assert vlans_of(member) == []


def test_the_pool_shows_only_features_that_all_processors_have() -> None:
    with running("practice-lab") as sim:
        master, veteran = sim.host("atlas-1"), sim.host("veteran-01")
        joined(sim, veteran, master)
        (pool,) = master.database.records("pool").values()
        info = pool["cpu_info"]
        assert isinstance(info, dict)
        assert info["features_hvm_host"] == veteran.hardware.cpu.usual
        assert info["cpu_count"] == str(16 + 24)


def test_halted_vms_come_along_with_their_disks() -> None:
    with running("practice-lab") as sim:
        master, veteran = sim.host("atlas-1"), sim.host("veteran-01")
        joined(sim, veteran, master)
        (ref,) = master.database.find("VM", name_label="archive")
        vm = Row(master.database, "VM", ref)
        assert vm.text("power_state") == "Halted"
        assert vm.all("VBDs", "VBD")[0].to("VDI", "VDI").text("name_label") == "archive system"
        assert vm.all("VIFs", "VIF")[0].to("network", "network").text("bridge") == "xenbr0"
