"""Pools of the simulator, read as the product reads them."""

from pools.xapi.gateway import open_session
from pools.xapi.inventory import CLASSES, Snapshot
from simulator.world.host import HostMachine
from tests.pools.connected import reach


def read(coordinator: HostMachine) -> Snapshot:
    """Every class that is known."""
    with open_session(*reach(coordinator)) as xapi:
        return Snapshot.from_wire(xapi.snapshot(tuple(CLASSES)))
