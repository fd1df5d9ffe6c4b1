"""From draft to start: what is refused, and what follows from it."""

import pytest

from pools.models import Grant, Operation, OperationState, ResourceLock, Role, StepState, User
from pools.services import approvals, operations
from pools.services.errors import ChecksFailed, NotAllowed, PlanStale, WrongState
from simulator.scenes.spoil_state import run_vm
from tests.fixtures.lab import Lab
from tests.fixtures.people import make_person


@pytest.fixture
def junior(lab: Lab) -> User:
    """An operator of both servers."""
    person = make_person("june")
    for server in lab.servers:
        Grant.objects.create(user=person, pool=server.pool, role=Role.OPERATOR)
    return person


def submitted(operation: Operation, user: User, plan_hash: str = "", key: str = "key") -> Operation:
    shown = plan_hash or operation.plan_hash
    return operations.submit(operation=operation, user=user, plan_hash=shown, idempotency_key=key)


def test_findings_that_forbid_it_leave_a_draft_with_its_report(lab: Lab) -> None:
    run_vm(lab.sim.hosts[1], lab.sim.hosts[0])
    draft = lab.draft()
    with pytest.raises(ChecksFailed):
        operations.make_plan(operation=draft, user=lab.owner)
    draft.refresh_from_db()
    assert draft.state == OperationState.DRAFT
    assert "JOINING_HOST_CANNOT_HAVE_RUNNING_VMS" in str(draft.report)
    assert not draft.steps.exists()


def test_a_server_that_cannot_be_read_forbids_a_plan(lab: Lab) -> None:
    lab.sim.world.power_off(lab.sim.hosts[1])
    with pytest.raises(ChecksFailed):
        lab.planned()


def test_planning_needs_a_role_on_every_server(lab: Lab) -> None:
    with pytest.raises(NotAllowed):
        lab.planned(user=make_person("nobody"))


def test_another_plan_than_the_one_shown_is_not_started(lab: Lab) -> None:
    operation = lab.planned()
    with pytest.raises(PlanStale):
        submitted(operation, lab.owner, plan_hash="0" * 64)
    assert not ResourceLock.objects.exists()


def test_new_choices_make_a_plan_void(lab: Lab) -> None:
    operation = lab.planned()
    old = operation.plan_hash
    operations.save_draft(operation=operation, user=lab.owner, changes={"name": "Two"})
    operation.refresh_from_db()
    assert (operation.state, operation.plan_hash) == (OperationState.DRAFT, "")
    with pytest.raises(WrongState):
        submitted(operation, lab.owner, plan_hash=old)


def test_an_operator_asks_and_the_yes_of_an_administrator_starts_it(lab: Lab, junior: User) -> None:
    operation = submitted(lab.planned(user=junior), junior)
    assert operation.state == OperationState.AWAITING_APPROVAL
    request = operation.approvals.get()
    approvals.decide(approval=request, user=lab.owner, plan_hash=operation.plan_hash, approved=True)
    assert lab.run(operation).state == OperationState.SUCCEEDED
    assert operation.submitted_by == junior


def test_an_approver_who_loses_his_role_pauses_the_run(lab: Lab, junior: User) -> None:
    operation = submitted(lab.planned(user=junior), junior)
    approvals.decide(approval=operation.approvals.get(), user=lab.owner, plan_hash=operation.plan_hash, approved=True)
    Grant.objects.filter(user=lab.owner).delete()
    lab.run(operation)
    assert operation.steps.get(seq=1).error_code == "XENWEB_RIGHT_LOST"
    assert operation.steps.exclude(seq=1).filter(state=StepState.PENDING).count() == 5


def test_a_key_of_another_form_is_refused(lab: Lab) -> None:
    first, second = lab.planned(), lab.planned()
    submitted(first, lab.owner, key="one")
    with pytest.raises(WrongState):
        submitted(second, lab.owner, key="one")
