"""kill -9 at every moment of an eject: it is followed, or a person decides, and no eject is sent twice."""

from collections.abc import Iterator

import pytest

from pools.models import StepState
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


@pytest.mark.parametrize("point", ["intent_committed", "call_sent", "reply_received"])
def test_whoever_is_killed_at_an_eject_it_is_sent_once(four: Removing, workers: Workers, point: str) -> None:
    """Killed before it was sent: XAPI shows no sign of it, and still it is a person who decides, by a new plan."""
    workers.start(failpoint=f"EjectHost:{point}", XENWEB_PATIENCE="3")
    operation = four.started("four-3")
    workers.struck()
    eject = operation.steps.get(kind="EjectHost")
    expected = StepState.UNKNOWN if point == "intent_committed" else StepState.DONE
    until(lambda: operation.steps.get(pk=eject.pk).state == expected, 20)
    workers.stop()
    assert len(four.sim.calls("pool.eject", host="four-1")) == (point != "intent_committed"), story(operation)
