"""HA is off around the joins and as before afterwards, whatever is lost or done by others in between."""

from collections.abc import Iterator

import pytest

from pools.models import OperationState, StepState
from pools.services import live, operations
from simulator.scenes.spoil_state import run_vm
from tests.fixtures.lab import story
from tests.pools.operations.after_join.adding import Adding, adding, rows, scene_with_ha, step
from tests.simulator.rpc import Rpc


@pytest.fixture
def ha(transactional_db: None) -> Iterator[Adding]:
    with adding(scene_with_ha(), "ha-coordinator", ["new-1", "new-2"]) as found:
        yield found


def ha_of(adding: Adding) -> tuple[bool, int, set[str]]:
    pool = rows(adding.sim.host("ha-coordinator"), "pool")[0]
    vdis = {ref: row["SR"] for ref, row in adding.sim.host("ha-coordinator").database.records("VDI").items()}
    statefiles = pool["ha_statefiles"]
    assert isinstance(statefiles, list | tuple | set)
    return bool(pool["ha_enabled"]), int(str(pool["ha_host_failures_to_tolerate"])), {str(vdis[r]) for r in statefiles}


def test_ha_is_off_during_the_joins_and_as_before_afterwards(ha: Adding) -> None:
    before = ha_of(ha)
    operation = ha.succeeded("new-1", "new-2", ha=True)
    assert before[0]
    assert ha_of(ha) == before
    kinds = list(operation.steps.values_list("kind", flat=True))
    assert (kinds[0], kinds[-2:]) == ("DisableHA", ["EnableHA", "ConfirmPool"])
    assert kinds.count("PlugStorage") == 2


def test_storage_that_cannot_be_plugged_is_named_and_plugged_when_mended(ha: Adding, hurried: None) -> None:
    ha.sim.fault("pbd_plug_fails", host="new-1", times=None, data={"sr": "Heartbeat filer"})
    operation = ha.ran("new-1", "new-2", ha=True)
    assert step(operation, "PlugStorage", "new-1").error_code == "XENWEB_STORAGE_NOT_PLUGGED", story(operation)
    assert step(operation, "PlugStorage", "new-2").state == StepState.DONE
    assert (operation.state, step(operation, "EnableHA").error_code) == ("needs_attention", "SR_HAS_NO_PBDS")
    assert live.page(operation).unprotected
    operations.retry_step(step=step(operation, "PlugStorage", "new-1"), user=ha.owner)
    page = live.page(ha.lab.run(operation))
    assert page.trouble == step(operation, "EnableHA"), "what blocks the rest, though another step failed later"
    assert [lane.name for lane in page.parked] == ["new-1"]
    ha.sim.world.faults.clear()
    operations.retry_step(step=step(operation, "PlugStorage", "new-1"), user=ha.owner)
    assert ha.lab.run(operation).state == OperationState.NEEDS_ATTENTION
    operations.retry_step(step=step(operation, "EnableHA"), user=ha.owner)
    assert ha.lab.run(operation).state == OperationState.SUCCEEDED, story(operation)
    assert (ha_of(ha)[0], live.page(operation).unprotected) == (True, False)


def test_ha_stays_on_when_undoing_comes_to_a_join(ha: Adding) -> None:
    before = ha_of(ha)
    operation = ha.lab.run_steps(ha.started("new-1", "new-2", ha=True), 1)
    run_vm(ha.sim.host("new-2"), ha.sim.host("ha-coordinator"))
    assert ha.lab.run(operation).state == OperationState.OPEN_POINTS, story(operation)
    operations.undo(operation=operation, user=ha.owner)
    assert ha.lab.run(operation).state == OperationState.NEEDS_ATTENTION, "a join has no undo"
    assert ha_of(ha) == before


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_a_switch_without_a_reply_is_settled_by_how_ha_is(ha: Adding, fault: str) -> None:
    before, calls = ha_of(ha), ("pool.disable_ha", "pool.enable_ha")
    for call in calls:
        ha.sim.fault(fault, method=f"Async.{call}")
    ha.succeeded("new-1", ha=True)
    assert ha_of(ha) == before
    assert [len(ha.sim.calls(call, host="ha-coordinator")) for call in calls] == [
        2 if fault == "drop_before" else 1
    ] * 2


def test_ha_is_as_before_when_it_is_undone_or_others_switch_it_on(ha: Adding) -> None:
    before = ha_of(ha)
    operation = ha.lab.run_steps(ha.started("new-1", ha=True), 1)
    assert not ha_of(ha)[0]
    operations.stop(operation=operation, user=ha.owner)
    operations.undo(operation=operation, user=ha.owner)
    assert ha.lab.run(operation).state == OperationState.UNDONE, story(operation)
    assert ha_of(ha) == before
    operation = ha.lab.run_steps(ha.started("new-1", "new-2", ha=True), 6)
    pool = ha.sim.host("ha-coordinator")
    filer = next(ref for ref, sr in pool.database.records("SR").items() if sr["name_label"] == "Heartbeat filer")
    Rpc(pool).call("pool.enable_ha", [filer], {})
    assert ha.lab.run(operation).state != OperationState.SUCCEEDED
    assert step(operation, "JoinPool", "new-2").error_code == "HA_IS_ENABLED", story(operation)
    operations.resume(operation=operation, user=ha.owner)
    assert ha.lab.run(operation).state == OperationState.SUCCEEDED, story(operation)
    assert ha_of(ha) == before
    assert step(operation, "JoinPool", "new-2").state == StepState.DONE
