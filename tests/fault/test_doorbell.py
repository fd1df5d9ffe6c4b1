"""Redis is a doorbell: a lost ring costs a moment, and a worker that is told to end hands its step on."""

import signal

import pytest
import redis

from pools.models import OperationState, Step, StepState
from tests.fault.workers import Workers, reaches, until
from tests.fixtures.lab import Lab, story

pytestmark = pytest.mark.fault


def test_a_step_whose_ring_was_lost_is_found_by_the_sweep(lab: Lab, workers: Workers, valkey: redis.Redis) -> None:
    operation = lab.started()
    valkey.flushdb()
    workers.start()
    assert reaches(operation, OperationState.SUCCEEDED) == OperationState.SUCCEEDED, story(operation)


def test_an_emptied_redis_costs_no_work(lab: Lab, workers: Workers, valkey: redis.Redis) -> None:
    workers.start()
    operation = lab.started()
    until(lambda: bool(lab.sim.calls("pool.set_name_label")), 20)
    valkey.flushdb()
    assert reaches(operation, OperationState.SUCCEEDED) == OperationState.SUCCEEDED, story(operation)
    assert len(lab.sim.calls("pool.join")) == 1


def test_a_worker_told_to_end_hands_its_step_on(lab: Lab, workers: Workers) -> None:
    """The joining host stays away, so that its step waits while the worker ends."""
    lab.sim.fault("hang", host=lab.sim.hosts[1].name, method="task.get_record")
    operation = lab.started()
    first = workers.start(processes=1)
    waiting = Step.objects.filter(operation=operation, kind="JoinPool", attempts__intent_at__isnull=False)
    until(waiting.exists, 20)
    first.send_signal(signal.SIGTERM)
    lab.sim.world.faults.clear()
    assert first.wait(10) == 0
    workers.start(processes=1)
    assert reaches(operation, OperationState.SUCCEEDED) == OperationState.SUCCEEDED, story(operation)
    assert len(lab.sim.calls("pool.join")) == 1
    assert {step.state for step in operation.steps.all()} == {StepState.DONE}
