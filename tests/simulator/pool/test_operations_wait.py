"""Operations of a pool that wait for each other (pool.md 3.1; helpers.ml: retry)."""

import threading
from collections.abc import Iterator

import pytest

from simulator.running import Simulation, running
from simulator.xapi.machines import pool_row
from tests.simulator.pool.leaving import Left, about_to_leave, eject, is_back, scene
from tests.simulator.rpc import Rpc
from tests.simulator.waiting import until

OTHER = "OpaqueRef:another's"


@pytest.fixture
def left() -> Iterator[Left]:
    with running(scene()) as sim:
        yield about_to_leave(sim)


def waiting_eject(left: Left) -> tuple[Rpc, str]:
    """An eject that waits for another operation, and its task."""
    pool_row(left.master).put("current_operations", OTHER, "get_updates")
    rpc = Rpc(left.master)
    return rpc, rpc.ref("Async.pool.eject", left.leaver_before)


def test_it_runs_when_the_other_has_ended(left: Left) -> None:
    rpc, task = waiting_eject(left)
    assert pool_row(left.master).mapping("current_operations") == {OTHER: "get_updates"}
    assert rpc.call("task.get_status", task) == "pending"
    pool_row(left.master).drop("current_operations", OTHER)
    until(lambda: rpc.call("task.get_status", task) == "success")
    assert not left.pool.has("host", left.leaver_before)


def test_who_waits_can_be_cancelled(left: Left) -> None:
    rpc, task = waiting_eject(left)
    rpc.call("task.cancel", task)
    until(lambda: rpc.call("task.get_status", task) == "cancelled")
    assert pool_row(left.master).mapping("current_operations") == {OTHER: "get_updates"}
    assert left.pool.has("host", left.leaver_before)


def test_two_ejects_run_one_after_the_other(left: Left) -> None:
    sim: Simulation = left.sim
    refs = [left.leaver_before, sim.host("stayer").ref]
    seen: list[dict[str, str]] = []
    threads = [threading.Thread(target=eject, args=[left, ref]) for ref in refs]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        seen.append(pool_row(left.master).mapping("current_operations"))
        threads[0].join(0.002)
    assert max(len(each) for each in seen) == 1
    assert left.pool.refs("host") == [left.master.ref]
    until(lambda: is_back(left.leaver) and is_back(sim.host("stayer")))


def test_the_task_of_an_eject_is_the_key_of_its_operation(left: Left) -> None:
    left.sim.fault("hang", host="leaver", method="pool.eject")
    rpc = Rpc(left.master)
    task = rpc.ref("Async.pool.eject", left.leaver_before)
    shown = until(lambda: pool_row(left.master).mapping("current_operations"))
    assert shown == {task: "eject"}
    pool = rpc.record("pool", pool_row(left.master).ref)
    assert pool["allowed_operations"] == []
    left.sim.world.faults.clear()
    until(lambda: rpc.call("task.get_status", task) == "failure")
