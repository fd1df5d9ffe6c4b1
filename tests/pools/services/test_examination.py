"""Examining a draft: asked for on the page, done by a worker, kept in the draft."""

from datetime import timedelta

import pytest
from django.utils import timezone

from pools.checks.facts import Facts
from pools.checks.report import Report
from pools.models import Grant, Operation, OperationState, Role
from pools.operations.kind import Choices
from pools.operations.pool_create import PoolCreate
from pools.services import examination, operations
from pools.services.errors import NotAllowed
from tests.fixtures.lab import Lab
from tests.fixtures.people import make_person


def asked(lab: Lab) -> Operation:
    operation = lab.draft()
    examination.ask(operation=operation, user=lab.owner)
    return operation


def test_a_draft_that_was_never_examined_says_nothing(lab: Lab) -> None:
    state = examination.state(lab.draft())
    assert (state.running, state.overdue, state.report) == (False, False, None)


def test_asking_is_seen_as_running_until_the_answer_is_there(lab: Lab) -> None:
    operation = asked(lab)
    assert examination.state(operation).running
    examination.run(str(operation.pk))
    operation.refresh_from_db()
    state = examination.state(operation)
    assert not state.running
    assert state.as_of is not None
    assert state.report is not None
    assert list(state.report.servers) == [server.uuid for server in lab.servers]


def test_a_server_that_cannot_be_read_is_unknown_and_hinders_no_other(lab: Lab) -> None:
    operation = asked(lab)
    lab.sim.fault("power_off", host=lab.sim.hosts[1].name)
    examination.run(str(operation.pk))
    operation.refresh_from_db()
    report = examination.state(operation).report
    assert report is not None
    assert {finding.subject for finding in report.unknowns} == {lab.servers[1].uuid}
    assert report.blocked


def test_nothing_is_read_twice_for_one_question(lab: Lab) -> None:
    operation = asked(lab)
    examination.run(str(operation.pk))
    lab.sim.world.calllog.clear()
    examination.run(str(operation.pk))
    assert lab.sim.calls() == []


def test_the_answer_to_an_older_question_is_dropped(lab: Lab) -> None:
    operation = asked(lab)
    older = Operation.objects.get(pk=operation.pk).report
    examination.ask(operation=operation, user=lab.owner)
    Operation.objects.filter(pk=operation.pk, report=older).update(report={})
    examination.run(str(operation.pk))
    operation.refresh_from_db()
    assert operation.report["asked"] != older["asked"]


def test_an_answer_that_comes_after_the_plan_is_dropped(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    operation, check = asked(lab), PoolCreate.check

    def checked(self: PoolCreate, facts: Facts, choices: Choices) -> Report:
        monkeypatch.setattr(PoolCreate, "check", check)
        operations.make_plan(operation=operation, user=lab.owner)
        return check(self, facts, choices)

    monkeypatch.setattr(PoolCreate, "check", checked)
    examination.run(str(operation.pk))
    planned = Operation.objects.get(pk=operation.pk)
    assert planned.state == OperationState.PLANNED
    assert planned.planned_at is not None
    assert planned.report["as_of"] < planned.planned_at.isoformat()


def test_a_message_that_comes_twice_is_answered_once(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    operation, check, asked_again = asked(lab), PoolCreate.check, []

    def checked(self: PoolCreate, facts: Facts, choices: Choices) -> Report:
        asked_again.append(facts)
        examination.run(str(operation.pk))
        return check(self, facts, choices)

    monkeypatch.setattr(PoolCreate, "check", checked)
    examination.run(str(operation.pk))
    assert len(asked_again) == 1
    operation.refresh_from_db()
    assert examination.state(operation).report


def test_a_draft_that_is_gone_or_under_way_is_left_alone(lab: Lab) -> None:
    operation = asked(lab)
    Operation.objects.filter(pk=operation.pk).update(state=OperationState.QUEUED)
    examination.run(str(operation.pk))
    examination.run("00000000-0000-4000-8000-000000000000")
    operation.refresh_from_db()
    assert "cells" not in operation.report


def test_a_question_that_no_worker_took_is_overdue(lab: Lab) -> None:
    operation = asked(lab)
    operation.report["asked_at"] = (timezone.now() - timedelta(seconds=91)).isoformat()
    assert examination.state(operation).overdue


def test_the_coordinator_is_the_first_column(lab: Lab) -> None:
    operation = lab.draft(lab.servers[::-1])
    assert examination.in_order(operation) == lab.servers[::-1]


def test_examining_needs_a_role_on_every_server(lab: Lab) -> None:
    half = make_person("half", Role.OPERATOR, lab.servers[0].pool)
    with pytest.raises(NotAllowed):
        examination.ask(operation=lab.draft(user=half), user=half)


def test_nothing_is_read_for_somebody_who_lost_his_role(lab: Lab) -> None:
    operation = asked(lab)
    Grant.objects.filter(user=lab.owner).delete()
    lab.sim.world.calllog.clear()
    examination.run(str(operation.pk))
    operation.refresh_from_db()
    assert lab.sim.calls() == []
    assert not examination.state(operation).running
