"""A pool gets a new secret: sent once, proved by XAPI's own task, and never repeated by the machine."""

from collections.abc import Iterator

import pytest

from pools.models import Operation, OperationState, StepState
from pools.services import answers, operations, secret_rotate
from pools.services.errors import ChecksFailed
from simulator.xapi.machines import pool_row
from simulator.xapi.pool.state import is_upgrading
from simulator.xapi.rows import Row
from tests.fixtures.lab import story
from tests.pools.operations.after_join.adding import step
from tests.pools.operations.removal.removing import Removing, removing
from tests.simulator.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)

COORDINATOR = "four-1"


@pytest.fixture
def four(transactional_db: None) -> Iterator[Removing]:
    with removing("pool-of-four", COORDINATOR) as found:
        yield found


def planned(lab: Removing, *, ha: bool = False) -> Operation:
    draft = secret_rotate.begin(user=lab.owner, pool=lab.pool, ha=ha)
    return operations.make_plan(operation=draft, user=lab.owner)


def ran(lab: Removing, *, ha: bool = False) -> Operation:
    return lab.lab.run(operations.start(operation=planned(lab, ha=ha), user=lab.owner))


def secrets(lab: Removing) -> set[str]:
    return {host.disk.pool_secret for host in lab.sim.hosts}


def sent(lab: Removing) -> int:
    return len(lab.sim.calls("pool.rotate_secret", host=COORDINATOR))


def codes(operation: Operation) -> set[str]:
    operation.refresh_from_db()
    report = answers.report_in(operation.report)
    assert report is not None
    return {finding.code for finding in report.findings}


def test_every_server_learns_one_new_secret(four: Removing) -> None:
    before = secrets(four)
    operation = ran(four)
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    assert len(secrets(four)) == 1
    assert not secrets(four) & before
    assert not any(text in story(operation) for text in secrets(four))


def test_a_lost_reply_is_settled_by_the_task_that_ended_and_sends_nothing_again(four: Removing) -> None:
    four.sim.fault("drop_after", method="Async.pool.rotate_secret")
    operation = ran(four)
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    assert (sent(four), len(secrets(four))) == (1, 1)


def test_a_call_that_never_came_is_not_sent_again_by_the_machine(four: Removing, impatient: None) -> None:
    four.sim.fault("drop_before", method="Async.pool.rotate_secret")
    before = secrets(four)
    operation = ran(four)
    assert (operation.state, step(operation, "RotateSecret").state) == ("needs_attention", StepState.UNKNOWN)
    assert (sent(four), secrets(four)) == (1, before)


def test_one_that_stops_half_way_is_told_and_only_a_new_plan_goes_on(four: Removing) -> None:
    four.sim.fault("drop_before", host="four-3", method="pool.rotate_secret")
    operation = ran(four)
    assert step(operation, "RotateSecret").error_code == "XENWEB_ROTATION_HALF", story(operation)
    assert len(secrets(four)) > 1
    operations.retry_step(step=step(operation, "RotateSecret"), user=four.owner)
    assert step(four.lab.run(operation), "RotateSecret").error_code == "XENWEB_SENT_ONCE"
    assert sent(four) == 1
    operations.abandon(operation=operation, user=four.owner, reason="The cable is mended.")
    again = planned(four)
    assert codes(again) == {"XENWEB_ROTATION_GOES_ON"}
    assert four.lab.run(operations.start(operation=again, user=four.owner)).state == OperationState.SUCCEEDED
    assert (len(secrets(four)), pool_row(four.sim.host(COORDINATOR)).flag("is_psr_pending")) == (1, False)


def test_what_xapi_would_refuse_is_known_before(four: Removing) -> None:
    coordinator = four.sim.host(COORDINATOR)
    row = pool_row(coordinator)
    silent = Row(coordinator.database, "host", four.sim.host("four-2").ref)
    silent.set(
        software_version=silent.mapping("software_version") | {"product_version": "9.9.9", "platform_version": "9"}
    )
    until(lambda: is_upgrading(coordinator.database))
    silent.to("metrics", "host_metrics").set(live=False)
    restricted = row.mapping("restrictions") | {"restrict_pool_secret_rotation": "true"}
    row.set(ha_enabled=True, current_operations={"OpaqueRef:1": "eject"}, restrictions=restricted)
    draft = secret_rotate.begin(user=four.owner, pool=four.pool)
    with pytest.raises(ChecksFailed):
        operations.make_plan(operation=draft, user=four.owner)
    busy = {"XENWEB_ROTATION_BUSY", "NOT_SUPPORTED_DURING_UPGRADE"}
    assert codes(draft) == {"LICENCE_RESTRICTION", "XENWEB_ROTATION_AWAY", "HA_IS_ENABLED", *busy}
    assert sent(four) == 0


def test_a_server_that_falls_silent_before_the_start_makes_the_plan_out_of_date(four: Removing) -> None:
    waiting = planned(four)
    coordinator = four.sim.host(COORDINATOR)
    host = Row(coordinator.database, "host", four.sim.host("four-2").ref)
    host.to("metrics", "host_metrics").set(live=False)
    operation = four.lab.run(operations.start(operation=waiting, user=four.owner))
    assert (operation.state, sent(four)) == (OperationState.STALE, 0)
    assert "four-2" in operation.stale_reason


def test_high_availability_is_off_around_it_and_as_before_afterwards(transactional_db: None) -> None:
    with removing("ha-pool", "ha-coordinator") as lab:
        operation = ran(lab, ha=True)
        assert operation.state == OperationState.SUCCEEDED, story(operation)
        kinds = list(operation.steps.values_list("kind", flat=True))
        assert kinds == ["DisableHA", "RotateSecret", "EnableHA"]
        assert pool_row(lab.sim.host("ha-coordinator")).flag("ha_enabled")
        assert len(secrets(lab)) == 1
