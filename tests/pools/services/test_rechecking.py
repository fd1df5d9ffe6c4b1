"""Facts that change while somebody thinks make the plan out of date, with the difference, before Start is pressed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from pools.models import Operation, OperationState, Role
from pools.operations import doorbell
from pools.services import approvals, operations, planning, rechecking
from pools.services.errors import PlanStale
from tests.fixtures.lab import Lab
from tests.fixtures.people import make_person

LONG = timedelta(seconds=30)


def looked_at(operation: Operation) -> Operation:
    """Somebody opens the plan half a minute later, and a worker does what was asked."""
    Operation.objects.filter(pk=operation.pk).update(planned_at=timezone.now() - LONG)
    operation.refresh_from_db()
    rechecking.ask(operation)
    rechecking.run(str(operation.pk))
    return Operation.objects.get(pk=operation.pk)


def long_after(operation: Operation) -> Operation:
    """The last comparison was asked for some time ago."""
    operation.refresh_from_db()
    operation.report["watch"]["asked_at"] = (timezone.now() - LONG).isoformat()
    operation.save(update_fields=["report"])
    return operation


def rename(lab: Lab) -> None:
    host = lab.sim.hosts[1]
    host.database.set("host", host.ref, name_label="another name")


def changed_calls(lab: Lab) -> list[object]:
    return [*lab.sim.calls("pool.set_name_label"), *lab.sim.calls("pool.join")]


def test_a_plan_whose_facts_are_the_same_is_fresh(lab: Lab) -> None:
    planned = lab.planned()
    before = planned.changed_at
    operation = looked_at(planned)
    fresh = rechecking.state(operation)
    assert (operation.state, fresh.busy, fresh.unread) == (OperationState.PLANNED, False, "")
    assert fresh.checked_at is not None
    assert timezone.now() - fresh.checked_at < LONG
    assert operation.changed_at == before


def test_a_change_makes_the_plan_out_of_date_with_the_difference_and_start_is_refused_with_it(lab: Lab) -> None:
    planned = lab.planned()
    rename(lab)
    operation = looked_at(planned)
    assert operation.state == OperationState.STALE
    assert "was xs-02, is now another name" in operation.stale_reason
    with pytest.raises(PlanStale, match="is now another name"):
        operations.submit(operation=operation, user=lab.owner, plan_hash=planned.plan_hash, idempotency_key="k")
    assert changed_calls(lab) == []
    planning.ask_again(operation=operation, user=lab.owner)
    planning.run(str(operation.pk))
    operation.refresh_from_db()
    assert (operation.state, operation.stale_reason, operation.report["watch"]) == (OperationState.PLANNED, "", {})


def test_a_request_for_approval_ends_with_the_difference_and_cannot_be_approved(lab: Lab) -> None:
    planned, other = lab.planned(), make_person("adele", Role.ADMINISTRATOR)
    approval = approvals.ask(operation=planned, user=lab.owner)
    rename(lab)
    operation = looked_at(planned)
    approval.refresh_from_db()
    assert operation.state == OperationState.STALE
    assert (approval.approved, approval.decided_by) == (False, None)
    assert "is now another name" in approval.note
    with pytest.raises(PlanStale, match="is now another name"):
        approvals.decide(approval=approval, user=other, plan_hash=planned.plan_hash, approved=True)


def test_a_server_that_does_not_answer_is_not_a_change(lab: Lab) -> None:
    planned = lab.planned()
    lab.sim.fault("http_500", host="xs-02", times=None)
    first = looked_at(planned)
    silent = rechecking.state(first)
    assert (first.state, silent.unread) == (OperationState.PLANNED, "xs-02")
    again = rechecking.state(looked_at(long_after(first)))
    assert again.unread_since == silent.unread_since
    lab.sim.world.faults.clear()
    answered = rechecking.state(looked_at(long_after(first)))
    assert (answered.unread, answered.unread_since) == ("", None)


def test_many_who_look_ask_once_and_a_message_that_comes_twice_reads_once(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[object] = []
    planned = lab.planned()
    monkeypatch.setattr(doorbell, "send", lambda *call: rung.append(call))
    rechecking.ask(planned)
    assert rung == []
    Operation.objects.filter(pk=planned.pk).update(planned_at=timezone.now() - LONG)
    planned.refresh_from_db()
    for _ in range(3):
        rechecking.ask(Operation.objects.get(pk=planned.pk))
    assert rung == [("pools.recheck", str(planned.pk))]
    rechecking.run(str(planned.pk))
    read = len(lab.sim.calls("event.from"))
    rechecking.run(str(planned.pk))
    assert len(lab.sim.calls("event.from")) == read


def test_while_a_worker_reads_nobody_else_begins_the_same(lab: Lab) -> None:
    planned = lab.planned()
    Operation.objects.filter(pk=planned.pk).update(planned_at=timezone.now() - LONG)
    planned.refresh_from_db()
    rechecking.ask(planned)
    taken = rechecking.take(str(planned.pk))
    assert taken is not None
    assert not rechecking.due(long_after(taken))
    taken.report["watch"]["asked_at"] = (timezone.now() - 4 * LONG).isoformat()
    assert rechecking.due(taken)


def test_what_started_meanwhile_is_left_to_the_engine(lab: Lab) -> None:
    planned = lab.planned()
    Operation.objects.filter(pk=planned.pk).update(planned_at=timezone.now() - LONG)
    planned.refresh_from_db()
    rechecking.ask(planned)
    rename(lab)
    operations.start(operation=planned, user=lab.owner)
    rechecking.run(str(planned.pk))
    planned.refresh_from_db()
    assert planned.state == OperationState.QUEUED
