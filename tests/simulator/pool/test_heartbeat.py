"""When a host counts as alive (pool.md 3.7; db_gc.ml)."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from simulator.running import Simulation, running
from simulator.world.host import HostMachine
from tests.simulator.rpc import Rpc, XapiFailure
from tests.simulator.waiting import until


@pytest.fixture
def pool() -> Iterator[Simulation]:
    with running("dead-member") as found:
        yield found


def is_live(master: HostMachine, host: HostMachine) -> bool:
    metrics = master.database.field("host", host.ref, "metrics")
    return bool(master.database.field("host_metrics", str(metrics), "live"))


def refused(master: HostMachine, method: str, *arguments: object) -> list[str]:
    with pytest.raises(XapiFailure) as failure:
        Rpc(master).call(method, *arguments)
    return failure.value.description


def test_a_silent_member_cannot_be_contacted_until_it_counts_as_dead(pool: Simulation) -> None:
    master, helper, _dead = pool.hosts
    pool.world.power_off(helper)
    assert is_live(master, helper)
    assert refused(master, "host.get_servertime", helper.ref) == ["CANNOT_CONTACT_HOST", helper.ref]
    until(lambda: not is_live(master, helper))
    assert refused(master, "host.get_servertime", helper.ref) == ["HOST_OFFLINE", helper.ref]


def test_a_member_that_is_heard_again_is_alive_again(pool: Simulation) -> None:
    master, helper, _dead = pool.hosts
    pool.world.hush(helper)
    until(lambda: not is_live(master, helper))
    pool.world.listen(helper)
    until(lambda: is_live(master, helper))


def test_an_orderly_shutdown_is_a_death_at_once(pool: Simulation) -> None:
    """Nobody waits for the silence: here it would last for an hour."""
    pool.world.timing = replace(pool.world.timing, heartbeat=3600)
    master, helper, _dead = pool.hosts
    pool.world.shut_down(helper)
    until(lambda: not is_live(master, helper) and not helper.powered)


def test_a_reboot_is_a_death_too_and_a_boot_brings_it_back(pool: Simulation) -> None:
    pool.world.timing = replace(pool.world.timing, heartbeat=3600, reboot=0.1)
    master, helper, _dead = pool.hosts
    before = helper.booted_at
    pool.world.reboot(helper)
    until(lambda: not is_live(master, helper))
    until(lambda: is_live(master, helper) and helper.settled)
    assert helper.booted_at > before
