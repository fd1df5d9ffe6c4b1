"""Reachability follows from power, cables, ports and bonds (issue's point 4; bonds: network.md 2.2)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.scenes.loader import load, parse
from simulator.world import reach
from simulator.world.addresses import Addresses
from simulator.world.build import build
from simulator.world.host import HostMachine
from simulator.world.interfaces import Plug
from simulator.world.switches import change_port, connect, set_carrier
from simulator.world.timing import PROFILES
from simulator.world.world import World

SCENE = """
name: reach
hosts:
  - {name: wired, cables: {eth0: s/0, eth1: s/1, eth2: s/2, eth3: s/3}}
  - {name: tagged, management: {vlan: 30}, cables: {eth0: s/4}}
  - {name: plain}
switches: [{name: s, ports: [{name: "0"}, {name: "1"}, {name: "2"}, {name: "3"}, {name: "4", vlans: [30], native: 9}]}]
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder: Path = tmp_path_factory.mktemp("certificates")
    return build(parse(SCENE, "reach.yaml"), PROFILES["instant"], Addresses("127.64.0", 1), folder)


@pytest.fixture
def world(made: World) -> Iterator[World]:
    """Each test begins with the switch, the cables and the bridges of the scene."""
    switches, disks = dict(made.switches), [machine.disk.copied() for machine in made.machines]
    ports = {nic.mac: nic.port for machine in made.machines for nic in machine.hardware.nics}
    yield made
    made.switches = switches
    for machine, disk in zip(made.machines, disks, strict=True):
        machine.take_disk(disk)
        machine.powered = True
        for nic in machine.hardware.nics:
            connect(machine, nic, ports[nic.mac])


def ports(world: World, names: str, **fields: object) -> None:
    for name in names:
        change_port(world, "s", name, fields)


def put(machine: HostMachine, devices: str, mode: str = "", **fields: object) -> None:
    """Move the management address to these cards ("012" is eth0 to eth2)."""
    macs = tuple(nic.mac for nic in machine.hardware.nics if nic.device[-1] in devices)
    said = {"bridge": "test", "nics": macs, "mode": mode, "address": machine.address} | fields
    machine.interfaces.put(Plug(**said))  # type: ignore[arg-type]
    machine.interfaces.management = "test"


def test_everything_is_reachable_where_a_scene_says_no_more(world: World) -> None:
    assert [machine.reachable for machine in world.machines] == [True, True, True]


@pytest.mark.parametrize(
    ("port", "fields"),
    [("0", {"native": 9}), ("4", {"vlans": [31]}), ("0", {"lacp": "active", "fallback": False})],
    ids=["another VLAN without a tag", "the tag is not let through", "LACP only"],
)
def test_a_port_that_does_not_pass_the_management_makes_a_host_dark(
    world: World, port: str, fields: dict[str, object]
) -> None:
    machine = world.machine("wired" if port == "0" else "tagged")
    change_port(world, "s", port, fields)
    assert not machine.reachable
    assert not reach.between(machine, world.machine("plain"))
    assert reach.from_outside(world.machine("plain"))


def test_no_power_no_answer(world: World) -> None:
    machine = world.machine("wired")
    machine.powered = False
    assert not reach.from_outside(machine)
    assert reach.lit(machine, "xenbr0") == ()


def test_without_an_address_nothing_answers(world: World) -> None:
    put(world.machines[0], "0", address="")
    assert not world.machines[0].reachable


def test_a_carrier_and_a_cable_are_felt_at_once(world: World) -> None:
    machine = world.machine("wired")
    eth0 = machine.hardware.nics[0]
    set_carrier(machine, eth0, on=False)
    assert not machine.reachable
    set_carrier(machine, eth0, on=True)
    assert machine.reachable
    connect(machine, eth0, "")
    assert not machine.reachable
    with pytest.raises(ValueError, match="no cable"):
        set_carrier(machine, eth0, on=True)
    with pytest.raises(LookupError, match="s/99"):
        connect(machine, eth0, "s/99")
    connect(machine, eth0, "flat")
    assert machine.reachable


