"""A server that is alone gets a new password: kept encrypted, proved, stored; whatever happens on the way."""

from collections.abc import Iterator

import pytest
from django.test import override_settings
from django.utils import timezone

from pools import connections, passwords
from pools.models import NewPassword, Operation, OperationState
from pools.services import after_removal, operations, password_change, planning
from pools.services.errors import WrongState
from simulator.world.host import HostMachine
from tests.fixtures.lab import Lab, lab_of, story

NEW = "abcd-2345-EFGH-6789"


@pytest.fixture
def alone(transactional_db: None) -> Iterator[Lab]:
    with lab_of("two-standalone", connected=1) as lab, override_settings(PATIENCE=2.0):
        yield lab


def host(lab: Lab) -> HostMachine:
    return lab.sim.hosts[0]


def stored(lab: Lab) -> str:
    return connections.login_of(lab.servers[0].pool).password


def planned(lab: Lab, password: str = NEW) -> Operation:
    operation = password_change.begin(user=lab.owner, server=lab.servers[0], password=password)
    planning.run(str(operation.pk))
    operation.refresh_from_db()
    return operation


def ran(lab: Lab) -> Operation:
    operation = planned(lab)
    assert operation.state == OperationState.PLANNED, operation.report
    return lab.run(operations.start(operation=operation, user=lab.owner))


def test_the_server_and_xenweb_have_the_new_password_and_nothing_else_keeps_it(alone: Lab) -> None:
    operation = ran(alone)
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    assert host(alone).password == stored(alone) == NEW
    assert bytes(NewPassword.objects.get(operation=operation).ciphertext) == b""
    passwords.erase_ended()
    assert not NewPassword.objects.exists()


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_a_lost_reply_ends_with_both_having_the_same_password(alone: Lab, fault: str) -> None:
    alone.sim.fault(fault, method="session.change_password")
    operation = ran(alone)
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    assert host(alone).password == stored(alone) == NEW
    sent = len(alone.sim.calls("session.change_password"))
    assert sent == (2 if fault == "drop_before" else 1)


def test_what_the_server_refuses_leaves_the_old_password_on_both_sides(alone: Lab) -> None:
    old = host(alone).password
    alone.sim.fault("password_rejected")
    operation = ran(alone)
    assert operation.state == OperationState.NEEDS_ATTENTION, story(operation)
    assert operation.steps.get().error_code == "CHANGE_PASSWORD_REJECTED"
    assert host(alone).password == stored(alone) == old


def test_a_server_that_takes_neither_password_needs_a_person(alone: Lab) -> None:
    operation = planned(alone)
    host(alone).password = "somebody else’s"
    operation = alone.run(operations.start(operation=operation, user=alone.owner))
    assert operation.steps.get().error_code == "SESSION_AUTHENTICATION_FAILED", story(operation)
    assert bytes(NewPassword.objects.get(operation=operation).ciphertext) != b""


def test_a_password_that_was_typed_a_day_ago_is_erased(alone: Lab) -> None:
    operation = planned(alone)
    NewPassword.objects.update(kept_at=timezone.now() - 2 * passwords.KEPT_FOR)
    passwords.erase_ended()
    operation = alone.run(operations.start(operation=operation, user=alone.owner))
    assert operation.steps.get().error_code == "XENWEB_PASSWORD_ERASED", story(operation)


def test_one_that_an_operation_is_working_with_is_not_erased(alone: Lab) -> None:
    operation = planned(alone)
    operations.start(operation=operation, user=alone.owner)
    NewPassword.objects.update(kept_at=timezone.now() - 2 * passwords.KEPT_FOR)
    passwords.erase_ended()
    assert passwords.is_kept(operation)


def test_the_password_it_has_is_no_new_one(alone: Lab) -> None:
    with pytest.raises(WrongState, match="has now"):
        password_change.begin(user=alone.owner, server=alone.servers[0], password=stored(alone))
    assert not Operation.objects.exists()


def test_a_server_in_a_pool_is_not_changed_alone(transactional_db: None) -> None:
    with lab_of("pool-of-four", connected=1) as lab, pytest.raises(WrongState, match="that of all of them"):
        password_change.begin(user=lab.owner, server=lab.servers[0], password=NEW)


def test_a_server_that_others_joined_since_is_offered_none(transactional_db: None) -> None:
    with lab_of("pool-of-four", connected=1) as lab:
        since = Operation(created_at=timezone.now())
        assert lab.servers[0].pool.coordinator_id == lab.servers[0].pk
        assert not list(after_removal.its_password(since, lab.servers[0]))
