"""An orderly change of the coordinator (pool.md 4.2)."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from simulator.running import Simulation, running
from simulator.xapi.rows import rows
from tests.simulator.pool.running_pool import all_on, is_master_of, pool_of
from tests.simulator.rpc import Rpc, XapiFailure
from tests.simulator.waiting import until


@pytest.fixture
def pool() -> Iterator[Simulation]:
    with running("dead-member") as found:
        all_on(found)
        yield found


def test_everybody_restarts_and_follows_the_new_master(pool: Simulation) -> None:
    old, new, other = pool.hosts
    rpc, lives = Rpc(old), [host.life for host in pool.hosts]
    rpc.call("pool.designate_new_master", new.ref)
    until(lambda: is_master_of(new, old, other))
    assert all(host.life is not life for host, life in zip(pool.hosts, lives, strict=True))
    assert pool_of(new).text("master") == new.ref
    assert pool_of(new).mapping("current_operations") == {}
    assert [each.text("obj_uuid") for each in rows(new.database, "message", name="POOL_MASTER_TRANSITION")] == [
        new.uuid
    ]
    with pytest.raises(XapiFailure) as failure:
        Rpc(old).session  # noqa: B018 - the login is what is asked for
    assert failure.value.description == ["HOST_IS_SLAVE", new.address]
    until(lambda: all(row.flag("enabled") for row in rows(new.database, "host")))


def test_vms_run_on_through_the_change(pool: Simulation) -> None:
    old, new, other = pool.hosts
    vm = next(rows(old.database, "VM", name_label="archive"))
    vm.set(power_state="Running", resident_on=other.ref)
    Rpc(old).call("pool.designate_new_master", new.ref)
    until(lambda: is_master_of(new, old, other))
    assert vm.text("power_state") == "Running"


def test_sessions_of_the_old_master_are_gone(pool: Simulation) -> None:
    old, new, other = pool.hosts
    rpc = Rpc(old)
    rpc.call("pool.designate_new_master", new.ref)
    until(lambda: is_master_of(new, old, other))
    with pytest.raises(XapiFailure, match="SESSION_INVALID"):
        Rpc(new).bare("pool.get_all", rpc.session)


def test_who_had_agreed_is_told_when_another_does_not(pool: Simulation) -> None:
    """Phase 1 is undone: the next try is not in the way of the first."""
    old, new, other = pool.hosts
    pool.fault("drop_before", host=new.name, method="host.propose_new_master")
    with pytest.raises(XapiFailure, match="INTERNAL_ERROR"):
        Rpc(old).call("pool.designate_new_master", other.ref)
    assert [host.life.proposal for host in pool.hosts] == [None, None, None]
    assert old.pool_conf == "master"
    Rpc(old).call("pool.designate_new_master", other.ref)
    until(lambda: is_master_of(other, old, new))


def test_a_failed_commit_leaves_the_candidate_broken(pool: Simulation) -> None:
    old, new, other = pool.hosts
    pool.fault("drop_before", host=other.name, method="host.commit_new_master")
    with pytest.raises(XapiFailure, match="INTERNAL_ERROR"):
        Rpc(old).call("pool.designate_new_master", new.ref)
    assert (new.pool_conf, other.pool_conf) == ("broken", f"slave:{old.address}")
    pool.world.crash(new)
    until(lambda: new.up and new.emergency_error and new.emergency_error.code == "HOST_BROKEN")


def test_the_success_can_be_read_until_the_old_master_goes(pool: Simulation) -> None:
    old, new, other = pool.hosts
    pool.world.timing = replace(pool.world.timing, fuse=0.3)
    rpc = Rpc(old)
    task = rpc.call("Async.pool.designate_new_master", new.ref)
    until(lambda: rpc.call("task.get_status", task) == "success")
    assert old.is_master
    until(lambda: is_master_of(new, old, other))
