"""A coordinator that is dead: another server takes the pool over, on evidence and a typed statement."""

from collections.abc import Iterator

import pytest

from pools import inventories
from pools.models import Operation, OperationState
from pools.services import answers, coordinator_promote, operations
from pools.services.errors import ChecksFailed
from simulator.scenes.loader import load
from simulator.world.role import slave_of
from tests.fixtures.lab import story
from tests.pools.connected import server_of
from tests.pools.operations.after_join.adding import step
from tests.pools.operations.removal.removing import Removing, removing
from tests.simulator.rpc import Rpc
from tests.simulator.waiting import until


@pytest.fixture
def four(transactional_db: None) -> Iterator[Removing]:
    with removing(load("pool-of-four"), "four-1") as found:
        yield found


def lose(lab: Removing, name: str) -> None:
    lab.sim.world.power_off(lab.sim.host(name))


def draft(lab: Removing, heir: str, stated: str = "four-1") -> Operation:
    operation = coordinator_promote.begin(user=lab.owner, pool=lab.pool)
    server = server_of(lab.sim.host(heir))
    return coordinator_promote.choose(operation=operation, user=lab.owner, heir=server, stated=stated)


def planned(lab: Removing, heir: str) -> Operation:
    return operations.make_plan(operation=draft(lab, heir), user=lab.owner)


def refusals(lab: Removing, operation: Operation) -> set[str]:
    with pytest.raises(ChecksFailed):
        operations.make_plan(operation=operation, user=lab.owner)
    operation.refresh_from_db()
    report = answers.report_in(operation.report)
    assert report is not None
    return {finding.code for finding in report.errors}


def test_a_member_takes_over_and_the_others_follow_it(four: Removing) -> None:
    lose(four, "four-1")
    operation = four.lab.run(operations.start(operation=planned(four, "four-3"), user=four.owner))
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    four.pool.refresh_from_db()
    assert four.pool.coordinator == server_of(four.sim.host("four-3"))
    assert [host.role for host in four.sim.hosts[1:]].count("master") == 1
    assert len(four.sim.calls("pool.emergency_transition_to_master")) == 1
    heir = four.sim.host("four-3")
    assert {host.role for host in four.sim.hosts[1:] if host != heir} == {slave_of(heir.address)}


def test_a_member_in_maintenance_follows_without_being_enabled(four: Removing) -> None:
    Rpc(four.sim.host("four-1")).call("host.disable", four.sim.host("four-2").ref, False)
    inventories.refresh(four.pool)
    lose(four, "four-1")
    operation = four.lab.run(operations.start(operation=planned(four, "four-3"), user=four.owner))
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    assert operation.steps.get(kind="GatherMembers").params["resting"] == [four.sim.host("four-2").uuid]


def test_nobody_takes_over_from_a_coordinator_that_answers(four: Removing) -> None:
    assert "XENWEB_IT_ANSWERS" in refusals(four, draft(four, "four-3"))
    lose(four, "four-1")
    operation = planned(four, "four-3")
    four.sim.world.power_on(four.sim.host("four-1"))
    until(lambda: four.sim.host("four-1").up)
    four.lab.run(operations.start(operation=operation, user=four.owner))
    assert operation.steps.filter(state="done").count() == 0
    assert four.sim.calls("pool.emergency_transition_to_master") == []


def test_what_was_not_typed_and_who_is_silent_is_refused(four: Removing) -> None:
    lose(four, "four-1")
    lose(four, "four-2")
    assert refusals(four, draft(four, "four-2", stated="four")) == {"XENWEB_NOT_STATED_DEAD", "XENWEB_HEIR_SILENT"}
    assert "XENWEB_NO_HEIR" in refusals(four, draft(four, "four-1"))


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_a_lost_reply_promotes_nobody_twice(four: Removing, impatient: None, fault: str) -> None:
    lose(four, "four-1")
    four.sim.fault(fault, method="pool.emergency_transition_to_master")
    operation = four.lab.run(operations.start(operation=planned(four, "four-3"), user=four.owner))
    promotion = step(operation, "PromoteMember")
    assert promotion.state == ("done" if fault == "drop_after" else "unknown"), story(operation)
    assert len(four.sim.calls("pool.emergency_transition_to_master")) <= 1
