"""A join by force: past a difference of software versions only, never alone, and proved right before the call."""

from collections.abc import Callable

import pytest

from pools import policy
from pools.models import Operation, OperationState, Role, StepState, User
from pools.operations.forcing import SKIPPED
from pools.policy import Decision
from pools.services import approvals, examination, forcing, operations
from pools.services.errors import ChecksFailed, NotAllowed, WrongState
from pools.services.supervision import right_lost_by
from simulator.scenes.rules import spoil
from simulator.world.host import HostMachine
from simulator.xapi.host.sync import refresh_host
from tests.fixtures.lab import Lab, story
from tests.fixtures.people import make_person
from tests.simulator.waiting import until

Change = Callable[[HostMachine, HostMachine], None]
REASON = "The updates are installed tomorrow night."


@pytest.fixture
def older(lab: Lab) -> Lab:
    """The joining server's toolstack is half a year older."""
    coordinator, joiner = lab.sim.hosts
    spoil("xapi-version", joiner, coordinator)
    return lab


@pytest.fixture
def second(transactional_db: None) -> User:
    return make_person("sara", Role.ADMINISTRATOR)


def examined(lab: Lab) -> Operation:
    operation = lab.draft()
    examination.ask(operation=operation, user=lab.owner)
    examination.run(str(operation.pk))
    operation.refresh_from_db()
    return operation


def forced(lab: Lab, reason: str = REASON) -> Operation:
    joiner = lab.servers[1].uuid
    operation = forcing.force(operation=examined(lab), user=lab.owner, server_uuid=joiner, reason=reason)
    return operations.make_plan(operation=operation, user=lab.owner)


def approved(lab: Lab, second: User) -> Operation:
    operation = forced(lab)
    operations.submit(operation=operation, user=lab.owner, plan_hash=operation.plan_hash, idempotency_key="1")
    approval = operation.approvals.get()
    approvals.decide(approval=approval, user=second, plan_hash=operation.plan_hash, approved=True)
    operation.refresh_from_db()
    return operation


def is_upgrading(coordinator: HostMachine) -> bool:
    pools = coordinator.database.records("pool").values()
    return any("rolling_upgrade_in_progress" in str(pool["other_config"]) for pool in pools)


def test_the_plan_says_what_is_skipped_and_why(older: Lab) -> None:
    operation = forced(older)
    step = operation.steps.get(kind="JoinPool")
    assert step.title == "Join xs-02 to the pool by force"
    assert step.call.startswith("Async.pool.join_force(")
    assert "pool-join" in step.xe
    assert "force=true" in step.xe
    assert SKIPPED in step.interruption
    assert (step.params["forced_reason"], "xapi 26.1;" in step.params["forced_difference"]) == (REASON, True)
    assert forced(older, "Another reason altogether.").plan_hash != operation.plan_hash


def test_without_a_reason_the_difference_stops_the_join_as_before(older: Lab) -> None:
    operation = examined(older)
    for reason in ("", "   because   ", "\u202e\u200b" * 30):
        with pytest.raises(WrongState, match="reason"):
            forcing.force(operation=operation, user=older.owner, server_uuid=older.servers[1].uuid, reason=reason)
    with pytest.raises(ChecksFailed):
        operations.make_plan(operation=operation, user=older.owner)


def test_a_force_taken_back_stops_the_join_again(older: Lab) -> None:
    operation = forced(older)
    joiner = older.servers[1].uuid
    anew = forcing.withdraw(operation=operation, user=older.owner, server_uuid=joiner)
    assert anew.draft["forced"] == {}
    with pytest.raises(ChecksFailed):
        operations.make_plan(operation=anew, user=older.owner)


def test_nobody_forces_a_join_alone(older: Lab) -> None:
    operation = forced(older)
    assert policy.decide(older.owner, operation) is Decision.ALONE
    with pytest.raises(NotAllowed, match="there is none"):
        operations.submit(operation=operation, user=older.owner, plan_hash=operation.plan_hash, idempotency_key="1")
    drafter = make_person("dora", Role.ADMINISTRATOR)
    Operation.objects.filter(pk=operation.pk).update(created_by=drafter)
    operation.refresh_from_db()
    assert policy.decide(older.owner, operation) is Decision.ALONE, "who made the choices may not approve them"


def test_an_approved_force_joins_with_join_force_once_and_becomes_a_pool(older: Lab, second: User) -> None:
    assert policy.decide(older.owner, forced(older)) is Decision.ASK
    operation = older.run(approved(older, second))
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    assert len(older.sim.calls("pool.join_force")) == 1
    assert older.sim.calls("pool.join") == []
    assert older.sim.hosts[1].role.startswith("slave")
    until(lambda: is_upgrading(older.sim.hosts[0]))
    assert policy.decide(older.owner, operation) is Decision.RUN, "nothing is forced any more"


def test_an_approval_carries_a_forced_run_as_long_as_the_approver_may_approve(older: Lab, second: User) -> None:
    operation = approved(older, second)
    assert right_lost_by(operation) == ""
    second.grants.all().delete()
    assert "who approved" in right_lost_by(operation)
    operation.approvals.all().delete()
    assert right_lost_by(operation) == older.owner.display_name


def other_vendor(coordinator: HostMachine, _joiner: HostMachine) -> None:
    """Of the pool, so that the joining server is what it was planned for."""
    database = coordinator.database
    for ref in database.records("pool"):
        database.set("pool", ref, cpu_info={"vendor": "AuthenticAMD"})


def vendor_unknown(coordinator: HostMachine, _joiner: HostMachine) -> None:
    for ref in coordinator.database.records("pool"):
        coordinator.database.set("pool", ref, cpu_info={})


def ha(coordinator: HostMachine, joiner: HostMachine) -> None:
    spoil("ha", joiner, coordinator)


def another_build(_coordinator: HostMachine, joiner: HostMachine) -> None:
    joiner.software["git_id"] = "1"
    refresh_host(joiner)


CHANGES: dict[str, tuple[Change, str]] = {
    "the pool's vendor is another one": (other_vendor, "Processors of different makers"),
    "the pool's vendor is not known": (vendor_unknown, "Not everything could be read"),
    "something else stops the join": (ha, "High availability"),
    "the versions are others": (another_build, "they are now"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_changed_since_the_approval_is_seen_right_before_the_call(older: Lab, second: User, name: str) -> None:
    change, said = CHANGES[name]
    operation = older.run_steps(approved(older, second), 1)
    change(*older.sim.hosts)
    older.run(operation)
    step = operation.steps.get(kind="JoinPool")
    assert (operation.state, step.state) == (OperationState.OPEN_POINTS, StepState.NEEDS_ATTENTION)
    assert step.error_code == "XENWEB_FACTS_CHANGED"
    assert said in step.error_params[0]
    assert older.sim.calls("pool.join_force") == []


def test_a_server_brought_up_to_date_meanwhile_is_joined_without_force(lab: Lab) -> None:
    operation = examined(lab)
    operation.draft["forced"] = {lab.servers[1].uuid: REASON}
    operation.save()
    planned = operations.make_plan(operation=operation, user=lab.owner)
    assert planned.steps.get(kind="JoinPool").call.startswith("Async.pool.join(")
    assert policy.decide(lab.owner, planned) is Decision.RUN
