"""A frozen worker that wakes up after its lease writes nothing and sends nothing."""

import os
import signal

import pytest

from pools.models import Attempt, OperationState, Step
from tests.fault.workers import Workers, reaches, until
from tests.fixtures.lab import Lab, story

pytestmark = [pytest.mark.fault, pytest.mark.slow]


def test_a_worker_frozen_before_its_call_cannot_send_it_when_it_wakes(lab: Lab, workers: Workers) -> None:
    workers.start(failpoint="JoinPool:intent_committed:STOP")
    operation = lab.started()
    zombie = workers.struck()
    assert reaches(operation, OperationState.SUCCEEDED, OperationState.NEEDS_ATTENTION, seconds=40) == "succeeded"
    before = list(Attempt.objects.values_list("pk", "outcome"))
    os.kill(zombie, signal.SIGCONT)
    until(lambda: refused(lab) or not alive(zombie), 10)
    assert accepted(lab) == 1, story(operation)
    assert list(Attempt.objects.values_list("pk", "outcome")) == before
    assert Step.objects.get(kind="JoinPool").fence == 2


def accepted(lab: Lab) -> int:
    return sum(call.outcome == "ok" for call in lab.sim.calls("pool.join"))


def refused(lab: Lab) -> bool:
    return any(call.outcome != "ok" for call in lab.sim.calls("pool.join"))


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
