"""Whatever is done to a lab in whatever order: what must hold of it holds, and no call ends in an error page.

Operations stand in the tables of rules_*.py; each may refuse.
"""

from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from simulator.database import Database
from simulator.running import running
from simulator.scenes.loader import parse
from simulator.schema import schema
from tests.simulator import rules_hosts, rules_network, rules_pool
from tests.simulator.invariants import CRASHED, SCENE, Lab, bonded_twice, dangling, homeless_pifs, lasting, outdated
from tests.simulator.operations import WORLD, perform
from tests.simulator.rules_allowed import CALLS, try_out

OPERATIONS = rules_network.OPERATIONS | rules_hosts.OPERATIONS | rules_pool.OPERATIONS
PICKS = st.lists(st.integers(0, 999), min_size=6, max_size=6)
FEW = settings(
    max_examples=8,
    stateful_step_count=18,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # a failure is told at once: to find a shorter one would take minutes
)


class Anything(RuleBasedStateMachine):
    """A pool of three and a server alone, and somebody who does whatever comes to mind."""

    def __init__(self) -> None:
        super().__init__()
        self.ended = ExitStack()
        self.lab = Lab(self.ended.enter_context(running(parse(SCENE, "anything.yaml"))))

    @rule(method=st.sampled_from(sorted(OPERATIONS)), picks=PICKS)
    def call(self, method: str, picks: list[int]) -> None:
        assert perform(self.lab, method, OPERATIONS[method], iter(picks)) != CRASHED

    @rule(operation=st.sampled_from(sorted(CALLS)), picks=PICKS)
    def try_what_is_allowed_and_what_is_not(self, operation: tuple[str, str], picks: list[int]) -> None:
        tried = try_out(self.lab, operation, iter(picks))
        assert tried.refused != CRASHED
        assert tried.holds, tried

    @rule(what=st.sampled_from(sorted(WORLD)), picks=PICKS)
    def change_the_world(self, what: str, picks: list[int]) -> None:
        WORLD[what](self.lab, iter(picks))

    @invariant()
    def everything_holds(self) -> None:
        self.lab.rest()
        assert lasting(self.lab) == []

    def teardown(self) -> None:
        self.ended.close()


def test_random_operations_never_break_what_must_hold() -> None:
    run_state_machine_as_test(Anything, settings=FEW)


def damaged(cls: str, **fields: object) -> Database:
    database = Database(schema())
    host = database.create("host")
    pifs = [database.create("PIF", host=host, network=database.create("network")) for _ in range(2)]
    database.create("Bond", slaves=pifs)
    for ref in database.refs(cls):
        database.set(cls, ref, **fields)
    return database


@pytest.mark.parametrize(
    ("look", "cls", "fields"),
    [
        (dangling, "PIF", {"network": "OpaqueRef:gone"}),
        (dangling, "host", {"PBDs": ["OpaqueRef:gone"]}),
        (homeless_pifs, "PIF", {"host": "OpaqueRef:gone"}),
        (bonded_twice, "PIF", {"bond_slave_of": "OpaqueRef:gone"}),
        (outdated, "host", {"allowed_operations": ["dance"]}),
    ],
)
def test_what_does_not_hold_is_seen(look: object, cls: str, fields: dict[str, object]) -> None:
    assert callable(look)
    assert list(look(damaged(cls, **fields)))
