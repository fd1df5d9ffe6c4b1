"""What goes wrong while a server leaves its pool: nothing is lost that was not given up, and eject is sent once."""

from collections.abc import Iterator

import pytest
from django.test import override_settings

from pools.models import Operation, OperationState, Server, Step, StepState
from pools.services import operations
from pools.xapi.messages import MESSAGES
from simulator.scenes.spoil_state import run_vm
from simulator.xapi.rows import add
from tests.fixtures.lab import connect_one, story
from tests.pools.connected import server_of
from tests.pools.operations.after_join.adding import rows
from tests.pools.operations.removal.removing import Removing, removing
from tests.simulator.waiting import until

EJECT = "pool.eject"
LEAVES = "four-3"


@pytest.fixture
def four(transactional_db: None) -> Iterator[Removing]:
    with removing("pool-of-four", "four-1") as found:
        yield found


def step(operation: Operation, kind: str) -> Step:
    return operation.steps.get(kind=kind)


def halted(operation: Operation, kind: str, code: str) -> Step:
    """Return the step, which waits for a person with this code."""
    assert operation.state in {OperationState.NEEDS_ATTENTION, OperationState.OPEN_POINTS}, story(operation)
    found = step(operation, kind)
    assert found.error_code == code, story(operation)
    assert code in MESSAGES
    return found


def sent(lab: Removing) -> int:
    return len([call for call in lab.sim.calls(EJECT) if call.host == "four-1"])


def before(lab: Removing, kind: str) -> Operation:
    """An operation that has done all that stands before this step."""
    operation = lab.started(LEAVES)
    return lab.lab.run_steps(operation, step(operation, kind).seq - 1)


def test_a_vm_that_is_started_after_the_evacuation_stops_it_before_anything_is_lost(four: Removing) -> None:
    operation = before(four, "ProveNothingElseIsLost")
    run_vm(four.sim.host(LEAVES), four.sim.host("four-1"))
    found = halted(four.lab.run(operation), "ProveNothingElseIsLost", "XENWEB_NOT_ALL_DECIDED")
    assert "XENWEB_VM_ON_SERVER" in {finding["code"] for finding in found.findings}
    assert sent(four) == 0


def test_a_vm_that_is_started_at_the_very_last_moment_is_seen_too(four: Removing) -> None:
    operation = before(four, "EjectHost")
    run_vm(four.sim.host(LEAVES), four.sim.host("four-1"))
    halted(four.lab.run(operation), "EjectHost", "XENWEB_NOT_ALL_DECIDED")
    assert sent(four) == 0


def test_a_lost_reply_to_the_eject_is_looked_after_and_not_sent_again(four: Removing) -> None:
    four.sim.fault("drop_after", method="Async.pool.eject")
    operation = four.succeeded(LEAVES)
    assert sent(four) == 1
    assert step(operation, "EjectHost").state == StepState.DONE


def test_an_eject_that_never_arrived_needs_a_new_approval(four: Removing, impatient: None) -> None:
    operation = before(four, "EjectHost")
    four.sim.fault("drop_before", method="Async.pool.eject")
    found = halted(four.lab.run(operation), "EjectHost", "XENWEB_OUTCOME_UNKNOWN")
    assert found.state == StepState.UNKNOWN
    assert "Nothing shows that it began" in found.attempts.last().evidence["Last proven"]  # type: ignore[union-attr]
    operations.retry_step(step=found, user=four.owner)
    four.lab.run(operation)
    operations.mark_step(step=step(operation, "EjectHost"), user=four.owner, done=False, reason="it is all there")
    halted(four.lab.run(operation), "EjectHost", "XENWEB_SENT_ONCE")
    assert sent(four) == 1
    assert four.sim.host(LEAVES).pool_conf.startswith("slave:")


def test_the_pool_that_did_not_hear_of_it_is_asked_to_forget(four: Removing) -> None:
    """The server has left, and came back before the pool forgot it."""
    operation = before(four, "EjectHost")
    four.sim.fault("drop_after", host=LEAVES, method=EJECT)
    four.lab.run(operation)
    if step(operation, "EjectHost").state == StepState.FAILED:
        until(lambda: four.sim.host(LEAVES).role == "master" and four.sim.host(LEAVES).up)
        four.lab.run_again(operation)
    halted(operation, "AwaitForgotten", "XENWEB_STILL_LISTED")
    assert step(operation, "EjectHost").state == StepState.DONE
    assert len(four.sim.calls(EJECT, host="four-1")) == 1