LACP_ONLY: dict[str, object] = {"lacp": "active", "fallback": False}
NO_FALLBACK: dict[str, object] = {"properties": {"lacp-fallback-ab": "false"}}
BONDS: dict[str, tuple[str, dict[str, object], dict[str, dict[str, object]], str]] = {
    "active-backup needs one leg on the VLAN": ("active-backup", {}, {"0": {"native": 9}}, "1"),
    "balance-slb on ports that speak LACP only": ("balance-slb", {}, {"0": LACP_ONLY, "1": LACP_ONLY}, ""),
    "balance-slb on LACP ports with fallback": ("balance-slb", {}, {"0": {"lacp": "active"}}, "01"),
    "LACP on both sides": ("lacp", NO_FALLBACK, {"0": LACP_ONLY, "1": LACP_ONLY}, "01"),
    "LACP on one port only": ("lacp", {}, {"1": LACP_ONLY}, "1"),
    "LACP on no port falls back": ("lacp", {}, {}, "01"),
    "LACP on no port, without fallback": ("lacp", NO_FALLBACK, {}, ""),
    "two groups": ("lacp", {}, {"0": LACP_ONLY | {"group": "a"}, "1": LACP_ONLY | {"group": "b"}}, "0"),
}


@pytest.mark.parametrize("case", BONDS)
def test_which_legs_of_a_bond_are_lit(world: World, case: str) -> None:
    """network.md 2.2: LACP not negotiated, fallback true: active-backup; false: all traffic dropped."""
    mode, fields, changes, expected = BONDS[case]
    machine = world.machine("wired")
    put(machine, "01", mode, **fields)
    for name, change in changes.items():
        change_port(world, "s", name, change)
    assert "".join(nic.device[-1] for nic in reach.lit(machine, "test")) == expected
    assert machine.reachable == bool(expected)


def test_one_leg_of_an_lacp_group_is_dark(world: World) -> None:
    """network.md 8.1, trap (a): after an eject a single NIC stands on a port group that speaks LACP only."""
    machine = world.machine("wired")
    ports(world, "01", **LACP_ONLY)
    put(machine, "01", "lacp")
    assert machine.reachable
    put(machine, "0")
    assert not machine.reachable
    ports(world, "01", fallback=True)
    assert machine.reachable


def test_a_bond_of_one_member_speaks_no_lacp(world: World) -> None:
    """network.md 2.2: with one member no bond properties at all."""
    ports(world, "0", **LACP_ONLY)
    put(world.machine("wired"), "0", "lacp")
    assert not world.machine("wired").reachable


def test_two_hosts_on_another_vlan_reach_each_other_only(world: World) -> None:
    one, other = world.machine("wired"), world.machine("tagged")
    change_port(world, "s", "0", {"native": 9})
    put(other, "0", vlan=-1)
    assert [one.reachable, other.reachable] == [False, False]
    assert reach.between(one, other)
    assert not reach.between(one, world.machine("plain"))


def test_an_address_that_was_given_later_is_right_where_it_is(world: World) -> None:
    """Management that moves to another VLAN gets an address of that VLAN; with its old one it is dark."""
    machine = world.machine("wired")
    change_port(world, "s", "1", {"vlans": [40]})
    put(machine, "1", vlan=40)
    assert not machine.reachable
    put(machine, "1", vlan=40, address="127.9.9.9")
    assert machine.reachable
    put(machine, "1", vlan=41, address="127.9.9.9")
    assert not machine.reachable


def test_the_smallest_mtu_on_the_way_counts(world: World) -> None:
    machine = world.machine("wired")
    put(machine, "01", "active-backup", mtu=9000)
    assert reach.mtu(machine, "test") == 9000
    change_port(world, "s", "1", {"mtu": 1500})
    assert reach.mtu(machine, "test") == 1500
    assert reach.mtu(machine, "none") == 0


def test_a_port_that_makes_no_sense_is_refused(world: World) -> None:
    wrong: list[dict[str, object]] = [{"vlans": [4095]}, {"native": -1}, {"lacp": "maybe"}, {"vlans": 7}, {"speed": 1}]
    for fields in wrong:
        with pytest.raises(ValueError, match=r"ports\.0"):
            change_port(world, "s", "0", fields)


def test_the_member_of_an_lacp_only_switch_is_dark_when_its_bond_shrinks(tmp_path: Path) -> None:
    world = build(load("lacp-only-switch"), PROFILES["instant"], Addresses("127.64.0", 1), tmp_path)
    member = world.machine("lacp-2")
    assert member.reachable
    assert len(reach.lit(member, member.interfaces.management)) == 2
    put(member, "0")
    assert not member.reachable
    assert world.machine("lacp-1").reachable
