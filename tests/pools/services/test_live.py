"""An operation as its page shows it: lanes, how far, how long, what is wrong."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from pools.models import Approval, Attempt, Operation, OperationState, Server, Step, StepState, User
from pools.services import keeping, live
from tests.fixtures.people import Places


@pytest.fixture
def operation(planned: Operation, places: Places) -> Operation:
    """Two steps on our pool's first server, one for no server."""
    server = places.ours.servers.get()
    planned_for = {"host_uuid": server.uuid, "host_name": server.name_label}
    for seq, (where, seconds) in enumerate([(server.uuid, 30.0), ("", 10.0), (server.uuid, 60.0)], start=1):
        named = {"kind": "JoinPool", "title": f"Step {seq}", "lane": where, "params": planned_for if where else {}}
        Step.objects.create(operation=planned, seq=seq, expected_seconds=seconds, **named)
    return planned


def set_states(operation: Operation, *states: StepState) -> None:
    for seq, state in enumerate(states, start=1):
        operation.steps.filter(seq=seq).update(state=state)


def test_lanes_come_in_the_order_of_their_first_step(operation: Operation, places: Places) -> None:
    page = live.page(operation)
    assert [(lane.name, lane.total) for lane in page.lanes] == [("Our pool’s first", 2), ("The pool", 1)]
    assert len(page.steps) == 3


def test_lanes_keep_the_names_of_the_plan_when_their_servers_are_let_go(operation: Operation, places: Places) -> None:
    coordinator = {"coordinator_uuid": "c", "coordinator_name": "Our second", "host_uuid": "h", "host_name": "other"}
    Step.objects.create(operation=operation, seq=4, kind="NamePool", title="Name", lane="c", params=coordinator)
    Operation.objects.update(state=OperationState.SUCCEEDED)
    keeping.disconnect(pool=places.ours, user=operation.created_by)
    page = live.page(operation)
    assert [(lane.name, lane.icon) for lane in page.lanes] == [
        ("Our pool’s first", "server"), ("The pool", "layers"), ("Our second", "server"),
    ]  # fmt: skip
    assert len({lane.key for lane in page.lanes}) == 3


def test_progress_weighs_steps_by_their_expected_time(operation: Operation) -> None:
    set_states(operation, StepState.DONE, StepState.RUNNING)
    operation.steps.filter(seq=2).update(progress=0.5)
    page = live.page(operation)
    assert page.percent == 35
    assert (page.done, page.expected) == (1, 100)
    assert page.lanes[0].progress == pytest.approx(30 / 90)


def test_nothing_is_complete_before_it_is_verified(operation: Operation) -> None:
    set_states(operation, StepState.DONE, StepState.SKIPPED, StepState.VERIFYING)
    operation.steps.filter(seq=3).update(progress=1.0)
    assert live.page(operation).percent == 99


@pytest.mark.parametrize(
    ("states", "lane_state"),
    [
        ((StepState.PENDING,), "pending"),
        ((StepState.RUNNING,), "running"),
        ((StepState.DONE,), "pending"),
        ((StepState.FAILED,), "needs_attention"),
        ((StepState.DONE, StepState.PENDING, StepState.UNKNOWN), "needs_attention"),
        ((StepState.DONE, StepState.PENDING, StepState.SKIPPED), "done"),
        ((StepState.SKIPPED, StepState.PENDING, StepState.SKIPPED), "skipped"),
        ((StepState.UNDONE, StepState.PENDING, StepState.SKIPPED), "undone"),
    ],
)
def test_a_lane_says_in_one_word_how_it_stands(
    operation: Operation, states: tuple[StepState, ...], lane_state: str
) -> None:
    set_states(operation, *states)
    assert live.page(operation).lanes[0].state == lane_state


def test_progress_of_undoing_counts_the_changes_that_are_taken_back(operation: Operation) -> None:
    set_states(operation, StepState.UNDONE, StepState.SKIPPED, StepState.DONE)
    operation.steps.exclude(seq=2).update(call="pool.set_name_label")
    operation.state = OperationState.UNDOING
    page = live.page(operation)
    assert (page.undone, page.changes, page.percent) == (1, 2, 50)


def test_a_lane_where_undoing_stopped_needs_attention(operation: Operation) -> None:
    set_states(operation, StepState.DONE, StepState.SKIPPED, StepState.SKIPPED)
    operation.steps.filter(seq=1).update(error_code="XENWEB_TIMEOUT", call="pool.set_name_label")
    page = live.page(operation)
    assert [lane.state for lane in page.lanes] == ["needs_attention", "skipped"]
    assert page.percent == 0


def test_the_step_in_trouble_is_explained_with_its_evidence(operation: Operation) -> None:
    step = operation.steps.get(seq=3)
    step.state, step.error_code, step.error_params = StepState.FAILED, "HOST_IS_SLAVE", ["10.0.0.7"]
    step.save()
    Attempt.objects.create(step=step, number=1, fence=1, evidence={"Proved": "nothing yet"})
    operation.state = OperationState.NEEDS_ATTENTION
    page = live.page(operation)
    assert page.trouble == step
    assert page.trouble_explained is not None
    assert page.trouble_explained.params == ("10.0.0.7",)
    assert page.evidence == {"Proved": "nothing yet"}


def test_without_trouble_there_is_nothing_to_explain(operation: Operation) -> None:
    page = live.page(operation)
    assert (page.trouble, page.trouble_explained, page.evidence) == (None, None, {})


def test_a_refusal_names_who_refused_and_why(operation: Operation, adam: User, bob: User) -> None:
    assert live.page(operation).refusal == "The request was refused."
    Approval.objects.create(
        operation=operation, plan_hash="a" * 64, asked_by=bob, decided_by=adam, approved=False, note="Not on a Friday."
    )
    assert live.page(operation).refusal == "adam refused it: Not on a Friday."


def test_time_runs_from_the_start_to_the_end_and_not_on(operation: Operation) -> None:
    assert live.page(operation).elapsed == 0
    operation.started_at = timezone.now() - timedelta(seconds=90)
    assert live.page(operation).elapsed == pytest.approx(90, abs=5)
    operation.finished_at = operation.started_at + timedelta(seconds=12)
    assert live.page(operation).elapsed == 12


@pytest.mark.parametrize("state", OperationState)
def test_what_may_go_on_is_not_over(operation: Operation, state: OperationState) -> None:
    operation.state = state
    assert live.page(operation).over == (state in {"succeeded", "undone", "cancelled", "refused"})


def test_a_page_costs_one_query_however_many_servers(
    operation: Operation, places: Places, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(16):
        uuid = f"server-{number}"
        server = Server.objects.create(uuid=uuid, pool=places.ours, name_label=uuid, address="10.0.0.1")
        operation.servers.add(server)
        Step.objects.create(operation=operation, seq=10 + number, kind="JoinPool", title="Join", lane=uuid)
    with django_assert_num_queries(1):
        page = live.page(operation)
        assert len(page.lanes) == 18
        assert page.percent == 0
