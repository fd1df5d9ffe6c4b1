"""Random changes of cables, ports, bridges and power: who answers is who can be reached (issue 3, shown by)."""

from contextlib import ExitStack, suppress

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from simulator.running import running
from simulator.scenes.loader import parse
from simulator.world import reach
from simulator.world.host import HostMachine
from simulator.world.interfaces import Plug
from simulator.world.switches import change_port, connect, set_carrier
from tests.simulator.rpc import Rpc, XapiFailure
from tests.simulator.waiting import until

SCENE = """
name: random
hosts: [{name: one, cables: {eth0: s/1, eth1: s/2}}, {name: two, cables: {eth0: s/3, eth1: s/4}}, {name: three}]
pools: [{name: p, master: one, members: [two]}]
switches:
  - {name: s, ports: [{name: "1"}, {name: "2", vlans: [7]}, {name: "3", lacp: active}, {name: "4"}, {name: "5"}]}
"""
HOSTS, CARDS, PORTS = st.integers(0, 2), st.integers(0, 3), st.sampled_from("12345")
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "native": st.sampled_from([0, 0, 9]),
        "vlans": st.sampled_from([[], [7]]),
        "lacp": st.sampled_from(["off", "active"]),
        "fallback": st.booleans(),
    },
)


class Machines(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.sim = self.stack.enter_context(running(parse(SCENE, "random.yaml")))

    def teardown(self) -> None:
        self.stack.close()

    @rule(host=HOSTS, card=CARDS, on=st.booleans())
    def pull_or_plug(self, *, host: int, card: int, on: bool) -> None:
        machine = self.sim.hosts[host]
        nic = machine.hardware.nics[card]
        if nic.port or not on:
            set_carrier(machine, nic, on=on)

    @rule(host=HOSTS, card=CARDS, port=st.sampled_from(["", "flat", "s/5"]))
    def recable(self, host: int, card: int, port: str) -> None:
        machine = self.sim.hosts[host]
        taken = {nic.port for each in self.sim.hosts for nic in each.hardware.nics}
        if port in {"", "flat"} or port not in taken:
            connect(machine, machine.hardware.nics[card], port)

    @rule(port=PORTS, fields=FIELDS)
    def set_up_port(self, port: str, fields: dict[str, object]) -> None:
        change_port(self.sim.world, "s", port, fields)

    @rule(host=HOSTS, cards=st.sets(CARDS, min_size=1, max_size=2), mode=st.sampled_from(["lacp", "active-backup"]))
    def move_management(self, host: int, cards: set[int], mode: str) -> None:
        machine = self.sim.hosts[host]
        macs = tuple(machine.hardware.nics[card].mac for card in sorted(cards))
        machine.interfaces.put(Plug(bridge="random", nics=macs, mode=mode, address=machine.address))
        machine.interfaces.management = "random"

    @rule(host=HOSTS, on=st.booleans())
    def power(self, *, host: int, on: bool) -> None:
        machine = self.sim.hosts[host]
        (self.sim.world.power_on if on else self.sim.world.power_off)(machine)

    @invariant()
    def links_follow_the_world(self) -> None:
        for machine in self.sim.hosts:
            lit = reach.lit(machine, machine.interfaces.management)
            assert machine.reachable == reach.from_outside(machine) == bool(lit)
            for other in self.sim.hosts:
                assert reach.between(machine, other) == reach.between(other, machine)

    @invariant()
    def who_can_be_reached_answers(self) -> None:
        for machine in self.sim.hosts:
            if machine.powered and machine.reachable:
                until(lambda machine=machine: machine.up)  # type: ignore[misc]
                assert answers(machine)
            if not machine.powered:
                with pytest.raises(ConnectionRefusedError):
                    answers(machine)


def answers(machine: HostMachine) -> bool:
    """An emergency error is an answer too."""
    with suppress(XapiFailure):
        Rpc(machine).bare("system.isAlive:me")
    return True


TestMachines = Machines.TestCase
TestMachines.settings = settings(
    max_examples=8, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
