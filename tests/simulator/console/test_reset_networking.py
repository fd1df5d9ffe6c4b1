"""The rules of xe-reset-networking (network.md 8.4): what it refuses, and what it writes before it reboots."""

from collections.abc import Iterator

import pytest

from simulator.running import Simulation, running
from simulator.scenes.model import BondSpec, HostSpec, Scene
from tests.simulator.console.person import Person, standing_before
from tests.simulator.pool.joining import joined
from tests.simulator.rpc import Rpc
from tests.simulator.waiting import until


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulation]:
    with running("two-standalone") as found:
        yield found


@pytest.fixture
def person(sim: Simulation) -> Iterator[Person]:
    with standing_before(sim, sim.hosts[0]) as found:
        yield found


@pytest.mark.parametrize(
    "flags",
    [
        "--mode=sometimes",
        "--mode=none",
        "--mode=static --ip=127.0.0.9",
        "--mode=static --ip=nonsense --netmask=255.255.255.0",
        "--mode-v6=static --ipv6=fe80::1",
        "--vlan=5 --novlan",
        "--vlan=9999",
        "--master=127.0.0.2",
        "--colour=red",
    ],
)
def test_flags_that_do_not_fit_together_are_refused_before_anything_is_asked(person: Person, flags: str) -> None:
    assert "xe-reset-networking: error: " in person.type(f"xe-reset-networking --device=eth0 {flags}")
    assert person.type("echo $?") == "2\n"


def test_a_typing_error_in_the_mode_of_ipv6_passes(person: Person) -> None:
    person.send("xe-reset-networking --device=eth0 --mode-v6=sttic")
    person.expect("Type 'no' to cancel.\n")
    assert "Cancelled" in person.type("no")


def test_nothing_but_a_typed_yes_goes_on(person: Person, sim: Simulation) -> None:
    person.send("xe-reset-networking --device=eth1")
    assert "MODE: dhcp" in person.expect("Type 'no' to cancel.\n")
    person.type("y")
    assert sim.hosts[0].disk.network_reset == {}


def test_a_server_with_ha_armed_is_left_alone(person: Person, sim: Simulation) -> None:
    sim.hosts[0].disk.ha_armed = True
    assert "HA must be disabled" in person.type("xe-reset-networking --device=eth0")
    sim.hosts[0].disk.ha_armed = False


def test_the_next_start_has_one_card_with_the_address_that_was_typed() -> None:
    """network.md 8.4: PIFs, bonds and VLANs of the host go, networks stay, management is set up as written."""
    with running(bonded_scene()) as sim:
        host = sim.hosts[0]
        networks = {str(row["name_label"]) for row in host.database.records("network").values()}
        with standing_before(sim, host) as person:
            flags = f"--device=eth2 --mode=static --ip={host.address} --netmask=255.255.255.0 --dns=127.0.0.53"
            person.send(f"xe-reset-networking {flags}")
            person.expect("Type 'no' to cancel.\n")
            person.send("yes")
            person.log_in()
            person.expect(person.prompt)
            until(lambda: host.settled)
            assert person.type("xe pif-list management=true params=device,IP,DNS --minimal") == "eth2\n"
            assert person.type("xe pif-list physical=false --minimal") == ""
        assert {str(row["name_label"]) for row in host.database.records("network").values()} == networks
        assert (host.database.refs("Bond"), host.database.refs("VLAN"), host.disk.network_reset) == ([], [], {})
        assert Rpc(host).call("pool.get_all")


def test_a_vlan_that_was_there_keeps_its_network() -> None:
    with running(bonded_scene()) as sim, standing_before(sim, sim.hosts[0]) as person:
        host = sim.hosts[0]
        person.type("NET=$(xe network-list name-label=Guests --minimal)")
        person.type("xe vlan-create pif-uuid=$(xe pif-list device=eth3 --minimal) vlan=77 network-uuid=$NET")
        person.send(
            f"xe-reset-networking --device=eth3 --vlan=77 --mode=static --ip={host.address} --netmask=255.0.0.0"
        )
        person.expect("Type 'no' to cancel.\n")
        person.send("yes")
        person.log_in()
        person.expect(person.prompt)
        until(lambda: host.settled)
        assert person.type("xe pif-list management=true params=network-name-label --minimal") == "Guests\n"


def test_a_member_that_was_pointed_to_another_address_of_its_coordinator_looks_for_it_there(sim: Simulation) -> None:
    with running("two-standalone") as pool:
        member, master = pool.hosts
        joined(pool, member, master)
        until(lambda: member.settled)
        with standing_before(pool, member) as person:
            person.send("xe-reset-networking --master=127.9.9.9 --device=eth0 --mode=dhcp")
            person.expect("Type 'no' to cancel.\n")
            person.send("yes")
            until(lambda: member.role == "slave:127.9.9.9")
            assert member.pool_conf == "slave:127.9.9.9"


def bonded_scene() -> Scene:
    bond = BondSpec(network="Storage", nics=("eth0", "eth1"))
    return Scene(name="reset", hosts=(HostSpec(name="xs-01", networks=("Guests",), bonds=(bond,)),))
