"""What servers that left leave behind is found, and goes only when it was chosen and is still left over."""

from collections.abc import Iterator

import pytest

from pools.models import Operation, OperationState, StepState
from pools.services import answers, operations
from pools.services.errors import ChecksFailed
from simulator.xapi.rows import NULL, add, first
from tests.fixtures.lab import story
from tests.pools.operations.cleaning import Cleaning, cleaning
from tests.pools.operations.removal.removing import removing
from tests.pools.operations.removal.test_forget import draft, ran

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def left(transactional_db: None) -> Iterator[Cleaning]:
    with cleaning() as found:
        yield found


def test_everything_that_was_chosen_goes_and_nothing_else(left: Cleaning) -> None:
    found = left.found()
    records = {"VM lost", "VM mended", "VM guarded", "template form", "snapshot before", "suspended VM asleep"}
    assert set(found) == {
        "default SR Local storage",
        "SR for crash dumps Local storage",
        "HA plan guarded",
        "VM away",
        *records,
    }
    assert all(each.accepted for name, each in found.items() if name in records)
    assert ("10.0.9.8:/own" in found["VM away"].why, found["VM away"].accepted) == (True, False)
    filer = left.filer()
    operation = left.ran("VM lost", "VM guarded", "HA plan guarded", "template form", "snapshot before",
                         "suspended VM asleep", default_sr=filer.text("uuid"), crash_dump_sr="none")  # fmt: skip
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    assert operation.steps.get(params__setting="crash_dump_SR").call == "pool.set_crash_dump_SR(no storage) on boss"
    pool = left.pool
    assert (pool.text("default_SR"), pool.text("crash_dump_SR")) == (filer.ref, NULL)
    assert [left.vm(name) for name in ("lost", "guarded", "form", "before")] == [None] * 4
    assert left.there("asleep").text("power_state") == "Halted"
    assert all(left.vm(name) for name in ("mended", "half", "sound", "diskless", "asleep"))
    assert set(left.found()) == {"VM mended", "VM away"}


def test_what_is_mended_while_it_is_stopped_is_left_out_and_says_so(left: Cleaning) -> None:
    operation = left.started("VM lost", "VM mended", crash_dump_sr="none")
    left.lab.lab.run_steps(operation, 1)
    operations.stop(operation=operation, user=left.lab.owner)
    assert left.lab.lab.run(operation).state == OperationState.STOPPED
    assert left.vm("lost")
    give_disk(left, "mended")
    operations.resume(operation=operation, user=left.lab.owner)
    operation = left.lab.lab.run(operation)
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    row = operation.steps.get(kind="RemoveLeftVM", params__name="mended")
    assert (row.state, "stays as it is" in row.note) == (StepState.SKIPPED, True)
    assert left.vm("mended")
    assert not left.vm("lost")


def give_disk(left: Cleaning, name: str) -> None:
    """Somebody gives a VM a disk on storage that is there."""
    database = left.boss.database
    vdi = first(database, "VDI", name_label="data")
    assert vdi is not None
    vbd = add(database, "VBD", VM=left.there(name).ref, VDI=vdi.ref, type="Disk", userdevice="0")
    assert vbd


def test_a_plan_is_out_of_date_when_a_leftover_is_mended_before_the_start(left: Cleaning) -> None:
    operation = left.started("VM mended")
    give_disk(left, "mended")
    operation = left.lab.lab.run(operation)
    assert operation.state == OperationState.STALE, story(operation)
    assert "VM mended" in operation.stale_reason
    anew = operations.save_draft(operation=operation, user=left.lab.owner, changes={})
    with pytest.raises(ChecksFailed):
        operations.make_plan(operation=anew, user=left.lab.owner)
    assert codes(anew) == {"XENWEB_LEFTOVER_MENDED", "XENWEB_NOTHING_LEFT"}


def codes(operation: Operation) -> set[str]:
    operation.refresh_from_db()
    report = answers.report_in(operation.report)
    assert report is not None
    return {finding.code for finding in report.findings}


def test_what_can_be_undone_is_as_before(left: Cleaning) -> None:
    filer = left.filer()
    left.planned("VM lost")
    assert left.draft().state == OperationState.DRAFT, "a plan that nobody started is begun anew"
    operation = left.ran("HA plan guarded", default_sr=filer.text("uuid"))
    assert left.there("guarded").text("ha_restart_priority") == ""
    operations.undo(operation=operation, user=left.lab.owner)
    assert left.lab.lab.run(operation).state == OperationState.UNDONE, story(operation)
    assert left.there("guarded").text("ha_restart_priority") == "best-effort"
    assert left.pool.text("default_SR") == filer.ref


def test_lost_replies_are_settled_by_what_is_there_and_sent_once(left: Cleaning) -> None:
    for method in ("Async.VM.destroy", "pool.set_default_SR", "Async.VM.hard_shutdown"):
        left.lab.sim.fault("drop_after", method=method)
    operation = left.ran("VM lost", "suspended VM asleep", default_sr="none")
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    assert not left.vm("lost")
    for method in ("VM.destroy", "pool.set_default_SR", "VM.hard_shutdown"):
        assert len(left.lab.sim.calls(method, host="boss")) == 1


def test_one_that_xapi_refuses_waits_for_a_person_and_stops_no_other(left: Cleaning) -> None:
    left.there("lost").set(blocked_operations={"destroy": "OPERATION_BLOCKED"})
    operation = left.ran("VM lost", "VM mended")
    refused = operation.steps.get(params__name="lost")
    assert (refused.state, refused.error_code) == (StepState.FAILED, "OPERATION_BLOCKED"), story(operation)
    operations.skip_step(step=refused, user=left.lab.owner, reason="Somebody wants to keep it.")
    assert left.lab.lab.run(operation).state == OperationState.SUCCEEDED
    assert (left.vm("lost") is None, left.vm("mended")) == (False, None)


def test_storage_of_a_forgotten_server_and_the_vms_on_it_are_left_over(transactional_db: None) -> None:
    """Storage that somebody detached on purpose is listed, but its VMs are not: their disks are there."""
    with removing("dead-member", "coordinator") as lab:
        boss = lab.sim.host("coordinator")
        operation = ran(lab, draft(lab))
        assert operation.state == OperationState.SUCCEEDED, story(operation)
        pool = Cleaning(lab=lab, removal=operation, boss=boss)
        detach(pool, "Filer")
        found = pool.found()
        assert {name: each.kind for name, each in found.items() if "dead" not in each.was} == {
            "default SR Filer": "default SR",
            "storage Filer": "storage",
        }
        assert "on purpose" in found["storage Filer"].why
        names = [name for name in found if name not in {"default SR Filer", "storage Filer"}]
        assert "VM archive" in names
        cleaned = pool.ran(*names)
        assert cleaned.state == OperationState.SUCCEEDED, story(cleaned)
        assert set(pool.found()) == {"default SR Filer", "storage Filer"}


def detach(pool: Cleaning, name: str) -> None:
    """Take every server's connection to an SR away, as detaching does."""
    database = pool.boss.database
    sr = first(database, "SR", name_label=name)
    assert sr is not None
    for ref, row in list(database.records("PBD").items()):
        if row["SR"] == sr.ref:
            database.delete("PBD", ref)
