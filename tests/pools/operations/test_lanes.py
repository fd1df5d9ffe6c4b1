"""A server in trouble parks its own lane: the others go on, and what is parked can be resumed."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pools import connections, inventories
from pools.models import Operation, OperationState, ResourceLock, Role, Step, StepState
from pools.operations import lanes
from pools.operations.states import UNSETTLED
from pools.services import host_add, operations
from pools.services.errors import ResourceBusy, WrongState
from pools.xapi.endpoint import Login
from simulator.scenes.spoil_state import run_vm
from simulator.world.host import HostMachine
from tests.fixtures.lab import Lab, claimable, lab_of, story
from tests.fixtures.people import make_person
from tests.pools.connected import join
from tests.simulator.rpc import Rpc
from tests.simulator.waiting import until

Asserts = Callable[[int], AbstractContextManager[object]]
STEPS_OF_A_LANE = 4
STATES = ["pending", "running", "verifying", "done", "skipped", "failed", "unknown", "needs_attention"]


@pytest.fixture
def four(transactional_db: None) -> Iterator[Lab]:
    """A coordinator to be, and three servers to join it."""
    with lab_of("sixteen-standalone", connected=4) as lab:
        yield lab


def spoil(lab: Lab, place: int) -> None:
    """A VM is started on a server after its plan was made."""
    run_vm(lab.sim.hosts[place], lab.sim.hosts[0])


def mend(lab: Lab, place: int) -> None:
    database = lab.sim.hosts[place].database
    for ref, vm in database.records("VM").items():
        if not vm["is_control_domain"]:
            database.set("VM", ref, power_state="Halted")


def lane(operation: Operation, lab: Lab, place: int) -> list[str]:
    """The states of one server's steps."""
    return list(operation.steps.filter(lane=lab.sim.hosts[place].uuid).values_list("state", flat=True))


def join_of(operation: Operation, lab: Lab, place: int) -> Step:
    return operation.steps.get(kind="JoinPool", lane=lab.sim.hosts[place].uuid)


def members(lab: Lab) -> set[str]:
    return {str(host["name_label"]) for host in lab.sim.hosts[0].database.records("host").values()}


def with_one_parked(lab: Lab) -> Operation:
    """The second of three joins is refused by XAPI."""
    operation = lab.run_steps(lab.started(), 1)
    spoil(lab, 2)
    assert lab.run(operation).state == OperationState.OPEN_POINTS, story(operation)
    return operation


def test_a_refused_server_holds_up_no_other_and_can_be_resumed(four: Lab) -> None:
    operation = with_one_parked(four)
    assert members(four) == {four.sim.hosts[place].name for place in (0, 1, 3)}
    assert join_of(operation, four, 2).error_code == "JOINING_HOST_CANNOT_HAVE_RUNNING_VMS"
    assert lane(operation, four, 2)[1:] == ["pending"] * (len(lane(operation, four, 2)) - 1)
    assert not ResourceLock.objects.exists()
    assert "1 waits" in operation.journal.filter(kind="operation").last().text  # type: ignore[union-attr]
    mend(four, 2)
    operations.resume(operation=operation, user=four.owner)
    assert four.run(operation).state == OperationState.SUCCEEDED, story(operation)
    assert members(four) == {host.name for host in four.sim.hosts[:4]}


def test_what_stands_around_the_lanes_is_done_again_for_what_is_resumed(four: Lab) -> None:
    operation = with_one_parked(four)
    confirming = operation.steps.get(kind="ConfirmPool")
    assert (confirming.state, confirming.attempts.count()) == (StepState.DONE, 1)
    mend(four, 2)
    operations.retry_step(step=join_of(operation, four, 2), user=four.owner)
    confirming.refresh_from_db()
    assert confirming.state == StepState.PENDING
    assert four.run(operation).state == OperationState.SUCCEEDED
    assert confirming.attempts.count() == 2
    assert len(four.sim.calls("pool.join")) == 4  # one refused, and one for each server


def test_every_server_in_trouble_waits_by_itself(four: Lab) -> None:
    operation = four.run_steps(four.started(), 1)
    spoil(four, 1)
    four.sim.world.power_off(four.sim.hosts[2])
    assert four.run(operation).state == OperationState.OPEN_POINTS, story(operation)
    codes = [join_of(operation, four, place).error_code for place in (1, 2, 3)]
    assert codes == ["JOINING_HOST_CANNOT_HAVE_RUNNING_VMS", "XENWEB_UNREACHABLE", ""]
    assert operation.steps.get(kind="ConfirmPool").state == StepState.DONE


