"""What a pool is told of links: late, and with a message (network.md 1.4, 1.5, 5)."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from simulator.running import Simulation, running
from simulator.scenes.loader import parse
from simulator.world.host import HostMachine
from simulator.world.interfaces import Plug
from simulator.world.switches import change_port, set_carrier
from simulator.xapi.rows import Row, first, rows
from tests.simulator.waiting import until

SCENE = """
name: monitor
hosts:
  - name: first
    bonds: [{network: Both, nics: [eth2, eth3], mode: active-backup}, {network: Lacp, nics: [eth4, eth5], mode: lacp}]
    nics: 6
    cables: {eth4: s/4, eth5: s/5}
  - {name: second}
pools: [{name: p, master: first, members: [second]}]
switches: [{name: s, ports: [{name: "4", lacp: active, fallback: false}, {name: "5", lacp: active, fallback: false}]}]
"""
SLOW = 60.0


@pytest.fixture
def sim() -> Iterator[Simulation]:
    with running(parse(SCENE, "monitor.yaml")) as found:
        yield found


def bond(machine: HostMachine, network: str) -> Row:
    for each in rows(machine.database, "Bond"):
        pif = each.to("master", "PIF")
        if pif.text("host") == machine.ref and pif.to("network", "network").text("name_label") == network:
            return each
    raise LookupError(network)


def bodies(machine: HostMachine) -> list[str]:
    return [row.text("body") for row in rows(machine.database, "message", obj_uuid=machine.uuid)]


def card(machine: HostMachine, device: str, *, on: bool) -> None:
    set_carrier(machine, next(nic for nic in machine.hardware.nics if nic.device == device), on=on)


def metrics(machine: HostMachine, device: str) -> Row:
    pif = first(machine.database, "PIF", host=machine.ref, device=device)
    assert pif
    return pif.to("metrics", "PIF_metrics")


def test_a_lab_begins_with_links_that_have_long_been_up(sim: Simulation) -> None:
    host, member = sim.hosts
    assert [bond(each, "Both").number("links_up") for each in (host, member)] == [2, 2]
    assert bond(host, "Lacp").number("links_up") == 2
    assert metrics(host, "bond0").number("speed") == 10_000  # active-backup: one leg is active
    assert metrics(host, "bond1").number("speed") == 20_000
    assert bodies(host) == bodies(member) == []


def test_a_pulled_cable_shows_after_the_lag(sim: Simulation) -> None:
    host = sim.hosts[0]
    card(host, "eth2", on=False)
    until(lambda: not metrics(host, "eth2").flag("carrier"))
    assert metrics(host, "eth2").number("speed") == 0
    until(lambda: bond(host, "Both").number("links_up") == 1)
    until(lambda: bodies(host) == ["The status of the eth2+eth3 bond changed: 1/2 up (was 2/2)"])
    assert metrics(host, "bond0").flag("carrier")
    card(host, "eth3", on=False)
    until(lambda: not metrics(host, "bond0").flag("carrier"))
    assert bond(host, "Both").number("links_up") == 0


def test_a_member_tells_its_master(sim: Simulation) -> None:
    member = sim.hosts[1]
    card(member, "eth3", on=False)
    until(lambda: bodies(member) == ["The status of the eth2+eth3 bond changed: 1/2 up (was 2/2)"])


def test_what_a_member_could_not_tell_it_tells_when_its_master_is_back(sim: Simulation) -> None:
    master, member = sim.hosts
    card(master, "eth0", on=False)
    card(member, "eth3", on=False)
    card(member, "eth1", on=False)
    until(lambda: not metrics(master, "eth0").flag("carrier"))
    assert [metrics(member, device).flag("carrier") for device in ("eth1", "eth3")] == [True, True]
    card(master, "eth0", on=True)
    until(lambda: not metrics(member, "eth1").flag("carrier"))
    until(lambda: bodies(member) == ["The status of the eth2+eth3 bond changed: 1/2 up (was 2/2)"])


def test_a_leg_that_comes_back_waits_for_the_up_delay(sim: Simulation) -> None:
    """31 s (network.md 2.2); with LACP there is none."""
    host = sim.hosts[0]
    for device in ("eth3", "eth5"):
        card(host, device, on=False)
    until(lambda: [bond(host, name).number("links_up") for name in ("Both", "Lacp")] == [1, 1])
    sim.world.timing = replace(sim.world.timing, up_delay=SLOW)
    for device in ("eth3", "eth5"):
        card(host, device, on=True)
    until(lambda: bond(host, "Lacp").number("links_up") == 2)
    assert metrics(host, "eth3").flag("carrier")
    assert bond(host, "Both").number("links_up") == 1
    card(host, "eth2", on=False)
    until(lambda: metrics(host, "bond0").number("speed") == 10_000 and not metrics(host, "eth2").flag("carrier"))
    assert bond(host, "Both").number("links_up") == 1  # the last one that is left is used at once


def test_bond_status_messages_within_40_seconds(sim: Simulation) -> None:
    """network.md 5 [D]: a fresh bond without LACP says 1/2 up, then 2/2 up."""
    host = sim.hosts[0]
    plug = host.interfaces.plugs[bond(host, "Both").to("master", "PIF").to("network", "network").text("bridge")]
    host.interfaces.drop(plug.bridge)
    sim.world.timing = replace(sim.world.timing, up_delay=0.2)
    host.interfaces.put(plug)
    said = "The status of the eth2+eth3 bond"
    until(lambda: bodies(host) == [f"{said} is: 1/2 up", f"{said} changed: 2/2 up (was 1/2)"])
    assert bond(host, "Both").number("links_up") == 2


def test_a_bond_of_one_member_is_not_counted(sim: Simulation) -> None:
    """network.md 1.5: only bonds with more than one member are maintained."""
    host = sim.hosts[0]
    plug = host.interfaces.plugs[bond(host, "Both").to("master", "PIF").to("network", "network").text("bridge")]
    bond(host, "Both").set(links_up=0)
    host.interfaces.put(Plug(bridge=plug.bridge, nics=plug.nics[:1], mode=plug.mode))
    card(host, "eth0", on=False)
    until(lambda: not metrics(host, "eth0").flag("carrier"))
    assert bond(host, "Both").number("links_up") == 0


def test_ports_that_stop_speaking_lacp_take_the_links_down(sim: Simulation) -> None:
    host = sim.hosts[0]
    bridge = bond(host, "Lacp").to("master", "PIF").to("network", "network").text("bridge")
    host.interfaces.put(replace(host.interfaces.plugs[bridge], properties={"lacp-fallback-ab": "false"}))
    for port in ("4", "5"):
        change_port(sim.world, "s", port, {"lacp": "off"})
    until(lambda: bond(host, "Lacp").number("links_up") == 0)


def test_what_changed_while_the_toolstack_was_down_is_told_when_it_is_back(sim: Simulation) -> None:
    host = sim.hosts[0]
    sim.world.hush(host)
    card(host, "eth2", on=False)
    sim.world.restart(host, after=0)
    until(lambda: host.settled and bond(host, "Both").number("links_up") == 1)
    assert bodies(host) == ["The status of the eth2+eth3 bond changed: 1/2 up (was 2/2)"]
