"""kill -9 at every moment of a join: it is resumed, and no join is sent twice."""

import pytest

from pools.models import Attempt, OperationState, ResourceLock, StepState
from pools.operations.failpoints import POINTS
from tests.fault.workers import Workers, kill, reaches
from tests.fixtures.lab import Lab, story

pytestmark = pytest.mark.fault
SETTLED = (OperationState.SUCCEEDED, OperationState.OPEN_POINTS, OperationState.NEEDS_ATTENTION)


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_process_is_replaced_and_the_join_sent_once(lab: Lab, workers: Workers, point: str) -> None:
    workers.start(failpoint=f"JoinPool:{point}")
    operation = lab.started()
    workers.struck()
    assert reaches(operation, *SETTLED) == OperationState.SUCCEEDED, story(operation) + workers.log
    assert len(lab.sim.calls("pool.join")) == 1
    assert not ResourceLock.objects.exists()
    assert {step.state for step in operation.steps.all()} == {StepState.DONE}


@pytest.mark.parametrize("point", ["intent_committed", "call_sent"])
def test_a_killed_worker_is_replaced_by_another_one(lab: Lab, workers: Workers, point: str) -> None:
    first = workers.start(failpoint=f"JoinPool:{point}", processes=1)
    operation = lab.started()
    workers.struck()
    kill(first)
    workers.start()
    assert reaches(operation, *SETTLED) == OperationState.SUCCEEDED, story(operation) + workers.log
    assert len(lab.sim.calls("pool.join")) == 1
    assert not Attempt.objects.filter(outcome="").exists()