def test_it_is_said_when_no_server_is_finished(four: Lab) -> None:
    operation = four.run_steps(four.started(four.servers[:3]), 1)
    spoil(four, 1)
    spoil(four, 2)
    assert four.run(operation).state == OperationState.OPEN_POINTS, story(operation)
    last = operation.journal.filter(kind="operation").last()
    assert last is not None
    assert last.text == "None is finished: 2 wait for a decision."


def test_no_lane_is_blamed_when_the_coordinator_does_not_answer(four: Lab, impatient: None) -> None:
    operation = four.run_steps(four.started(), 1)
    four.sim.world.power_off(four.sim.hosts[0])
    assert four.run(operation).state == OperationState.NEEDS_ATTENTION, story(operation)
    assert lane(operation, four, 2) == ["pending"] * len(lane(operation, four, 2))
    four.sim.world.power_on(four.sim.hosts[0])
    until(lambda: four.sim.hosts[0].up)
    assert four.run_again(operation).state == OperationState.SUCCEEDED, story(operation)


def test_a_changed_login_of_the_pool_stops_everything_until_it_is_renewed(four: Lab) -> None:
    operation = four.run_steps(four.started(), 1)
    known = connections.login_of(four.coordinator.pool)
    connections.save_login(four.coordinator.pool, Login(username="root", password="another one"), four.owner)
    assert four.run(operation).state == OperationState.NEEDS_ATTENTION
    connections.save_login(four.coordinator.pool, known, four.owner)
    assert four.run_again(operation).state == OperationState.SUCCEEDED, story(operation)


def test_a_lost_join_parks_in_doubt_and_is_not_sent_again_on_suspicion(four: Lab, impatient: None) -> None:
    operation = four.run_steps(four.started(), 1)
    four.sim.fault("host_record_lost", host="*", times=1)
    assert four.run(operation).state == OperationState.OPEN_POINTS, story(operation)
    lost = operation.steps.filter(lane=four.sim.hosts[1].uuid).exclude(error_code="").get()
    assert lost.state in {StepState.UNKNOWN, StepState.NEEDS_ATTENTION}
    operations.retry_step(step=lost, user=four.owner)
    four.run(operation)
    assert joins_of(four, 1) == 1
    assert {four.sim.hosts[2].name, four.sim.hosts[3].name} <= members(four)


def test_a_parked_server_can_be_tried_again_while_the_others_go_on(four: Lab) -> None:
    operation = four.run_steps(four.started(), 1)
    spoil(four, 1)
    four.run_steps(operation, 1)
    mend(four, 1)
    assert operation.state == OperationState.RUNNING
    operations.retry_step(step=join_of(operation, four, 1), user=four.owner)
    assert four.run(operation).state == OperationState.SUCCEEDED, story(operation)


def test_the_last_open_point_that_is_skipped_ends_it(four: Lab) -> None:
    operation = with_one_parked(four)
    operations.skip_step(step=join_of(operation, four, 2), user=four.owner, reason="it goes to another pool")
    operation.refresh_from_db()
    assert operation.state == OperationState.SUCCEEDED
    assert set(lane(operation, four, 2)) == {"skipped"}
    assert operation.steps.get(kind="ConfirmPool").attempts.count() == 1


def test_what_is_parked_waits_until_another_operation_lets_go_of_it(four: Lab) -> None:
    operation = with_one_parked(four)
    other = Operation.objects.create(kind="pool_create", title="Mend it", created_by=four.owner)
    held = ResourceLock.objects.create(resource=four.servers[2].resource, operation=other)
    with pytest.raises(ResourceBusy, match="Mend it"):
        operations.resume(operation=operation, user=four.owner)
    held.delete()
    operations.resume(operation=operation, user=four.owner)
    operation.refresh_from_db()
    assert operation.state == OperationState.RUNNING


def test_stopping_with_a_parked_lane_goes_on_behind_it_later(four: Lab) -> None:
    operation = four.run_steps(four.started(), 1)
    spoil(four, 1)
    four.run_steps(operation, 1)
    operations.stop(operation=operation, user=four.owner)
    operation.refresh_from_db()
    assert operation.state == OperationState.STOPPED
    operations.resume(operation=operation, user=four.owner)
    assert four.run(operation).state == OperationState.OPEN_POINTS
    assert four.sim.hosts[3].name in members(four)


