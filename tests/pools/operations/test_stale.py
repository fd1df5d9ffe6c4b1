"""What was approved rests on facts: when they changed, nothing is sent."""

import pytest
from django.db.models import ProtectedError

from pools import policy
from pools.models import Attempt, Operation, OperationState, ResourceLock, Role
from pools.operations import journal
from pools.services import operations, planning
from simulator.world.host import HostMachine
from tests.fixtures.lab import Lab
from tests.fixtures.people import make_person


def rename(host: HostMachine, name: str) -> None:
    host.database.set("host", host.ref, name_label=name)


def test_facts_that_changed_before_the_first_step_make_the_plan_stale(lab: Lab) -> None:
    operation = lab.started()
    rename(lab.sim.hosts[1], "another name")
    lab.run(operation)
    assert operation.state == OperationState.STALE
    assert "was xs-02, is now another name" in operation.stale_reason
    assert not lab.sim.calls("pool.set_name_label")
    assert not lab.sim.calls("pool.join")
    assert not ResourceLock.objects.exists()


def stale(lab: Lab) -> Operation:
    operation = lab.started()
    rename(lab.sim.hosts[1], "another name")
    assert lab.run(operation).state == OperationState.STALE
    return operation


def test_a_stale_plan_can_be_made_anew_and_run(lab: Lab) -> None:
    anew = planning.ask_again(operation=stale(lab), user=lab.owner)
    planning.run(str(anew.pk))
    operations.start(operation=anew, user=lab.owner)
    assert lab.run(anew).state == OperationState.SUCCEEDED


def test_a_plan_that_began_to_run_keeps_its_evidence_when_it_is_made_anew(lab: Lab) -> None:
    operation = stale(lab)
    before = set(operation.journal.values_list("pk", "step"))
    assert any(step for _, step in before)
    anew = planning.ask_again(operation=operation, user=lab.owner)
    operation.refresh_from_db()
    assert operation.state == OperationState.CANCELLED
    assert set(operation.journal.values_list("pk", "step")) > before
    assert operation.steps.count() == 6
    assert "was xs-02" in str(Attempt.objects.get(step__operation=operation).evidence)
    assert operation.journal.filter(text__contains="as another operation").exists()
    assert (anew.draft["name"], anew.created_by, set(anew.servers.all())) == ("One", lab.owner, set(lab.servers))


def test_a_plan_that_never_ran_is_made_anew_in_its_place(lab: Lab) -> None:
    operation = lab.planned()
    assert planning.ask_again(operation=operation, user=lab.owner) == operation


def test_the_person_who_made_the_choices_may_still_not_approve_them(lab: Lab) -> None:
    operation = stale(lab)
    oscar = make_person("oscar", Role.OPERATOR)
    anew = planning.ask_again(operation=operation, user=oscar)
    assert not policy.may_approve(lab.owner, anew)


def test_a_step_that_was_tried_cannot_be_deleted_and_the_journal_outlives_any_other(lab: Lab) -> None:
    operation = stale(lab)
    tried, untried = operation.steps.order_by("seq")[:2]
    line = journal.write(operation, kind="step", step=untried, text="Said of it.")
    with pytest.raises(ProtectedError):
        tried.delete()
    untried.delete()
    line.refresh_from_db()
    assert (line.step, line.text) == (None, "Said of it.")


def test_a_server_that_changed_later_stops_its_own_join_only(lab: Lab) -> None:
    operation = lab.run_steps(lab.started(), 1)
    rename(lab.sim.hosts[1], "another name")
    lab.run(operation)
    assert operation.state == OperationState.OPEN_POINTS
    assert operation.steps.get(kind="JoinPool").error_code == "XENWEB_FACTS_CHANGED"
    assert operation.steps.get(kind="NamePool").state == "done"
    assert not lab.sim.calls("pool.join")


def test_a_new_finding_makes_the_plan_stale(lab: Lab) -> None:
    operation = lab.started()
    host = lab.sim.hosts[1]
    pool = next(iter(host.database.records("pool")))
    host.database.set("pool", pool, ha_enabled=True)
    lab.run(operation)
    assert operation.state == OperationState.STALE
    assert "findings was none" in operation.stale_reason


def test_the_same_facts_give_the_same_hash(lab: Lab) -> None:
    first = lab.planned()
    again = operations.make_plan(operation=first, user=lab.owner)
    assert again.plan_hash == first.plan_hash
    assert again.steps.count() == first.steps.count()
