"""kill -9 between a server's new password and its place among the stored logins: the next worker finds it."""

from collections.abc import Iterator

import pytest

from pools import connections
from pools.models import NewPassword, StepState
from pools.services import operations, password_change
from tests.fault.workers import Workers, until
from tests.fixtures.lab import Lab, lab_of, story

pytestmark = pytest.mark.fault
NEW = "abcd-2345-EFGH-6789"


@pytest.fixture
def lab(transactional_db: None) -> Iterator[Lab]:
    with lab_of("two-standalone", connected=1) as found:
        yield found


def test_a_password_that_was_set_but_not_stored_is_proved_and_stored_later(lab: Lab, workers: Workers) -> None:
    workers.start(failpoint="ChangePassword:reply_received", XENWEB_PATIENCE="3")
    draft = password_change.begin(user=lab.owner, server=lab.servers[0], password=NEW)
    planned = operations.make_plan(operation=draft, user=lab.owner)
    operation = operations.start(operation=planned, user=lab.owner)
    workers.struck()
    until(lambda: operation.steps.get().state == StepState.DONE, 20)
    workers.stop()
    assert len(lab.sim.calls("session.change_password")) == 1, story(operation)
    assert lab.sim.hosts[0].password == connections.login_of(lab.servers[0].pool).password == NEW
    assert bytes(NewPassword.objects.get().ciphertext) == b""
