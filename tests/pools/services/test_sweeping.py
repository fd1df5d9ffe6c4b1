"""What the sweep finds besides steps: questions whose message was lost."""

from datetime import timedelta

import pytest
import redis
from django.utils import timezone

from pools.models import Operation
from pools.operations import doorbell
from pools.services import examination, planning, sweeping
from tests.fixtures.lab import Lab

Sent = list[tuple[str, object]]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch, valkey: redis.Redis) -> Sent:
    """The messages, none of which arrives."""
    messages: Sent = []
    monkeypatch.setattr(doorbell, "send", lambda task, row_id: messages.append((task, row_id)))
    return messages


def swept(sent: Sent, operation: Operation, *, age: float, times: int = 1) -> list[str]:
    """Let the sweep come when the question is so many seconds old; returns the tasks rung for."""
    sent.clear()
    for _ in range(times):
        Operation.objects.filter(pk=operation.pk).update(changed_at=timezone.now() - timedelta(seconds=age))
        sweeping.sweep()
    return [task for task, row_id in sent if row_id == str(operation.pk)]


def test_a_lost_ring_for_an_examination_is_sent_again(lab: Lab, sent: Sent) -> None:
    operation = lab.draft()
    examination.ask(operation=operation, user=lab.owner)
    assert swept(sent, operation, age=4) == []
    assert swept(sent, operation, age=6) == ["pools.examine"]
    examination.run(str(operation.pk))
    assert swept(sent, operation, age=20) == []


def test_a_lost_ring_for_a_plan_is_sent_again(lab: Lab, sent: Sent) -> None:
    operation = lab.draft()
    planning.ask(operation=operation, user=lab.owner)
    assert swept(sent, operation, age=4) == []
    assert swept(sent, operation, age=6) == ["pools.prepare_plan"]
    planning.run(str(operation.pk))
    assert swept(sent, operation, age=20) == []


def test_messages_do_not_pile_up_while_all_workers_are_busy(lab: Lab, sent: Sent, valkey: redis.Redis) -> None:
    operation = lab.draft()
    examination.ask(operation=operation, user=lab.owner)
    assert swept(sent, operation, age=6, times=3) == ["pools.examine"]
    valkey.flushdb()
    assert swept(sent, operation, age=11, times=3) == ["pools.examine"]


def test_what_a_worker_has_taken_is_not_rung_for(lab: Lab, sent: Sent) -> None:
    operation = lab.draft()
    examination.ask(operation=operation, user=lab.owner)
    planning.ask(operation=operation, user=lab.owner)
    assert examination.take(str(operation.pk)) is not None
    assert planning.take(str(operation.pk)) is not None
    assert swept(sent, operation, age=6) == []


def test_a_question_that_is_given_up_is_not_rung_for(lab: Lab, sent: Sent) -> None:
    operation = lab.draft()
    examination.ask(operation=operation, user=lab.owner)
    planning.ask(operation=operation, user=lab.owner)
    assert swept(sent, operation, age=91) == []
