"""Calls that only the named host can do: what its coordinator answers when that host is gone (network.md §2.1)."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from simulator.running import Simulation, running
from tests.simulator.pool.joining import is_enabled
from tests.simulator.rpc import Rpc, XapiFailure
from tests.simulator.waiting import until

CALLS = {
    "host.disable": (True,),
    "host.enable": (),
    "host.get_server_certificate": (),
    "host.get_servertime": (),
    "host.restart_agent": (),
}


@pytest.fixture
def pool() -> Iterator[Simulation]:
    """A pool of two that grew as pools do."""
    with running("two-standalone") as sim:
        master, joiner = sim.hosts
        Rpc(joiner).call("pool.join", master.address, master.username, master.password)
        until(lambda: is_enabled(master, joiner.uuid))
        yield sim


def refused(sim: Simulation, method: str) -> list[str]:
    """Ask the coordinator about the second host."""
    rpc = Rpc(sim.hosts[0])
    ref = str(rpc.call("host.get_by_uuid", sim.hosts[1].uuid))
    with pytest.raises(XapiFailure) as error:
        rpc.call(method, ref, *CALLS[method])
    return [word if word != ref else "ref" for word in error.value.description]


def is_live(sim: Simulation) -> bool:
    master, member = sim.hosts
    host = next(row for row in master.database.records("host").values() if row["uuid"] == member.uuid)
    return bool(master.database.records("host_metrics")[str(host["metrics"])]["live"])


@pytest.mark.parametrize("method", CALLS)
def test_a_host_whose_heartbeat_still_counts_cannot_be_contacted(pool: Simulation, method: str) -> None:
    pool.world.timing = replace(pool.world.timing, heartbeat=60)
    pool.world.power_off(pool.hosts[1])
    assert refused(pool, method) == ["CANNOT_CONTACT_HOST", "ref"]


@pytest.mark.parametrize("method", CALLS)
def test_a_host_without_a_heartbeat_is_offline(pool: Simulation, method: str) -> None:
    pool.world.power_off(pool.hosts[1])
    until(lambda: not is_live(pool))
    assert refused(pool, method) == ["HOST_OFFLINE", "ref"]
    assert not pool.hosts[1].up
