"""The repairs of network.md 3.9 work here as they would on real servers."""

from collections.abc import Iterator

import pytest

from simulator.running import Simulation, running
from simulator.world.host import HostMachine
from simulator.xapi.rows import Row, first, rows
from tests.simulator.console.person import standing_before
from tests.simulator.rpc import Rpc
from tests.simulator.waiting import until


def network(host: HostMachine, label: str) -> Row:
    found = first(host.database, "network", name_label=label)
    assert found
    return found


def on_network(host: HostMachine, label: str) -> Row | None:
    return first(host.database, "PIF", host=host.ref, network=network(host, label).ref)


def card(host: HostMachine, device: str) -> str:
    found = first(host.database, "PIF", host=host.ref, device=device, physical=True)
    assert found
    return found.ref


def members(host: HostMachine, label: str) -> list[str]:
    pif = on_network(host, label)
    bond = first(host.database, "Bond", master=pif.ref) if pif else None
    return sorted(each.text("device") for each in bond.all("slaves", "PIF")) if bond else []


def bond_on(host: HostMachine, label: str) -> str:
    pif = on_network(host, label)
    assert pif
    return pif.items("bond_master_of")[0]


def restarted(sim: Simulation, host: HostMachine) -> None:
    Rpc(sim.hosts[0]).call("host.restart_agent", host.ref)
    until(lambda: not host.settled)
    until(lambda: host.settled)


def test_r3_bonds_that_are_crossed_are_uncrossed_for_good() -> None:
    """Addresses were dragged along when they were crossed, and come back with their cards; VLANs would, too."""
    with running("ibm-cloud") as sim:
        host, master = sim.host("ibm-3"), Rpc(sim.hosts[0])
        assert members(host, "Private bond") == ["eth1", "eth3"]
        [vlan] = [row for row in rows(host.database, "PIF", host=host.ref) if row.number("VLAN") == 1100]
        master.call("VLAN.destroy", vlan.text("VLAN_master_of"))
        for label in ("Private bond", "Public bond"):
            master.call("Bond.destroy", bond_on(host, label))
        for label, devices in (("Private bond", ("eth0", "eth2")), ("Public bond", ("eth1", "eth3"))):
            pifs = [card(host, device) for device in devices]
            master.call("Bond.create", network(host, label).ref, pifs, "", "lacp", {})
        below = on_network(host, "Private bond")
        assert below
        master.call("VLAN.create", below.ref, 1100, network(host, "Storage 1100").ref)
        restarted(sim, host)
        assert members(host, "Private bond") == ["eth0", "eth2"]
        assert members(host, "Public bond") == ["eth1", "eth3"]
        management, public = on_network(host, "Private bond"), on_network(host, "Public bond")
        assert management
        assert public
        assert (management.flag("management"), management.text("IP"), public.text("IP")) == (
            True, host.address, "203.0.113.13",
        )  # fmt: skip
        assert host.reachable


@pytest.fixture(scope="module")
def museum() -> Iterator[Simulation]:
    with running("bond-museum") as found:
        yield found


@pytest.mark.parametrize("name", ["m01-missing", "m03-partial", "m11-no-vlan"])
def test_r7_a_restart_of_the_toolstack_makes_what_is_missing(museum: Simulation, name: str) -> None:
    host = museum.host(name)
    restarted(museum, host)
    assert members(host, "Storage bond") == ["eth2", "eth3"]
    assert on_network(host, "Guests 10")


def test_r8_a_network_reset_at_the_console_gets_bonds_and_vlans_from_the_master(museum: Simulation) -> None:
    host = museum.host("m05-crossed")
    assert members(host, "Storage bond") == ["eth0", "eth1"]
    with standing_before(museum, host) as person:
        flags = f"--device=eth0 --mode=static --ip={host.address} --netmask=255.255.255.0"
        person.send(f"xe-reset-networking {flags}")
        person.expect("Type 'no' to cancel.\n")
        person.send("yes")
        until(lambda: not host.settled)
        until(lambda: host.settled)
    assert (members(host, "Management bond"), members(host, "Storage bond")) == (["eth0", "eth1"], ["eth2", "eth3"])
    management = on_network(host, "Management bond")
    assert management
    assert management.flag("management")
    assert on_network(host, "Guests 20")
    assert host.reachable
