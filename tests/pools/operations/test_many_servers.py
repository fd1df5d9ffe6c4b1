"""Sixteen servers, of which two hang and one refuses: the others join; the three are mended, and resumed."""

import pytest

from pools.models import OperationState, ResourceLock
from pools.services import live, open_points, operations
from pools.xapi.limits import LIMITS
from tests.fixtures.lab import lab_of, story
from tests.pools.operations.test_lanes import members, mend, spoil

HANGING, REFUSING = (3, 9), 6
REFUSAL = "JOINING_HOST_CANNOT_HAVE_RUNNING_VMS"


@pytest.fixture
def short_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who does not answer a login in a moment hangs."""
    monkeypatch.setitem(vars(LIMITS), "login", 0.8)


def test_three_of_sixteen_hold_up_nobody(transactional_db: None, short_of_time: None) -> None:
    with lab_of("sixteen-standalone") as lab:
        operation = lab.started()
        for place in HANGING:
            lab.sim.fault("hang", host=lab.sim.hosts[place].name, method="session.login_with_password", times=None)
        lab.run_steps(operation, 1)
        spoil(lab, REFUSING)
        assert lab.run(operation).state == OperationState.OPEN_POINTS, story(operation)
        names = [host.name for host in lab.sim.hosts]
        parked = {names[3]: "XENWEB_TIMEOUT", names[9]: "XENWEB_TIMEOUT", names[6]: REFUSAL}
        points = open_points.of_page(live.page(operation))
        assert {point.server: point.step.error_code for point in points} == parked
        assert members(lab) == set(names) - parked.keys()
        assert not ResourceLock.objects.exists()
        lab.sim.world.faults.clear()
        mend(lab, REFUSING)
        operations.resume(operation=operation, user=lab.owner)
        assert lab.run(operation).state == OperationState.SUCCEEDED, story(operation)
        assert members(lab) == set(names)
        joins = {name: len(lab.sim.calls("pool.join", host=name)) for name in names[1:]}
        assert joins == {name: 2 if name == names[REFUSING] else 1 for name in joins}
