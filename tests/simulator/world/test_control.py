"""What the control API refuses, and how a path finds its code."""

import pytest

from simulator.running import Simulation
from tests.simulator.world.asking import ask


@pytest.mark.parametrize("headers", [{"Host": "lab.example"}, {"Origin": "http://lab.example"}, {"Origin": "null"}])
def test_no_web_page_may_rule_the_lab(sim: Simulation, headers: dict[str, str]) -> None:
    assert ask(sim, "POST", "/shutdown", **headers)[0] == 403
    assert not sim.control.asked_to_end.is_set()


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "delay", "seconds": "x"},
        {"kind": "delay", "seconds": -1},
        {"kind": "delay", "times": 0},
        {"kind": "delay", "skip": -1},
        {"kind": "delay", "data": {"device": 1}},
        {"kind": "delay", "id": 7},
        {"kind": "gremlins"},
        {},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(sim: Simulation, fault: dict[str, object]) -> None:
    status, said = ask(sim, "POST", "/faults", fault)
    assert (status, sim.world.faults.waiting()) == (400, [])
    assert said["error"]


def test_a_fault_may_last_until_it_is_removed(sim: Simulation) -> None:
    assert ask(sim, "POST", "/faults", {"kind": "wrong_password", "times": None})[0] == 200
    assert [sim.world.faults.happens("wrong_password", "any") for _ in range(3)] == [True] * 3


def test_a_fault_can_be_about_one_thing_of_many(sim: Simulation) -> None:
    sim.fault("wrong_password", data={"device": "eth1"})
    assert sim.world.faults.strikes("wrong_password", "any", device="eth0") is None
    assert sim.world.faults.strikes("wrong_password", "any", device="eth1")


def test_a_cable_can_be_pulled(sim: Simulation) -> None:
    status, said = ask(sim, "POST", f"/hosts/{sim.hosts[0].name}/carrier", {"nic": "eth1", "on": False})
    assert status == 200
    nics = said["nics"]
    assert isinstance(nics, list)
    assert [nic["carrier"] for nic in nics[:2]] == [True, False]
    assert ask(sim, "POST", f"/hosts/{sim.hosts[0].name}/carrier", {"nic": "eth99", "on": False})[0] == 404
    assert ask(sim, "POST", "/hosts/nobody/power", {"on": True})[0] == 404
