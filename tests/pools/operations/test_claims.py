"""Who works on a step: one owner at a time, known by his fence."""

import threading

import pytest
from django.db import connection

from pools.models import JournalEntry, Step, WorkerPresence
from pools.operations import claims, locks, presence, results, sweep
from pools.operations.claims import Claim, LostClaim
from pools.services import operations, supervision
from pools.services.errors import ResourceBusy
from tests.fixtures.lab import Lab, story
from tests.simulator.waiting import until

RACERS = 10


@pytest.fixture
def step(lab: Lab) -> Step:
    return lab.started().steps.get(seq=1)


def race(step_id: int) -> list[Claim]:
    """Claim one step from many threads at once."""
    won: list[Claim | None] = []
    presence.mine()

    def run() -> None:
        won.append(claims.claim(step_id))
        connection.close()

    racers = [threading.Thread(target=run) for _ in range(RACERS)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    return [claim for claim in won if claim]


def test_ten_equal_messages_make_one_claim(step: Step) -> None:
    assert [claim.fence for claim in race(step.pk)] == [1]


def test_an_old_fence_writes_nothing(step: Step) -> None:
    old = claims.claim(step.pk)
    Step.objects.filter(pk=step.pk).update(lease_until=None)
    new = claims.claim(step.pk)
    assert old
    assert new
    assert new.fence == old.fence + 1
    with pytest.raises(LostClaim), old.writing():
        pytest.fail("an old owner must not write")
    assert not claims.renew(old)
    assert claims.renew(new)


def test_a_later_step_cannot_be_claimed_before_its_time(step: Step) -> None:
    assert claims.claim(step.operation.steps.get(seq=2).pk) is None


def test_redelivered_messages_do_nothing(lab: Lab) -> None:
    operation = lab.succeeded()
    lines = JournalEntry.objects.count()
    for row in operation.steps.all():
        supervision.perform(row.pk)
    assert JournalEntry.objects.count() == lines
    assert len(lab.sim.calls("pool.join")) == 1


def test_the_leases_of_a_dead_process_are_void_at_the_next_sweep(step: Step) -> None:
    claims.claim(step.pk)
    assert sweep.sweep() == 0
    presence.leave()
    assert until(sweep.sweep) == 1
    step.refresh_from_db()
    assert (step.owner, step.lease_until) == (None, None)
    assert not WorkerPresence.objects.exists()


def test_three_workers_lost_at_a_step_are_enough(lab: Lab) -> None:
    operation = lab.started()
    row = operation.steps.get(seq=1)
    for _ in range(3):
        claim = claims.claim(row.pk)
        assert claim
        results.begin(claim)
        Step.objects.filter(pk=row.pk).update(lease_until=None)
    lab.run(operation)
    row.refresh_from_db()
    assert row.error_code == "XENWEB_WORKERS_LOST", story(operation)
    assert lab.run_again(operation).state == "succeeded"


def test_a_second_operation_on_a_held_server_is_refused_and_the_holder_named(lab: Lab) -> None:
    second = lab.planned()
    first = lab.started()
    with pytest.raises(ResourceBusy) as refused:
        operations.start(operation=second, user=lab.owner)
    assert refused.value.holder == first
    assert str(first) in str(refused.value)
    assert locks.holder(second, locks.resources_of(second)) == first
    second.refresh_from_db()
    assert second.state == "planned"


def test_submitting_twice_with_one_key_starts_once(lab: Lab) -> None:
    operation = lab.planned()
    sent = {"operation": operation, "user": lab.owner, "plan_hash": operation.plan_hash, "idempotency_key": "k"}
    first = operations.submit(**sent)  # type: ignore[arg-type]
    second = operations.submit(**sent)  # type: ignore[arg-type]
    assert first.pk == second.pk
    assert JournalEntry.objects.filter(data__state="queued").count() == 1
