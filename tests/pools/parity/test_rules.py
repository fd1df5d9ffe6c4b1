"""Each rule of xapi's pre_join_checks: what the report says beforehand is what pool.join then answers."""

from collections.abc import Iterator

import pytest

from simulator.running import Simulation, running
from simulator.scenes.rules import SPOILERS
from tests.pools.parity.joining import agree, answered, foretold, pairs

SCENES = ("every-join-refusal", "mixed-vendors", "cpu-generations", "ibm-cloud", "old-and-new")
COORDINATORS = {"pool-size": "trio-1"}  # the check looks at pools of three


@pytest.fixture(scope="module")
def refusals() -> Iterator[Simulation]:
    """A server for every rule, and a sound one to be joined, or to join; a refused join changes nothing."""
    with running("every-join-refusal") as found:
        yield found


@pytest.mark.parametrize("name", SPOILERS, ids=[f"{each.rule} {name}" for name, each in SPOILERS.items()])
def test_a_rule_is_foretold_as_xapi_answers_it(refusals: Simulation, name: str) -> None:
    spoiled, other = refusals.host(name), refusals.host(COORDINATORS.get(name, "sound"))
    joiner, coordinator = (spoiled, other) if SPOILERS[name].side == "joiner" else (other, spoiled)
    before, after = foretold(joiner, coordinator), answered(joiner, coordinator)
    assert after
    assert agree(before, after), (before, after)


@pytest.mark.parametrize("scene", SCENES)
def test_every_server_of_a_scene_is_answered_as_foretold(scene: str) -> None:
    """Each joins the first pool or server that takes it; what others refuse it is compared on the way."""
    with running(scene) as sim:
        differing = [
            (joiner.name, coordinator.name, before, after)
            for joiner, coordinator in pairs(sim)
            for before, after in [(foretold(joiner, coordinator), answered(joiner, coordinator))]
            if not agree(before, after)
        ]
    assert differing == []
