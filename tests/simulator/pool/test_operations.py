"""What runs on a pool and what may run beside it (pool.md 3.1)."""

import threading

import pytest

from simulator.running import Simulation
from simulator.xapi.errors import XapiError
from simulator.xapi.machines import pool_row
from simulator.xapi.operations import operating, refuse_if_not_allowed


def test_an_operation_is_shown_while_it_runs_and_others_stay(sim: Simulation) -> None:
    pool = pool_row(sim.hosts[0])
    everything = pool.items("allowed_operations")
    assert "eject" in everything
    with operating(pool, "eject") as first:
        with operating(pool, "get_updates"):
            assert sorted(pool.mapping("current_operations").values()) == ["eject", "get_updates"]
        assert pool.mapping("current_operations") == {first: "eject"}
        assert pool.items("allowed_operations") == []
    assert (pool.mapping("current_operations"), pool.items("allowed_operations")) == ({}, everything)


def test_a_second_blocking_operation_is_told_the_first_and_others_which_runs(sim: Simulation) -> None:
    pool = pool_row(sim.hosts[0])
    with operating(pool, "apply_updates") as key:
        with pytest.raises(XapiError) as blocked:
            refuse_if_not_allowed(pool, "ha_enable")
        with pytest.raises(XapiError) as waiting:
            refuse_if_not_allowed(pool, "eject")
    assert blocked.value.description == ["APPLY_UPDATES_IN_PROGRESS"]
    assert waiting.value.description == ["OTHER_OPERATION_IN_PROGRESS", "pool", pool.ref, "apply_updates", key]


def test_no_update_of_a_field_is_lost(sim: Simulation) -> None:
    pool = pool_row(sim.hosts[0])

    def write(name: str) -> None:
        for number in range(50):
            pool.put("other_config", f"{name}{number}", "x")

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(value == "x" for value in pool.mapping("other_config").values()) == 200
