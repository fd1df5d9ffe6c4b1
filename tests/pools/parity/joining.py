"""What the report says of a join beforehand, and what pool.join then answers."""

from collections.abc import Iterator

from pools.checks.facts import Facts
from pools.checks.registry import run_checks
from simulator.running import Simulation
from simulator.world.host import HostMachine
from tests.pools.checks.test_against_simulator import answer_to_join, gather
from tests.simulator.waiting import until

MOST_ASKED = 6
MISMATCH = "LICENSE_HOST_POOL_MISMATCH"


def foretold(joiner: HostMachine, coordinator: HostMachine) -> list[str]:
    """Code and params of the first refusal that the report names, or nothing."""
    report = run_checks(Facts(coordinator=gather(coordinator), joining=(gather(joiner),)))
    found = report.first_refusal(joiner.uuid)
    return [found.code, *found.params] if found else []


def answered(joiner: HostMachine, coordinator: HostMachine) -> list[str]:
    """What XAPI says: code and params. A server that it lets in is awaited as a member."""
    answer = answer_to_join(joiner, coordinator)
    if not answer:
        until(lambda: is_member(joiner))
    return answer


def agree(before: list[str], after: list[str]) -> bool:
    """Code and params; which editions a licence daemon knows, and whether there is one, no record tells."""
    if after[:1] in (["V6D_FAILURE"], [MISMATCH]) and len(after) == 2:
        return before[:1] == [MISMATCH]
    return before == after


def pairs(sim: Simulation) -> Iterator[tuple[HostMachine, HostMachine]]:
    """Who may ask whom: no member does, nor is asked; a server that was let in is awaited as one."""
    alone = [machine for machine in sim.hosts if not machine.role.startswith("slave")]
    for joiner in reversed(alone):
        for coordinator in alone[:MOST_ASKED]:
            if joiner is not coordinator and not is_member(joiner) and not is_member(coordinator):
                yield joiner, coordinator


def is_member(machine: HostMachine) -> bool:
    return machine.role.startswith("slave")
