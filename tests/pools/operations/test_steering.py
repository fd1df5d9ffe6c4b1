"""The buttons of an operation under way."""

import pytest

from pools.models import AuditEntry, Grant, Operation, OperationState, ResourceLock, Role, StepState
from pools.services import operations
from pools.services.errors import NotAllowed, WrongState
from simulator.scenes.spoil_state import run_vm
from tests.fixtures.lab import Lab, lab_of, story
from tests.fixtures.people import make_person


@pytest.fixture
def refused(lab: Lab) -> Operation:
    """Named, and then refused at the join."""
    operation = lab.run_steps(lab.started(), 1)
    run_vm(lab.sim.hosts[1], lab.sim.hosts[0])
    lab.run(operation)
    assert operation.state == OperationState.NEEDS_ATTENTION, story(operation)
    return operation


def state_of(operation: Operation) -> str:
    operation.refresh_from_db()
    return operation.state


def name_of_pool(lab: Lab) -> str:
    return str(next(iter(lab.sim.hosts[0].database.records("pool").values()))["name_label"])


def test_stopping_waits_for_the_end_of_a_step_and_frees_the_servers(lab: Lab) -> None:
    operation = lab.run_steps(lab.started(), 1)
    operations.stop(operation=operation, user=lab.owner)
    assert state_of(operation) == OperationState.STOPPED
    assert not ResourceLock.objects.exists()
    assert lab.run(operation).steps.filter(state=StepState.PENDING).count() == 3


def test_a_stopped_operation_is_resumed_where_it_stopped(lab: Lab) -> None:
    operation = lab.run_steps(lab.started(), 1)
    operations.stop(operation=operation, user=lab.owner)
    operations.resume(operation=operation, user=lab.owner)
    assert lab.run(operation).state == OperationState.SUCCEEDED
    assert len(lab.sim.calls("pool.set_name_label")) == 1


def test_undoing_sets_the_old_name_again(lab: Lab, refused: Operation) -> None:
    assert name_of_pool(lab) == "One"
    operations.undo(operation=refused, user=lab.owner)
    assert lab.run(refused).state == OperationState.UNDONE, story(refused)
    assert name_of_pool(lab) == ""
    assert not ResourceLock.objects.exists()


def test_what_has_no_undo_is_refused_with_its_name(transactional_db: None) -> None:
    with lab_of("sixteen-standalone") as lab:
        operation = lab.run_steps(lab.started(lab.servers[:3]), 3)
        operations.stop(operation=operation, user=lab.owner)
        with pytest.raises(WrongState, match=r"Join .* cannot be undone"):
            operations.undo(operation=operation, user=lab.owner)


def test_skipping_a_join_leaves_out_what_rests_on_it(transactional_db: None) -> None:
    with lab_of("sixteen-standalone") as lab:
        operation = lab.run_steps(lab.started(lab.servers[:3]), 1)
        run_vm(lab.sim.host(lab.servers[1].uuid), lab.sim.hosts[0])
        lab.run(operation)
        step = operation.steps.get(state=StepState.FAILED)
        operations.skip_step(step=step, user=lab.owner, reason="later")
        assert lab.run(operation).state == OperationState.SUCCEEDED, story(operation)
        assert operation.steps.filter(state=StepState.SKIPPED).count() == 2
        assert len(lab.sim.hosts[0].database.records("host")) == 2


def test_abandoning_keeps_what_was_done_and_frees_the_servers(lab: Lab, refused: Operation) -> None:
    operations.abandon(operation=refused, user=lab.owner, reason="tomorrow")
    assert state_of(refused) == OperationState.STOPPED
    assert not ResourceLock.objects.exists()
    assert name_of_pool(lab) == "One"
    with pytest.raises(WrongState):
        operations.resume(operation=refused, user=lab.owner)


def test_a_plan_can_be_cancelled_before_it_runs(lab: Lab) -> None:
    operation = lab.planned()
    operations.cancel(operation=operation, user=lab.owner)
    assert state_of(operation) == OperationState.CANCELLED
    with pytest.raises(WrongState):
        operations.start(operation=operation, user=lab.owner)


def test_nobody_steers_without_the_role(lab: Lab, refused: Operation) -> None:
    stranger = make_person("stranger")
    step = refused.steps.get(state=StepState.FAILED)
    with pytest.raises(NotAllowed):
        operations.retry_step(step=step, user=stranger)
    with pytest.raises(NotAllowed):
        operations.abandon(operation=refused, user=stranger, reason="no")


def test_the_next_step_pauses_when_the_submitter_loses_his_role(lab: Lab) -> None:
    operation = lab.run_steps(lab.started(), 1)
    Grant.objects.filter(user=lab.owner).delete()
    lab.run(operation)
    assert operation.steps.get(seq=2).error_code == "XENWEB_RIGHT_LOST"
    assert not lab.sim.calls("pool.join")
    operations.retry_step(step=operation.steps.get(seq=2), user=make_person("olga", Role.OWNER))
    assert lab.run(operation).state == OperationState.SUCCEEDED


def test_every_changing_call_and_every_button_is_in_the_audit(lab: Lab, refused: Operation) -> None:
    operations.abandon(operation=refused, user=lab.owner, reason="tomorrow")
    actions = list(AuditEntry.objects.filter(operation=refused).order_by("pk").values_list("action", flat=True))
    assert actions.count("xapi.called") == 3
    assert actions[-1] == "operation.abandoned"
