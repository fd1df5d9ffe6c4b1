"""A member's toolstack starts: what fails on the way, and what others do meanwhile (pool.md §2.5, §4.6)."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from simulator.running import Simulation, running
from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.machines import pool_row
from simulator.xapi.pool import startup
from tests.simulator.pool.joining import is_enabled, joined, refusal
from tests.simulator.rpc import Rpc, XapiFailure
from tests.simulator.waiting import until


class Breaking:
    """A step that fails until it is mended."""

    def __init__(self, step: startup.Step) -> None:
        self.step = step
        self.broken = True

    def __call__(self, machine: HostMachine, pause: Callable[[float], None]) -> None:
        if self.broken:
            raise XapiError("HANDLE_INVALID", "host", "OpaqueRef:gone")
        self.step.run(machine, pause)


def broken(monkeypatch: pytest.MonkeyPatch, name: str) -> Breaking:
    """Let one step of every member's start fail."""
    found = next(step for step in startup.MEMBER_STEPS if step.name == name)
    breaking = Breaking(found)
    steps = [replace(step, run=breaking) if step is found else step for step in startup.MEMBER_STEPS]
    monkeypatch.setattr(startup, "MEMBER_STEPS", tuple(steps))
    return breaking


def answer(host: HostMachine) -> list[str]:
    try:
        Rpc(host).call("pool.get_all")
    except XapiFailure as failure:
        return failure.description
    except OSError:
        return []
    return ["ok"]


def test_a_database_that_cannot_be_synchronised_keeps_the_member_in_emergency_mode(
    sim: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    joiner, master = sim.hosts
    sync = broken(monkeypatch, "sync")
    assert refusal(joiner, master) == []
    until(lambda: answer(joiner) == ["HANDLE_INVALID", "host", "OpaqueRef:gone"])
    assert not is_enabled(master, joiner.uuid)
    sync.broken = False
    until(lambda: is_enabled(master, joiner.uuid))


@pytest.mark.parametrize("step", ["storage", "networks"])
def test_a_step_that_may_fail_does_not_keep_the_member_from_its_work(
    sim: Simulation, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    joiner, master = sim.hosts
    broken(monkeypatch, step)
    joined(sim, joiner, master)


def test_what_others_do_to_the_pool_during_a_join_is_not_forgotten() -> None:
    with running("two-standalone", "fast") as sim:
        joiner, master = sim.hosts
        pool = pool_row(master)
        join = threading.Thread(target=refusal, args=[joiner, master])
        join.start()
        until(lambda: bool(pool.mapping("current_operations")))
        pool.put("current_operations", "OpaqueRef:other", "eject")
        until(lambda: pool.mapping("current_operations") == {"OpaqueRef:other": "eject"})
        assert join.is_alive()
        pool.drop("current_operations", "OpaqueRef:other")
        join.join()
        assert pool.mapping("current_operations") == {}
