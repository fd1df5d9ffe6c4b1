"""Cleaning a pool and giving it a new secret in the browser: offered after a removal, asked, typed, done."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest
from django.test import Client

from pools import inventories
from pools.models import Operation, OperationState, Role
from pools.services import examination, planning
from tests.fixtures.lab import story
from tests.fixtures.people import SignIn, make_person
from tests.pools.operations.cleaning import Cleaning, cleaning


@pytest.fixture
def left(transactional_db: None) -> Iterator[Cleaning]:
    with cleaning() as found:
        inventories.refresh(found.lab.pool)
        yield found


def text(client: Client, url: str) -> str:
    return client.get(url).content.decode()


def test_leftovers_are_offered_chosen_and_removed(left: Cleaning, sign_in: SignIn) -> None:
    olivia: Client = sign_in(left.lab.owner)
    pool = left.lab.pool
    begin = f"/pools/{pool.pk}/clean-up/"
    assert f'action="{begin}"' in text(olivia, f"/operations/{left.removal.pk}/")
    assert f'action="{begin}"' in text(olivia, f"/pools/{pool.pk}/")
    url = olivia.post(begin).headers["Location"]
    draft = Operation.objects.get(kind="pool_cleanup")
    assert "Reading the pool" in text(olivia, url)
    assert olivia.post(url, {"again": "1"}).headers["Location"] == url
    left.removal.draft["decisions"].pop(f"vm:{left.there('mended').text('uuid')}")
    left.removal.save()
    examination.run(str(draft.pk))
    shown = text(olivia, url)
    assert shown.count('name="items"') == shown.count(" checked") + 2 == 8, "all but one accepted, one not lost"
    assert olivia.post(url, {}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    key = f"vm:{left.there('lost').text('uuid')}"
    assert olivia.post(url, {"items": [key], "crash_dump_sr:pool": "none"}).status_code == HTTPStatus.FOUND
    planning.run(str(draft.pk))
    draft.refresh_from_db()
    plan = f"/operations/{draft.pk}/plan/"
    assert "1 record of the pool is destroyed" in text(olivia, plan)
    submit = {"plan_hash": draft.plan_hash, "key": "once"}
    olivia.post(f"/operations/{draft.pk}/submit/", submit | {f"confirm:{pool.uuid}": "Poool"})
    assert "This is not its name" in text(olivia, plan)
    olivia.post(f"/operations/{draft.pk}/submit/", submit | {f"confirm:{pool.uuid}": "Pool"})
    operation = left.lab.lab.run(draft)
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    assert "See what was cleaned up" in text(olivia, f"/operations/{left.removal.pk}/")


def test_a_new_secret_is_offered_and_louder_when_who_left_is_not_trusted(left: Cleaning, sign_in: SignIn) -> None:
    olivia: Client = sign_in(left.lab.owner)
    page, begin = f"/operations/{left.removal.pk}/", f"/pools/{left.lab.pool.pk}/new-secret/"
    quiet = text(olivia, page)
    assert quiet.index("is a pool of its own") < quiet.index("A new secret for")
    assert "A new secret for" not in text(sign_in(make_person("vera", Role.VIEWER)), page)
    olivia = sign_in(left.lab.owner)
    left.removal.draft["not_trusted"] = True
    left.removal.save()
    loud = text(olivia, page)
    assert loud.index("Now: a new secret for") < loud.index("is a pool of its own")
    assert "What a rotation does" in text(olivia, begin)
    assert not Operation.objects.filter(kind="secret_rotate").exists()
    olivia.post(begin)
    draft = Operation.objects.get(kind="secret_rotate")
    planning.run(str(draft.pk))
    draft.refresh_from_db()
    assert "Async.pool.rotate_secret" in text(olivia, f"/operations/{draft.pk}/plan/")
    olivia.post(f"/operations/{draft.pk}/submit/", {"plan_hash": draft.plan_hash, "key": "once"})
    operation = left.lab.lab.run(draft)
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    assert "See the rotation" in text(olivia, page)
