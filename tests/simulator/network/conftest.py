"""A pool of two that has always been one."""

from collections.abc import Iterator

import pytest

from simulator.running import Simulation, running
from simulator.scenes.model import HostSpec, PoolSpec, Scene

PAIR = Scene(
    name="pair",
    hosts=(HostSpec(name="first"), HostSpec(name="second")),
    pools=(PoolSpec(name="Pair", master="first", members=("second",)),),
)


@pytest.fixture
def pair() -> Iterator[Simulation]:
    """Its hosts: the master, and a member."""
    with running(PAIR) as found:
        yield found
