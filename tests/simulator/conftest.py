"""One small lab per test: two servers of their own, no waiting."""

from collections.abc import Iterator

import pytest

from simulator.running import Simulation, running
from simulator.world.host import HostMachine
from tests.simulator.rpc import Rpc


@pytest.fixture
def sim() -> Iterator[Simulation]:
    with running("two-standalone") as found:
        yield found


@pytest.fixture
def host(sim: Simulation) -> HostMachine:
    return sim.hosts[0]


@pytest.fixture
def member(sim: Simulation) -> HostMachine:
    """The second host, as a member of the first one's pool."""
    coordinator, second = sim.hosts[:2]
    coordinator.database.create("host", uuid=second.uuid, name_label=second.name, address=second.address)
    second.database = coordinator.database
    second.role = f"slave:{coordinator.address}"
    return second


@pytest.fixture
def rpc(host: HostMachine) -> Rpc:
    return Rpc(host)
