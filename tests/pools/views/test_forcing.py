"""The page of a join by force: offered at its finding, asks for the reason, and lets it be taken back."""

from http import HTTPStatus

import pytest
from django.test import Client

from pools.models import AuditEntry, Operation, Role, User
from pools.services import examination, planning
from simulator.scenes.rules import spoil
from tests.fixtures.lab import Lab
from tests.fixtures.people import SignIn, make_person

REASON = "It is updated in the pool tonight."


@pytest.fixture
def operation(lab: Lab) -> Operation:
    coordinator, joiner = lab.sim.hosts
    spoil("xapi-version", joiner, coordinator)
    return examined(lab.draft(), lab.owner)


def examined(operation: Operation, user: User | None = None) -> Operation:
    if user:
        examination.ask(operation=operation, user=user)
    examination.run(str(operation.pk))
    operation.refresh_from_db()
    return operation


def path_of(lab: Lab, operation: Operation, server: int = 1) -> str:
    return f"/operations/{operation.pk}/force/{lab.servers[server].uuid}/"


def checks(client: Client, operation: Operation) -> str:
    return client.get(f"/operations/{operation.pk}/checks/").content.decode()


def plan(client: Client, operation: Operation) -> str:
    planning.run(str(operation.pk))
    return client.get(f"/operations/{operation.pk}/plan/").content.decode()


def test_a_join_is_forced_with_a_reason_and_the_plan_shows_it_loudly(
    lab: Lab, operation: Operation, sign_in: SignIn
) -> None:
    sara = make_person("sara", Role.ADMINISTRATOR)
    client, path = sign_in(lab.owner), path_of(lab, operation)
    assert path in checks(client, operation)
    assert "rolling-upgrade mode" in client.get(path).content.decode()
    answer = client.post(path, {"reason": REASON})
    assert answer.headers["Location"] == f"/operations/{operation.pk}/checks/"
    found = checks(client, examined(operation))
    assert "The join will be forced" in found
    assert REASON in found
    client.post(f"/operations/{operation.pk}/plan/")
    page = plan(client, operation)
    assert "joins by force" in page
    assert REASON in page
    assert "Ask for approval" in page
    operation.refresh_from_db()
    client.post(f"/operations/{operation.pk}/submit/", {"plan_hash": operation.plan_hash, "key": "once"})
    asked = sign_in(sara).get(f"/approvals/{operation.approvals.get().pk}/").content.decode()
    assert "joins by force" in asked
    assert REASON in asked
    assert AuditEntry.objects.filter(action="operation.join_forced").exists()


def test_too_short_a_reason_is_refused_and_what_was_typed_stays(
    lab: Lab, operation: Operation, sign_in: SignIn
) -> None:
    answer = sign_in(lab.owner).post(path_of(lab, operation), {"reason": "because"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "because</textarea>" in answer.content.decode()
    operation.refresh_from_db()
    assert "forced" not in operation.draft


def test_the_force_is_taken_back_and_alone_nobody_can_ask_for_it(
    lab: Lab, operation: Operation, sign_in: SignIn
) -> None:
    client, path = sign_in(lab.owner), path_of(lab, operation)
    client.post(path, {"reason": REASON})
    examined(operation)
    client.post(f"/operations/{operation.pk}/plan/")
    page = plan(client, operation)
    assert "Nobody else can approve this" in page
    assert "Start now" not in page
    assert "Withdraw the force" in client.get(path).content.decode()
    client.post(path, {"answer": "withdraw"})
    assert "Different toolstack versions" in checks(client, examined(operation))


def test_the_coordinator_and_strangers_have_no_such_page(lab: Lab, operation: Operation, sign_in: SignIn) -> None:
    client = sign_in(lab.owner)
    assert client.get(path_of(lab, operation, 0)).status_code == HTTPStatus.NOT_FOUND
    assert client.get(f"/operations/{operation.pk}/force/nobody/").status_code == HTTPStatus.NOT_FOUND


def test_a_vendor_difference_says_why_no_force_is_offered(lab: Lab, sign_in: SignIn) -> None:
    coordinator, joiner = lab.sim.hosts
    spoil("cpu-vendor", joiner, coordinator)
    operation = examined(lab.draft(), lab.owner)
    page = checks(sign_in(lab.owner), operation)
    assert "xenweb does not offer it" in page
    assert path_of(lab, operation) not in page
    answer = sign_in(lab.owner).post(path_of(lab, operation), {"reason": REASON})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
