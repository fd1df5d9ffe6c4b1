"""The rules of xe-reset-networking (network.md 8.4): what it refuses, and what it writes before it reboots."""

from collections.abc import Iterator

import pytest

from simulator.running import Simulation, running
from tests.simulator.console.person import Person, standing_before


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
