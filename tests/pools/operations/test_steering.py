"""The buttons of an operation under way."""

from datetime import timedelta

import pytest
from django.utils import timezone

from pools.models import AuditEntry, Grant, Operation, OperationState, ResourceLock, Role, Step, StepState
from pools.operations import claims
from pools.operations.naming import NamePool
from pools.services import approvals, live, operations
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
    assert operation.state == OperationState.OPEN_POINTS, story(operation)
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
    assert lab.run(operation).steps.filter(state=StepState.PENDING).count() == 5


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


def test_the_time_of_a_step_that_failed_does_not_run_on(refused: Operation) -> None:
    step = refused.steps.get(state=StepState.FAILED)
    assert step.started_at
    assert step.finished_at
    assert step.started_at <= step.finished_at <= timezone.now()


def test_skipping_a_join_leaves_out_what_rests_on_it(transactional_db: None) -> None:
    with lab_of("sixteen-standalone") as lab:
        operation = lab.run_steps(lab.started(lab.servers[:3]), 1)
        run_vm(lab.sim.host(lab.servers[1].uuid), lab.sim.hosts[0])
        lab.run(operation)
        step = operation.steps.get(state=StepState.FAILED)
        operations.skip_step(step=step, user=lab.owner, reason="later")
        assert lab.run(operation).state == OperationState.SUCCEEDED, story(operation)
        assert operation.steps.filter(state=StepState.SKIPPED).count() == 4
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


def named_by_operator(lab: Lab) -> Operation:
    """Asked for by a junior, approved by an administrator, and named."""
    junior, admin = make_person("jun", Role.OPERATOR), make_person("adam", Role.ADMINISTRATOR)
    operation = lab.planned(user=junior)
    asked = approvals.ask(operation=operation, user=junior)
    approvals.decide(approval=asked, user=admin, plan_hash=operation.plan_hash, approved=True)
    return lab.run_steps(operation, 1)


def test_when_the_approver_loses_his_role_he_is_named_and_an_owner_can_take_over(lab: Lab) -> None:
    operation = lab.run(lose(named_by_operator(lab), "adam"))
    step = operation.steps.get(seq=2)
    assert (step.error_code, step.error_params) == ("XENWEB_RIGHT_LOST", ["adam, who approved,"])
    operations.retry_step(step=step, user=lab.owner)
    assert lab.run(operation).state == OperationState.SUCCEEDED, story(operation)


def lose(operation: Operation, username: str) -> Operation:
    Grant.objects.filter(user__username=username).delete()
    return operation


def test_the_submitter_may_stop_and_resume_what_was_approved_for_him(lab: Lab) -> None:
    operation = named_by_operator(lab)
    junior = operation.submitted_by
    assert junior
    operations.stop(operation=operation, user=junior)
    operations.resume(operation=operation, user=junior)
    with pytest.raises(NotAllowed):
        operations.undo(operation=operation, user=junior)
    assert lab.run(operation).state == OperationState.SUCCEEDED


@pytest.fixture
def stuck(lab: Lab, refused: Operation) -> Operation:
    """Undoing failed at its first step."""
    lab.sim.fault("drop_before", host=lab.sim.hosts[0].name, method="pool.set_name_label")
    operations.undo(operation=refused, user=lab.owner)
    return lab.run(refused)


def test_undoing_that_fails_asks_a_person_and_says_at_which_step(stuck: Operation) -> None:
    page = live.page(stuck)
    assert stuck.state == OperationState.NEEDS_ATTENTION, story(stuck)
    assert page.trouble == stuck.steps.get(seq=1)
    assert page.trouble_explained
    assert "Undo again" in page.evidence["Choices"]


def test_undoing_that_failed_can_be_tried_again(lab: Lab, stuck: Operation) -> None:
    operations.undo(operation=stuck, user=lab.owner)
    assert lab.run(stuck).state == OperationState.UNDONE, story(stuck)
    assert name_of_pool(lab) == ""


def test_undoing_that_failed_can_be_left_as_it_is(lab: Lab, stuck: Operation) -> None:
    operations.abandon(operation=stuck, user=lab.owner, reason="the name may stay")
    assert state_of(stuck) == OperationState.STOPPED
    assert not ResourceLock.objects.exists()


def test_an_undo_that_breaks_in_an_unforeseen_way_does_not_go_on_for_ever(
    lab: Lab, refused: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NamePool, "undo", lambda _self, _ctx: 1 / 0)
    operations.undo(operation=refused, user=lab.owner)
    assert lab.run(refused).state == OperationState.NEEDS_ATTENTION, story(refused)
    assert refused.steps.get(seq=1).error_code == "XENWEB_INTERNAL"


def test_a_step_kind_that_is_gone_cannot_be_undone_and_says_so(lab: Lab, refused: Operation) -> None:
    refused.steps.filter(seq=1).update(kind="Gone")
    operations.undo(operation=refused, user=lab.owner)
    assert lab.run(refused).state == OperationState.NEEDS_ATTENTION, story(refused)
    assert refused.steps.get(seq=1).error_code == "XENWEB_STEP_KIND_GONE"


def test_undoing_needs_the_right_of_who_answers_for_it(lab: Lab, refused: Operation) -> None:
    operations.undo(operation=refused, user=lab.owner)
    lose(refused, lab.owner.username)
    assert lab.run(refused).state == OperationState.NEEDS_ATTENTION, story(refused)
    assert refused.steps.get(kind="ConfirmPool").error_code == "XENWEB_RIGHT_LOST"
    assert name_of_pool(lab) == "One"


def test_patience_begins_when_a_worker_does(lab: Lab) -> None:
    """A step was claimed, nothing was sent, and no worker was there for ten minutes."""
    operation = lab.run_steps(lab.started(), 1)
    join = operation.steps.get(seq=2)
    claims.claim(join.pk)
    Step.objects.filter(pk=join.pk).update(started_at=timezone.now() - timedelta(minutes=10), lease_until=None)
    assert lab.run(operation).state == OperationState.SUCCEEDED, story(operation)


def test_another_owner_undoes_what_a_person_without_rights_left(lab: Lab, refused: Operation) -> None:
    lose(refused, lab.owner.username)
    operations.undo(operation=refused, user=make_person("olga", Role.OWNER))
    assert lab.run(refused).state == OperationState.UNDONE, story(refused)
