"""Keeping inventories fresh: which pools are read again, and when."""

from datetime import timedelta
from threading import BoundedSemaphore

import pytest
from django.utils import timezone

from pools import inventories
from pools.models import Inventory, Operation, OperationState, Pool, ResourceLock, User
from pools.services import inventory, rings
from tests.fixtures.lab import Lab
from tests.fixtures.people import Places, SignIn

RUNNING = (OperationState.RUNNING, OperationState.UNDOING)


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[Pool]:
    heard: list[Pool] = []
    monkeypatch.setattr(rings, "refresh", heard.append)
    return heard


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch) -> list[Pool]:
    """Pools whose servers were asked; nothing comes of it."""
    asked: list[Pool] = []
    monkeypatch.setattr(inventories, "refresh", asked.append)
    return asked


@pytest.fixture
def ours(places: Places) -> Pool:
    """Of two pools the one that a test looks at; the other one was read just now."""
    tried(places.theirs, 0)
    return places.ours


def tried(pool: Pool, seconds: float) -> None:
    """The pool was last asked so long ago, with or without an answer."""
    Inventory.objects.update_or_create(
        pool=pool, defaults={"tried_at": timezone.now() - timedelta(seconds=seconds), "error_code": "XENWEB_TIMEOUT"}
    )


def operation_on(pool: Pool, user: User, state: OperationState) -> Operation:
    return Operation.objects.create(kind="pool_create", created_by=user, pool=pool, state=state)


def hold(pool: Pool, operation: Operation) -> None:
    ResourceLock.objects.create(resource=pool.resource, operation=operation)


@pytest.mark.parametrize(("seconds", "count"), [(55, 0), (65, 1)])
def test_a_pool_is_read_again_after_a_minute(ours: Pool, rung: list[Pool], seconds: float, count: int) -> None:
    tried(ours, seconds)
    assert inventory.refresh_due() == count
    assert rung == [ours] * count


def test_a_pool_that_was_never_read_is_read(ours: Pool, rung: list[Pool]) -> None:
    inventory.refresh_due()
    assert rung == [ours]


def test_a_pool_that_was_adopted_and_never_tried_is_read(ours: Pool, rung: list[Pool]) -> None:
    Inventory.objects.create(pool=ours)
    inventory.refresh_due()
    assert rung == [ours]


@pytest.mark.parametrize("state", OperationState)
def test_a_pool_that_is_being_changed_is_read_more_often(
    ours: Pool, alice: User, rung: list[Pool], state: OperationState
) -> None:
    hold(ours, operation_on(ours, alice, state))
    tried(ours, 10)
    assert inventory.refresh_due() == 0
    tried(ours, 20)
    inventory.refresh_due()
    assert rung == ([ours] if state in RUNNING else [])


def test_a_pool_that_dissolves_into_another_one_is_left_alone(
    ours: Pool, places: Places, alice: User, rung: list[Pool]
) -> None:
    tried(ours, 3600)
    joining_theirs = operation_on(places.theirs, alice, OperationState.RUNNING)
    hold(ours, joining_theirs)
    assert inventory.refresh_due() == 0
    joining_theirs.locks.all().delete()
    inventory.refresh_due()
    assert rung == [ours]


def test_a_pool_that_has_ended_is_not_read(lab: Lab, rung: list[Pool]) -> None:
    pool = lab.coordinator.pool
    Pool.objects.filter(pk=pool.pk).update(retired_at=timezone.now())
    tried(pool, 3600)
    lab.sim.world.calllog.clear()
    inventory.refresh(pool.pk)
    assert inventory.refresh_due() == 0
    assert lab.sim.calls() == []


def test_reading_a_pool_brings_new_records_and_makes_it_fresh(lab: Lab, rung: list[Pool]) -> None:
    pool = lab.coordinator.pool
    tried(pool, 3600)
    inventory.refresh(pool.pk)
    stored = Inventory.objects.get(pool=pool)
    assert stored.error_code == ""
    assert stored.records
    assert inventory.refresh_due() == 0


def test_rings_that_waited_for_a_worker_are_one_visit(ours: Pool, rung: list[Pool], visited: list[Pool]) -> None:
    for _beat in range(4):
        inventory.refresh_due()
    for pool in rung:
        inventory.refresh(pool.pk)
    assert len(rung) == 4
    assert visited == [ours]
    assert inventory.refresh_due() == 0


@pytest.mark.parametrize(("seconds", "visits"), [(4, 0), (6, 1)])
def test_a_visit_is_not_repeated_at_once(ours: Pool, visited: list[Pool], seconds: float, visits: int) -> None:
    tried(ours, seconds)
    inventory.refresh(ours.pk)
    assert visited == [ours] * visits


def test_who_presses_again_and_again_rings_once_in_a_moment(
    ours: Pool, rung: list[Pool], vera: User, sign_in: SignIn
) -> None:
    tried(ours, 6)
    page = sign_in(vera)
    page.post(f"/pools/{ours.pk}/refresh/")
    assert rung == [ours]
    tried(ours, 0)
    for _press in range(3):
        assert "Reading" in page.post(f"/pools/{ours.pk}/refresh/", follow=True).content.decode()
    assert rung == [ours]


def test_a_pool_whose_connection_was_mended_is_read_at_once(ours: Pool, rung: list[Pool], visited: list[Pool]) -> None:
    tried(ours, 0)
    inventory.mended(ours)
    inventory.refresh(rung[0].pk)
    assert visited == [ours]


def test_pools_that_do_not_answer_do_not_keep_the_whole_desk(
    ours: Pool, visited: list[Pool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inventory, "slots", BoundedSemaphore(1))
    tried(ours, 120)
    with inventory.slots:
        inventory.refresh(ours.pk)
    assert not visited
    assert ours in inventory.due()
    inventory.refresh(ours.pk)
    assert visited == [ours]


def test_who_reads_goes_on_with_the_pool_that_waited_longest(ours: Pool, places: Places, visited: list[Pool]) -> None:
    tried(ours, 120)
    tried(places.theirs, 300)
    other = Pool.objects.create(uuid="never-read")
    assert inventory.due() == [other, places.theirs, ours]
    inventory.refresh(ours.pk)
    assert visited == [ours, other, places.theirs]


def test_a_pool_that_somebody_looks_at_is_the_next(ours: Pool, places: Places, rung: list[Pool]) -> None:
    tried(ours, 70)
    tried(places.theirs, 300)
    inventory.ask(ours)
    assert inventory.due()[0] == ours
    assert rung == [ours]
