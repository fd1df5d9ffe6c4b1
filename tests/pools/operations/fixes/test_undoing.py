"""A fix that succeeded can be taken back for a while, as its plan says: what xenweb itself did, and nothing else."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pools.models import Operation, OperationState, ResourceLock
from pools.services import operations, planning, undoing
from pools.services.errors import ResourceBusy, WrongState
from simulator.scenes.rules import spoil
from simulator.scenes.spoil_state import run_vm
from simulator.xapi.rows import Row
from simulator.xapi.rows import rows as rows_of
from tests.fixtures.lab import Lab, story
from tests.pools.operations.fixes.mending import Mending


@pytest.fixture
def stopped(mending: Mending) -> Operation:
    """The joiner's VM was shut down by a fix."""
    run_vm(mending.joiner, mending.lab.sim.hosts[0])
    return mending.mended("fix_vms")


def guests(mending: Mending) -> list[Row]:
    return [
        vm
        for vm in rows_of(mending.joiner.database, "VM")
        if not vm.flag("is_control_domain") and not vm.flag("is_a_template")
    ]


def running(mending: Mending) -> list[bool]:
    return [vm.text("power_state") == "Running" for vm in guests(mending)]


def test_a_fix_that_succeeded_says_until_when_it_can_be_undone_and_is(mending: Mending, stopped: Operation) -> None:
    client = Client()
    client.force_login(mending.lab.owner)
    shown = client.get(f"/operations/{stopped.pk}/").content.decode()
    assert "It can be undone until" in shown
    assert "for a week or until another operation works on these servers" in shown
    assert timedelta(days=7) == undoing.UNDO_WITHIN
    assert running(mending) == [False]
    client.post(f"/operations/{stopped.pk}/undo/")
    assert mending.lab.run(stopped).state == OperationState.UNDONE, story(stopped)
    assert running(mending) == [True]
    assert not ResourceLock.objects.exists()


def test_it_is_not_undone_after_a_week(mending: Mending, stopped: Operation) -> None:
    Operation.objects.filter(pk=stopped.pk).update(finished_at=timezone.now() - timedelta(days=8))
    with pytest.raises(WrongState, match="7 days"):
        operations.undo(operation=stopped, user=mending.lab.owner)
    assert not ResourceLock.objects.exists()


def test_it_is_not_undone_from_under_what_came_after_it(mending: Mending, stopped: Operation) -> None:
    spoil("tunnel", mending.joiner, mending.lab.sim.hosts[0])
    later = mending.started("fix_tunnels")
    with pytest.raises(ResourceBusy):
        operations.undo(operation=stopped, user=mending.lab.owner)
    mending.lab.run(later)
    with pytest.raises(WrongState, match="Undo that first"):
        operations.undo(operation=stopped, user=mending.lab.owner)
    mending.undone(later)
    mending.undone(stopped)
    assert running(mending) == [True]


def test_what_others_did_is_not_taken_back(mending: Mending) -> None:
    for _ in range(2):
        run_vm(mending.joiner, mending.lab.sim.hosts[0])
    operation = mending.lab.run_steps(mending.started("fix_vms"), 1)
    [second] = [vm for vm in guests(mending) if vm.text("power_state") == "Running"]
    second.set(power_state="Halted")
    assert mending.lab.run(operation).state == OperationState.SUCCEEDED, story(operation)
    mending.undone(operation)
    assert sorted(running(mending)) == [False, True]
    assert second.text("power_state") == "Halted"


def test_what_holds_a_point_of_no_return_stays(lab: Lab) -> None:
    operation = lab.succeeded()
    with pytest.raises(WrongState, match=r"Join .* cannot be undone"):
        operations.undo(operation=operation, user=lab.owner)
    lab.coordinator.pool.refresh_from_db()
    assert lab.coordinator.pool.name_label == "One"


def test_a_fix_planned_anew_after_it_began_still_knows_what_it_is_for(mending: Mending) -> None:
    run_vm(mending.joiner, mending.lab.sim.hosts[0])
    operation = mending.started("fix_vms")
    run_vm(mending.joiner, mending.lab.sim.hosts[0])
    assert mending.lab.run(operation).state == OperationState.STALE, story(operation)
    anew = planning.ask_again(operation=operation, user=mending.lab.owner)
    assert (anew.parent, anew == operation) == (mending.parent, False)
