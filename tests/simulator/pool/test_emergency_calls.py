"""A coordinator is gone: the pool is saved by hand (pool.md 4.3)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from simulator.running import Simulation, running
from tests.simulator.pool.running_pool import all_on, is_master_of, local, pool_of
from tests.simulator.rpc import Rpc, XapiFailure
from tests.simulator.waiting import until


@pytest.fixture
def dead() -> Iterator[Simulation]:
    with running("dead-coordinator") as found:
        yield found


def test_a_member_takes_over_and_fetches_the_others(dead: Simulation) -> None:
    old, new, other = dead.hosts
    local(new, "pool.emergency_transition_to_master")
    until(lambda: is_master_of(new))
    rpc = Rpc(new)
    assert rpc.call("pool.recover_slaves") == [other.ref]
    until(lambda: is_master_of(new, other))
    assert pool_of(new).text("master") == new.ref
    assert rpc.call("pool.recover_slaves") == [other.ref]
    dead.world.power_on(old)
    until(lambda: is_master_of(new, old, other))


def test_a_member_is_pointed_to_the_new_master_and_stays_where_it_is_right(dead: Simulation) -> None:
    _old, new, other = dead.hosts
    local(new, "pool.emergency_transition_to_master")
    until(lambda: is_master_of(new))
    local(other, "pool.emergency_reset_master", new.address)
    until(lambda: is_master_of(new, other))
    life = other.life
    local(other, "pool.emergency_reset_master", new.address)
    assert other.settled
    assert other.life is life


@pytest.mark.parametrize("method", ["pool.emergency_transition_to_master", "pool.emergency_reset_master"])
def test_an_armed_host_changes_no_role_by_hand(dead: Simulation, method: str) -> None:
    """Its own disk says so, whatever the pool's database says."""
    _old, new, other = dead.hosts
    new.disk.ha_armed = True
    arguments = [other.address] if method.endswith("reset_master") else []
    with pytest.raises(XapiFailure, match="HA_IS_ENABLED"):
        local(new, method, *arguments)


def test_the_copy_of_a_new_master_is_old() -> None:
    """What was written after its last copy is lost; a forced copy is fresh."""
    with running("dead-member") as pool:
        pool.world.timing = replace(pool.world.timing, backup=3600)
        old, new, gone = pool.hosts
        all_on(pool)
        until(lambda: new.disk.database_copy)
        rpc = Rpc(old)
        rpc.call("pool.set_name_label", pool_of(old).ref, "copied")
        rpc.call("pool.sync_database")
        rpc.call("pool.set_name_label", pool_of(old).ref, "lost")
        pool.world.power_off(old)
        local(new, "pool.emergency_transition_to_master")
        until(lambda: is_master_of(new))
        assert pool_of(new).text("name_label") == "copied"
        assert Rpc(new).call("pool.recover_slaves") == [gone.ref]


def test_a_member_gets_a_copy_in_its_turn() -> None:
    with running("dead-member") as pool:
        old, new, _gone = pool.hosts
        until(lambda: new.disk.database_copy)
        first = new.disk.database_copy
        Rpc(old).call("pool.set_name_label", pool_of(old).ref, "changed")
        until(lambda: new.disk.database_copy is not first)


def test_a_copy_outlives_the_lab(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with running("dead-coordinator", state=state) as lab:
        new = lab.hosts[1]
        all_on(lab)
        until(lambda: new.disk.database_copy)
        old = lab.hosts[0]
        Rpc(old).call("pool.set_name_label", pool_of(old).ref, "copied")
        Rpc(old).call("pool.sync_database")
        lab.world.power_off(old)
    with running("dead-coordinator", state=state) as lab:
        new = lab.hosts[1]
        local(new, "pool.emergency_transition_to_master")
        until(lambda: is_master_of(new))
        assert pool_of(new).text("name_label") == "copied"
        assert pool_of(new).text("master") == new.ref


def test_two_masters_live_beside_each_other_until_one_is_told(dead: Simulation) -> None:
    """Nobody asks whether the old one lives; recover_slaves reaches it too."""
    old, new, other = dead.hosts
    all_on(dead)
    local(new, "pool.emergency_transition_to_master")
    until(lambda: is_master_of(new))
    assert is_master_of(old, other)
    reached = Rpc(new).call("pool.recover_slaves")
    assert isinstance(reached, list)
    assert set(reached) == {old.ref, other.ref}
    until(lambda: is_master_of(new, old, other))


def test_a_host_says_of_itself_what_it_is(dead: Simulation) -> None:
    """pool.md 4.4, 4.6: also in emergency mode."""
    _old, member, _other = dead.hosts
    assert local(member, "pool.is_slave", "OpaqueRef:ignored") is True
    dead.world.crash(member)
    until(lambda: member.up and member.emergency_error and member.emergency_error.code == "INTERNAL_ERROR")
    assert local(member, "pool.is_slave", "OpaqueRef:ignored") is True
    assert local(member, "host.is_in_emergency_mode") is True
    with pytest.raises(XapiFailure, match="Connection failed"):
        local(member, "host.local_assert_healthy")
