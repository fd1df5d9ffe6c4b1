"""Rebuilding a removed server's network in the browser: from its snapshot to its plan."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest
from django.test import Client

from pools.models import NetworkSnapshot, Operation, OperationState
from pools.services import planning
from tests.fixtures.lab import Lab, story
from tests.fixtures.people import SignIn
from tests.pools.operations.rebuilding.test_rebuild import ejected, kept
from tests.pools.snapshots.ejecting import Ejected


@pytest.fixture
def back(transactional_db: None) -> Iterator[tuple[Lab, Ejected, NetworkSnapshot]]:
    with ejected("ibm-cloud", "ibm-1", "ibm-2") as (lab, found):
        yield lab, found, kept(found.saved, lab.servers[0])


def test_what_is_chosen_is_planned_and_made(back: tuple[Lab, Ejected, NetworkSnapshot], sign_in: SignIn) -> None:
    lab, found, snapshot = back
    otto: Client = sign_in(lab.owner)
    url = f"/snapshots/{snapshot.pk}/rebuild/"
    shown = otto.get(url).content.decode()
    assert "Bond Private bond" in shown
    assert shown.count(" checked") == shown.count('name="items"') > 1
    assert otto.post(url, {}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not Operation.objects.filter(kind="network_rebuild").exists()
    keys = [item for item in keys_in(shown) if item.startswith("bond:")]
    assert otto.post(url, {"items": keys}).status_code == HTTPStatus.FOUND
    draft = Operation.objects.get(kind="network_rebuild")
    planning.run(str(draft.pk))
    draft.refresh_from_db()
    assert draft.state == OperationState.PLANNED, draft.draft
    plan = otto.get(f"/operations/{draft.pk}/plan/").content.decode()
    assert "Make the bond again" in plan
    otto.post(f"/operations/{draft.pk}/submit/", {"plan_hash": draft.plan_hash, "key": "once"})
    operation = lab.run(draft)
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    assert len(found.network.bonds) == len(keys)


def keys_in(page: str) -> list[str]:
    return [part.split('"')[0] for part in page.split('name="items" value="')[1:]]


def test_a_snapshot_that_is_not_complete_is_not_rebuilt_from(
    back: tuple[Lab, Ejected, NetworkSnapshot], sign_in: SignIn
) -> None:
    lab, _, snapshot = back
    NetworkSnapshot.objects.filter(pk=snapshot.pk).update(complete=False)
    assert sign_in(lab.owner).get(f"/snapshots/{snapshot.pk}/rebuild/").status_code == HTTPStatus.NOT_FOUND
