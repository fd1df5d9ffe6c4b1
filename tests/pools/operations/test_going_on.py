"""A worker goes on with an operation, step after step, as long as no other one waits for a worker."""

from collections.abc import Iterator

import pytest
import redis
from celery import current_app
from kombu.exceptions import OperationalError

from pools.models import Operation, OperationState, StepState
from pools.operations import doorbell, drain
from pools.operations.sessions import Sessions
from pools.services import supervision
from simulator.xapi.access.sessions import forget_all
from tests.fixtures.lab import Lab, claimable, lab_of, story


@pytest.fixture
def rung(valkey: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The steps that were rung for. No worker hears it: the messages wait."""
    heard: list[int] = []
    ring = doorbell.ring

    def noted(step_id: int) -> None:
        heard.append(step_id)
        ring(step_id)

    monkeypatch.setattr(doorbell, "ring", noted)
    return heard


@pytest.fixture
def many(transactional_db: None) -> Iterator[Lab]:
    with lab_of("sixteen-standalone") as lab:
        yield lab


def begin(operation: Operation) -> None:
    step = claimable(operation)
    assert step is not None
    supervision.perform(step)
    operation.refresh_from_db()


def no_broker(*_arguments: object) -> None:
    raise OperationalError


def done(operation: Operation) -> int:
    return operation.steps.filter(state=StepState.DONE).count()


def test_one_ring_is_enough_for_a_whole_operation(lab: Lab, valkey: redis.Redis, rung: list[int]) -> None:
    operation = lab.started()
    valkey.flushdb()
    begin(operation)
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    assert rung == [operation.steps.get(seq=1).pk]


def test_the_coordinator_is_signed_in_to_once_and_left_at_the_end(lab: Lab) -> None:
    operation = lab.started()
    before = len(lab.sim.calls("session.login_with_password", host=lab.sim.hosts[0].name))
    lab.run_steps(operation, 3)
    logins = lab.sim.calls("session.login_with_password", host=lab.sim.hosts[0].name)[before:]
    of_the_facts, of_the_join = 1, 2  # the joiner signs in twice: the second time it verifies the certificate
    assert len(logins) == of_the_facts + 1 + of_the_join
    left = lab.sim.hosts[0].database.records("session").values()
    assert not [row for row in left if row["originator"] == "xenweb"]


def test_the_last_look_at_the_pool_outlives_a_lost_connection(lab: Lab) -> None:
    operation = lab.run_steps(lab.started(), 5)
    lab.sim.fault("drop_before", host=lab.sim.hosts[0].name, method="event.from")
    assert lab.run(operation).state == OperationState.SUCCEEDED, story(operation)
    assert not lab.sim.world.faults.waiting()


def test_who_waits_for_a_worker_gets_one_after_the_step(many: Lab, valkey: redis.Redis, rung: list[int]) -> None:
    first = many.started(many.servers[:2])
    valkey.flushdb()
    second = many.started(many.servers[2:4])
    rung.clear()
    begin(first)
    assert done(first) == 1
    assert rung == [first.steps.get(seq=2).pk]
    begin(second)
    assert done(second) == 1
    assert rung[1:] == [second.steps.get(seq=2).pk]


def test_without_a_broker_nobody_is_known_to_wait(lab: Lab, rung: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    operation = lab.started()
    monkeypatch.setattr(current_app, "producer_or_acquire", no_broker)
    begin(operation)
    assert operation.state == OperationState.SUCCEEDED, story(operation)


def test_a_worker_that_is_told_to_end_begins_no_further_step(
    lab: Lab, rung: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = lab.started()
    rung.clear()
    monkeypatch.setattr(drain, "begun", lambda: True)
    begin(operation)
    assert done(operation) == 1
    assert rung == [operation.steps.get(seq=2).pk]


def test_sessions_that_xapi_dropped_between_two_steps_are_opened_anew(lab: Lab) -> None:
    operation = lab.started()
    with Sessions() as sessions:
        while claimable(operation) is not None:
            lab.run_step(operation, sessions)
            forget_all(lab.sim.hosts[0].database)
    operation.refresh_from_db()
    assert operation.state == OperationState.SUCCEEDED, story(operation)