def test_a_disk_that_the_server_holds_itself_is_named_before(four: Removing) -> None:
    operation = before(four, "ProveNothingElseIsLost")
    database, leaver = four.sim.host("four-1").database, four.sim.host(LEAVES)
    host = next(ref for ref, row in database.records("host").items() if row["uuid"] == leaver.uuid)
    local = next(r for r in database.records("PBD").values() if r["host"] == host)["SR"]
    disk = add(database, "VDI", SR=str(local), name_label="held", sharable=False)
    domain = str(database.field("host", host, "control_domain"))
    add(database, "VBD", VM=domain, VDI=disk.ref, currently_attached=True, type="Disk", other_config={})
    database.set("SR", str(local), current_operations={"OpaqueRef:a-copy": "vdi_copy", "OpaqueRef:own": "scan"})
    found = halted(four.lab.run(operation), "ProveNothingElseIsLost", "XENWEB_NOT_ALL_DECIDED")
    codes = {"XENWEB_DISK_IN_USE", "XENWEB_LOSS_NOT_DECIDED", "XENWEB_STORAGE_BUSY"}
    assert codes == {each["code"] for each in found.findings}
    assert sent(four) == 0


def test_a_server_that_comes_back_still_as_a_member_is_not_taken_for_gone(four: Removing, impatient: None) -> None:
    operation = before(four, "EjectHost")
    four.sim.fault("toolstack_crash", host=LEAVES, step="eject: after forget")
    found = halted(four.lab.run(operation), "EjectHost", "CANNOT_CONTACT_HOST")
    operations.retry_step(step=found, user=four.owner)
    found = halted(four.lab.run(operation), "EjectHost", "XENWEB_SENT_ONCE")
    assert "It began: " in found.attempts.last().evidence["Last proven"]  # type: ignore[union-attr]
    assert len(four.sim.calls(EJECT, host="four-1")) == 1


def test_a_server_that_comes_back_elsewhere_is_connected_there_and_followed_on(four: Removing) -> None:
    """Its certificate proves that it is the same server."""
    operation = before(four, "AwaitAnswer")
    leaver = four.sim.host(LEAVES)
    until(lambda: leaver.role == "master" and leaver.up and not leaver.disk.first_boot)
    Server.objects.filter(uuid=leaver.uuid).update(address="127.0.0.99")
    with override_settings(PATIENCE=0.1):
        found = halted(four.lab.run(operation), "AwaitAnswer", "XENWEB_NOT_SEEN")
    assert "It has another address" in found.attempts.last().evidence["Look at"]  # type: ignore[union-attr]
    connect_one(leaver, four.owner)
    assert four.lab.run_again(operation).state == OperationState.SUCCEEDED, story(operation)
    assert server_of(leaver).pool != four.pool


def test_a_vm_that_refuses_half_way_is_named_and_so_is_who_is_still_there(four: Removing) -> None:
    operation = before(four, "EvacuateHost")
    run_vm(four.sim.host(LEAVES), four.sim.host("four-1"))
    four.sim.fault("vm_migration_fails", data={"vm": "intranet"}, times=None)
    found = halted(four.lab.run(operation), "EvacuateHost", "XENWEB_EVACUATION_STOPPED")
    why, there = found.findings
    assert (why["theirs"], there["code"], there["theirs"]) == ("intranet", "XENWEB_VM_ON_SERVER", "intranet")
    four.sim.world.faults.clear()
    assert four.lab.run_again(operation).state == OperationState.SUCCEEDED, story(operation)


def test_what_was_done_before_the_eject_is_undone_by_enabling_the_server(four: Removing) -> None:
    operation = before(four, "ProveNothingElseIsLost")
    run_vm(four.sim.host(LEAVES), four.sim.host("four-1"))
    four.lab.run(operation)
    operations.undo(operation=operation, user=four.owner)
    four.lab.run(operation)
    assert operation.state == OperationState.UNDONE, story(operation)
    shown = {row["name_label"]: row["enabled"] for row in rows(four.sim.host("four-1"), "host")}
    assert shown[LEAVES] is True


def test_a_network_that_cannot_be_saved_whole_keeps_the_server_in_its_pool(four: Removing) -> None:
    operation = before(four, "SaveNetwork")
    database = four.sim.host("four-1").database
    for ref in database.records("PIF"):
        database.set("PIF", ref, management=False)
    halted(four.lab.run(operation), "SaveNetwork", "XENWEB_SNAPSHOT_INCOMPLETE")
    assert four.sim.calls("host.disable") == []


def test_what_a_person_leaves_out_does_not_take_the_eject_with_it_where_that_is_safe(four: Removing) -> None:
    operation = before(four, "SaveNetwork")
    database = four.sim.host("four-1").database
    for ref in database.records("PIF"):
        database.set("PIF", ref, management=False)
    found = halted(four.lab.run(operation), "SaveNetwork", "XENWEB_SNAPSHOT_INCOMPLETE")
    operations.skip_step(step=found, user=four.owner, reason="the runbook is on paper")
    assert step(operation, "EjectHost").state == StepState.PENDING
