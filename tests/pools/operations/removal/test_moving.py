"""Disks that are to be moved are on the storage that stays before the server leaves; nothing of them is lost."""

from collections.abc import Iterator

import pytest
from django.test import override_settings

from pools.models import Operation, OperationState, StepState
from pools.services import operations
from simulator.scenes.loader import parse
from tests.fixtures.lab import story
from tests.pools.operations.after_join.adding import rows, step
from tests.pools.operations.removal.removing import Removing, removing
from tests.simulator.rpc import Rpc

SCENE = """
name: moving
hosts:
  - name: one
    srs: [{name: Filer, type: nfs, shared: true, size_gib: 2000, device_config: {server: 10.0.9.7, serverpath: /p}}]
  - name: two
pools:
  - name: Pool
    master: one
    members: [two]
    default_sr: Filer
    vms:
      - name: running
        host: two
        power_state: Running
        memory_mib: 512
        disks: [{name: live, size_gib: 1, sr: Local storage}]
      - name: halted
        host: two
        disks: [{name: cold, size_gib: 1, sr: Local storage}, {name: second, size_gib: 1, sr: Local storage}]
"""


@pytest.fixture
def pool(transactional_db: None) -> Iterator[Removing]:
    with removing(parse(SCENE, "moving.yaml"), "one") as found, override_settings(PATIENCE=3):
        yield found


def moved(pool: Removing, *names: str) -> dict[str, object]:
    """Move the disks of these names to the filer, accept the rest."""
    coordinator = pool.sim.host("one")
    filer = next(row["uuid"] for row in rows(coordinator, "SR") if row["name_label"] == "Filer")
    disks = {f"vdi:{row['uuid']}" for row in rows(coordinator, "VDI") if row["name_label"] in names}
    accepted = pool.accept("two")
    return {key: {"do": "move", "to": filer} if key in disks else way for key, way in accepted.items()}


def ran(pool: Removing, decisions: dict[str, object]) -> Operation:
    draft = pool.draft("two", decisions=decisions)
    planned = operations.make_plan(operation=draft, user=pool.owner)
    return pool.lab.run(operations.start(operation=planned, user=pool.owner))


def drives(pool: Removing, vm: str) -> list[tuple[str, str]]:
    """Which disk stands in which drive of a VM, and on which SR."""
    tables = pool.sim.host("one").database
    ref = next(ref for ref, row in tables.records("VM").items() if row["name_label"] == vm)
    vbds = [row for row in tables.records("VBD").values() if row["VM"] == ref and row["type"] == "Disk"]
    found = [(str(row["userdevice"]), tables.records("VDI")[str(row["VDI"])]) for row in vbds]
    srs = tables.records("SR")
    return sorted((place, f"{vdi['name_label']} on {srs[str(vdi['SR'])]['name_label']}") for place, vdi in found)


def test_live_and_halted_disks_are_on_the_filer_and_the_server_is_gone(pool: Removing) -> None:
    operation = ran(pool, moved(pool, "live", "cold", "second"))
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    assert drives(pool, "running") == [("0", "live on Filer")]
    assert drives(pool, "halted") == [("0", "cold on Filer"), ("1", "second on Filer")]
    running = next(row for row in rows(pool.sim.host("one"), "VM") if row["name_label"] == "running")
    assert running["power_state"] == "Running"


def test_what_was_to_be_moved_and_is_still_there_keeps_the_server(pool: Removing) -> None:
    """A person who skips the move does not accept the loss by that."""
    pool.sim.fault("drop_before", method="Async.VDI.copy")
    operation = ran(pool, moved(pool, "live", "cold", "second"))
    copying = step(operation, "MoveDisk")
    assert operation.state == OperationState.NEEDS_ATTENTION, story(operation)
    assert pool.sim.calls("pool.eject") == []
    assert copying.state in {StepState.UNKNOWN, StepState.DONE}
    assert any(row["name_label"] == "cold" for row in rows(pool.sim.host("one"), "VDI"))


@pytest.mark.parametrize("method", ["VBD.create", "VBD.destroy", "VDI.add_to_other_config", "Async.VDI.destroy"])
def test_a_lost_reply_while_a_disk_moves_loses_nothing(pool: Removing, method: str) -> None:
    pool.sim.fault("drop_after", method=method)
    operation = ran(pool, moved(pool, "live", "cold", "second"))
    if operation.state == OperationState.NEEDS_ATTENTION:
        operation = pool.lab.run_again(operation)
    names = {row["name_label"] for row in rows(pool.sim.host("one"), "VDI")}
    assert {"cold", "second", "live"} <= names, story(operation)
    assert len(pool.sim.calls("pool.eject", host="one")) <= 1


@pytest.mark.parametrize("written", [False, True])
def test_a_copy_is_used_only_while_nobody_wrote_to_the_old_disk(pool: Removing, written: bool) -> None:  # noqa: FBT001
    """A person may start the VM while the operation waits, and shut it down again."""
    pool.sim.fault("drop_before", method="VBD.destroy", times=None)
    operation = ran(pool, moved(pool, "live", "cold", "second"))
    assert operation.state == OperationState.NEEDS_ATTENTION, story(operation)
    pool.sim.world.faults.clear()
    coordinator = pool.sim.host("one")
    if written:
        halted = next(row for row in rows(coordinator, "VM") if row["name_label"] == "halted")
        rpc, ref = Rpc(coordinator), Rpc(coordinator).ref("VM.get_by_uuid", str(halted["uuid"]))
        rpc.call("host.enable", pool.sim.host("two").ref)
        rpc.call("VM.start", ref, False, False)
        rpc.call("VM.hard_shutdown", ref)
    waits = operation.steps.get(state=StepState.UNKNOWN)
    operations.mark_step(step=waits, user=pool.owner, done=False, reason="the drive is still there")
    assert pool.lab.run(operation).state == OperationState.SUCCEEDED, story(operation)
    assert len(pool.sim.calls("VDI.copy", host="one")) == (3 if written else 2)
    names = [row["name_label"] for row in rows(coordinator, "VDI")]
    assert (names.count("cold"), names.count("second")) == (1, 1)
    assert drives(pool, "halted") == [("0", "cold on Filer"), ("1", "second on Filer")]