def test_an_abandoned_rest_cannot_be_resumed(four: Lab) -> None:
    operation = with_one_parked(four)
    operations.abandon(operation=operation, user=four.owner, reason="it is scrapped")
    with pytest.raises(WrongState):
        operations.resume(operation=operation, user=four.owner)


def test_a_server_that_another_tool_took_into_its_own_pool_is_left_alone(four: Lab) -> None:
    operation = four.run_steps(four.started(), 1)
    joined_elsewhere(four.sim.hosts[2], four.sim.hosts[9])
    assert four.run(operation).state == OperationState.OPEN_POINTS, story(operation)
    step = join_of(operation, four, 2)
    assert step.error_code in {"XENWEB_FACTS_CHANGED", "HOST_IS_SLAVE"}
    assert joins_of(four, 2) == 1  # the other tool's


def joined_elsewhere(joiner: HostMachine, coordinator: HostMachine) -> None:
    """Somebody uses another tool meanwhile."""
    join(joiner, coordinator)


def joins_of(lab: Lab, place: int) -> int:
    """How often a server was told to join a pool, by whomever."""
    return sum(call.host == lab.sim.hosts[place].name for call in lab.sim.calls("pool.join"))


def test_a_server_that_another_tool_brought_into_this_pool_is_done(four: Lab) -> None:
    operation = four.run_steps(four.started(), 1)
    joined_elsewhere(four.sim.hosts[2], four.sim.hosts[0])
    assert four.run(operation).state == OperationState.SUCCEEDED, story(operation)
    assert joins_of(four, 2) == 1


def test_no_server_is_sent_to_a_coordinator_that_the_pool_no_longer_has(four: Lab) -> None:
    operation = four.run_steps(four.started(), 1 + STEPS_OF_A_LANE)
    old, new = four.sim.hosts[:2]
    Rpc(old).call("pool.designate_new_master", new.ref)
    until(lambda: new.role == "master" and new.up and old.up)
    assert four.run(operation).state == OperationState.NEEDS_ATTENTION, story(operation)
    step = join_of(operation, four, 2)
    assert (step.error_code, step.error_params) == ("XENWEB_COORDINATOR_MOVED", [old.name, new.address])
    assert joins_of(four, 2) == joins_of(four, 3) == 0
    operations.abandon(operation=operation, user=four.owner, reason="planned anew")
    inventories.refresh(four.coordinator.pool)
    anew = host_add.begin(user=four.owner, pool=four.coordinator.pool, servers=four.servers[2:])
    planned = operations.make_plan(operation=anew, user=four.owner)
    assert four.run(operations.start(operation=planned, user=four.owner)).state == OperationState.SUCCEEDED


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(STATES)), min_size=1, max_size=7))
def test_what_may_be_claimed_is_what_comes_next(four_rows: Operation, drawn: list[tuple[str, str]]) -> None:
    """The engine's SQL and its Python say the same, whatever states the lanes are in; A stands around the lanes."""
    four_rows.steps.all().delete()
    Step.objects.bulk_create(
        Step(operation=four_rows, seq=seq, kind="JoinPool", lane=lane, parks=lane != "A", state=state)
        for seq, (lane, state) in enumerate(drawn, start=1)
    )
    following = lanes.following(lanes.steps_of(four_rows))
    ready = following is not None and following.state not in UNSETTLED
    assert claimable(four_rows) == (following.pk if ready and following else None)


@pytest.fixture
def four_rows(transactional_db: None) -> Operation:
    owner = make_person("olivia", Role.OWNER)
    return Operation.objects.create(kind="pool_create", created_by=owner, state=OperationState.RUNNING)


@pytest.mark.django_db
def test_what_comes_next_is_one_query_however_many_steps_there_are(django_assert_num_queries: Asserts) -> None:
    operation = Operation.objects.create(kind="host_add", created_by=make_person("olivia", Role.OWNER))
    Step.objects.bulk_create(Step(operation=operation, seq=seq, title="s", lane=str(seq // 4)) for seq in range(64))
    with django_assert_num_queries(1):
        following = lanes.following(lanes.steps_of(operation))
    assert following is not None
    assert following.seq == 0
