"""Waiting for what others do has an end, and sends nothing."""

import threading

import pytest

from pools.models import OperationState
from pools.operations.fixes import whole_pool
from pools.services import fixes
from simulator.scenes.rules import spoil
from simulator.xapi.machines import pool_row
from simulator.xapi.rows import Row
from tests.fixtures.lab import story
from tests.pools.operations.fixes.mending import Mending
from tests.simulator.waiting import until

UPDATING = {"OpaqueRef:an-update": "apply_updates"}


@pytest.mark.parametrize("place", [0, 1], ids=["pool", "joiner"])
def test_updates_of_either_side_are_waited_for(mending: Mending, place: int) -> None:
    pool = pool_row(mending.lab.sim.hosts[place])
    pool.set(current_operations=UPDATING)
    [(_, url)] = fixes.fixes_for(mending.parent, mending.finding("NOT_SUPPORTED_DURING_UPGRADE"))
    assert url.endswith(f"/wait/{mending.lab.servers[place].uuid}/")
    operation = mending.started("fix_wait", place=place)
    threading.Thread(target=ended_once_seen, args=[mending, pool]).start()
    mending.lab.run(operation)
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    assert mending.codes() == set()


def ended_once_seen(mending: Mending, pool: Row) -> None:
    """The updates end when the step has seen that they are under way."""
    until(lambda: len(mending.lab.sim.calls("VM.get_all_records")) > 1)
    pool.set(current_operations={})


def test_what_does_not_end_asks_a_person(mending: Mending, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_pool.WaitForOthers, "patience", 0.3)
    spoil("busy-vm", mending.joiner, mending.lab.sim.hosts[0])
    operation = mending.lab.run(mending.started("fix_wait"))
    assert operation.state == OperationState.NEEDS_ATTENTION, story(operation)
    assert not operation.steps.get().attempts.filter(intent_at__isnull=False).exists()
    assert "JOINING_HOST_CANNOT_HAVE_VMS_WITH_CURRENT_OPERATIONS" in mending.codes()
