"""A small pool for tests of hosts: two servers, one filer that both use, and guests."""

import atexit
from collections.abc import Iterator
from contextlib import contextmanager

from simulator.running import Simulation, running
from simulator.scenes.loader import parse
from simulator.xapi.rows import Row, first
from tests.simulator.conformance.runner import Labs
from tests.simulator.rpc import Rpc, XapiFailure

POOL = """
name: hosts-pool
hosts:
  - name: one
    srs: [{name: filer, type: nfs, shared: true}]
    vms:
      - {name: roaming, power_state: Running, disks: [{name: roaming disk, sr: filer}], networks: [Pool-wide network 0]}
      - {name: rooted, power_state: Running, disks: [{name: rooted disk}]}
      - {name: idle, disks: [{name: idle disk, sr: filer}]}
  - name: two
pools: [{name: Pool, master: one, members: [two]}]
storages: [{name: filer}]
"""


@contextmanager
def pool(text: str = POOL) -> Iterator[Simulation]:
    with running(parse(text, "pool.yaml")) as sim:
        yield sim


LABS = Labs()
atexit.register(LABS.close)


@contextmanager
def calm() -> Iterator[Simulation]:
    """One lab that many tests borrow, for those that switch nothing off: rows are as before when a test ends."""
    with LABS.borrow(parse(POOL, "pool.yaml")) as sim:
        yield sim


def row(sim: Simulation, cls: str, name: str) -> Row:
    found = first(sim.hosts[0].database, cls, name_label=name)
    assert found, f"no {cls} {name}"
    return found


def pbd(sim: Simulation, sr: str, host: str) -> Row:
    database = sim.hosts[0].database
    found = first(database, "PBD", SR=row(sim, "SR", sr).ref, host=row(sim, "host", host).ref)
    assert found
    return found


def error(sim: Simulation, method: str, *args: object) -> list[str]:
    """What the master refuses a call with; empty when it does it."""
    try:
        Rpc(sim.hosts[0]).call(method, *args)
    except XapiFailure as failure:
        return failure.description
    return []
