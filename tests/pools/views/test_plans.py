"""A plan that is looked at stays fresh or says that it is not, to its author and to who approves it."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.utils import timezone

from pools.models import Operation, OperationState, Role
from pools.services import approvals, rechecking
from tests.fixtures.lab import Lab
from tests.fixtures.people import SignIn, make_person


@pytest.fixture
def otto(lab: Lab, sign_in: SignIn) -> Client:
    """The browser of the lab's owner."""
    return sign_in(lab.owner)


@pytest.fixture
def planned(lab: Lab) -> Operation:
    """A plan that was made a while ago."""
    operation = lab.planned()
    Operation.objects.filter(pk=operation.pk).update(planned_at=timezone.now() - timedelta(seconds=30))
    operation.refresh_from_db()
    return operation


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == HTTPStatus.OK, answer.headers
    return answer.content.decode()


def rename(lab: Lab) -> None:
    host = lab.sim.hosts[1]
    host.database.set("host", host.ref, name_label="another name")


def test_opening_the_plan_has_it_compared_and_the_page_asks_how_it_stands(
    lab: Lab, planned: Operation, otto: Client
) -> None:
    base = f"/operations/{planned.pk}"
    shown = text(otto, f"{base}/plan/")
    assert "Comparing with the servers" in shown
    watch = f"{base}/watch/?plan={planned.plan_hash}"
    assert f'hx-get="{watch}" hx-trigger="every 1s"' in shown
    rechecking.run(str(planned.pk))
    part = text(otto, watch)
    assert part.lstrip().startswith('<div id="plan-watch"')
    assert 'hx-trigger="every 15s"' in part


def test_an_open_page_is_loaded_again_when_its_plan_is_out_of_date_and_shows_why(
    lab: Lab, planned: Operation, otto: Client
) -> None:
    base = f"/operations/{planned.pk}"
    text(otto, f"{base}/plan/")
    rename(lab)
    rechecking.run(str(planned.pk))
    assert otto.get(f"{base}/watch/", {"plan": planned.plan_hash}).headers["HX-Refresh"] == "true"
    data = {"plan_hash": planned.plan_hash, "key": "k"}
    assert otto.post(f"{base}/submit/", data).headers["Location"] == f"{base}/plan/"
    shown = text(otto, f"{base}/plan/")
    assert "xs-02: servers in its pool was xs-02, is now another name." in shown
    assert "Start now" not in shown
    assert shown.count("Make the plan again") == 1
    assert lab.sim.calls("pool.join") == []


def test_what_cannot_be_asked_is_unknown_since_when_and_not_out_of_date(
    lab: Lab, planned: Operation, otto: Client
) -> None:
    path = f"/operations/{planned.pk}/plan/"
    text(otto, path)
    lab.sim.fault("http_500", host="xs-02", times=None)
    rechecking.run(str(planned.pk))
    shown = text(otto, path)
    assert "Could not be checked since" in shown
    assert "Start now" in shown


def test_an_approver_sees_the_difference_and_can_no_longer_say_yes(
    lab: Lab, planned: Operation, sign_in: SignIn
) -> None:
    asked = approvals.ask(operation=planned, user=lab.owner)
    adele = sign_in(make_person("adele", Role.ADMINISTRATOR))
    path = f"/approvals/{asked.pk}/"
    assert f"/operations/{planned.pk}/watch/" in text(adele, path)
    rename(lab)
    rechecking.run(str(planned.pk))
    answer = adele.post(path, {"decision": "approve", "plan_hash": planned.plan_hash})
    assert answer.status_code == HTTPStatus.CONFLICT
    shown = text(adele, path)
    assert "is now another name" in shown
    assert "Approve and start" not in shown
    planned.refresh_from_db()
    assert planned.state == OperationState.STALE


def test_a_plan_that_the_engine_found_out_of_date_can_be_made_again_from_its_page(lab: Lab, otto: Client) -> None:
    operation = lab.started()
    rename(lab)
    assert lab.run(operation).state == OperationState.STALE
    part = otto.get(f"/operations/{operation.pk}/buttons/").content.decode()
    assert "Make the plan again" in part
