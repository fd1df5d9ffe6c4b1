"""kill -9 in a rotation of the pool's secret: it is sent once, and its own task tells how it ended."""

from collections.abc import Iterator

import pytest

from pools.models import StepState
from pools.services import operations, secret_rotate
from tests.fault.workers import Workers, until
from tests.fixtures.lab import Lab, story
from tests.pools.operations.removal.removing import Removing, removing

pytestmark = pytest.mark.fault


@pytest.fixture
def four(transactional_db: None) -> Iterator[Removing]:
    with removing("pool-of-four", "four-1") as found:
        yield found


@pytest.fixture
def lab(four: Removing) -> Lab:
    return four.lab


def test_a_rotation_whose_worker_was_killed_is_sent_once(four: Removing, workers: Workers) -> None:
    workers.start(failpoint="RotateSecret:reply_received", XENWEB_PATIENCE="3")
    draft = secret_rotate.begin(user=four.owner, pool=four.pool)
    planned = operations.make_plan(operation=draft, user=four.owner)
    operation = operations.start(operation=planned, user=four.owner)
    workers.struck()
    until(lambda: operation.steps.get(kind="RotateSecret").state == StepState.DONE, 20)
    workers.stop()
    assert len(four.sim.calls("pool.rotate_secret", host="four-1")) == 1, story(operation)
    assert len({host.disk.pool_secret for host in four.sim.hosts}) == 1
