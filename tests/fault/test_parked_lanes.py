"""kill -9 just after a lane was parked, and just after it was resumed: nothing is forgotten, and no join sent twice."""

from collections.abc import Iterator

import pytest

from pools.models import Attempt, Operation, OperationState, ResourceLock
from pools.services import operations
from tests.fault.workers import Workers, reaches
from tests.fixtures.lab import Lab, lab_of, story
from tests.pools.operations.test_lanes import lane, mend, spoil

pytestmark = pytest.mark.fault
SETTLED = (OperationState.SUCCEEDED, OperationState.OPEN_POINTS, OperationState.NEEDS_ATTENTION)


@pytest.fixture
def lab(transactional_db: None) -> Iterator[Lab]:
    """A coordinator to be, and two servers to join it."""
    with lab_of("sixteen-standalone", connected=3) as lab:
        yield lab


def spoilt(lab: Lab) -> Operation:
    """The pool has its name; XAPI will refuse the first of two joins."""
    operation = lab.run_steps(lab.started(), 1)
    spoil(lab, 1)
    return operation


def test_the_other_lanes_go_on_when_the_worker_dies_just_after_a_park(lab: Lab, workers: Workers) -> None:
    operation = spoilt(lab)
    workers.start(failpoint="JoinPool:before_ring")
    workers.struck()
    assert reaches(operation, *SETTLED) == OperationState.OPEN_POINTS, story(operation) + workers.log
    assert lane(operation, lab, 1)[0] == "failed"
    assert set(lane(operation, lab, 2)) == {"done"}
    assert len(lab.sim.calls("pool.join")) == 2
    assert not ResourceLock.objects.exists()


@pytest.mark.parametrize("point", ["claimed", "call_sent"])
def test_a_resumed_lane_is_finished_when_its_worker_dies(lab: Lab, workers: Workers, point: str) -> None:
    operation = lab.run(spoilt(lab))
    assert operation.state == OperationState.OPEN_POINTS, story(operation)
    mend(lab, 1)
    operations.resume(operation=operation, user=lab.owner)
    workers.start(failpoint=f"JoinPool:{point}")
    workers.struck()
    assert reaches(operation, *SETTLED) == OperationState.SUCCEEDED, story(operation) + workers.log
    assert len(lab.sim.calls("pool.join")) == 3
    assert not Attempt.objects.filter(outcome="").exists()
