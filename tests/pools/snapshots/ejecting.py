"""A server that is ejected for real, in the simulator: what was saved and foretold before, and what it is after."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pools.forecast.come_back import ComeBack, come_back_of
from pools.snapshots.build import snapshot_of
from pools.snapshots.data import NetworkData
from pools.xapi.inventory import Snapshot
from simulator.running import Simulation, running
from simulator.scenes.loader import parse
from simulator.scenes.model import Scene
from simulator.world.host import HostMachine
from simulator.xapi.rows import NULL
from tests.pools.forecast.parity import read
from tests.simulator.pool.leaving import is_back
from tests.simulator.rpc import Rpc
from tests.simulator.waiting import until


@dataclass(frozen=True, kw_only=True)
class Ejected:
    """``saved`` and ``foretold`` are from before."""

    sim: Simulation
    leaver: HostMachine
    saved: NetworkData
    foretold: ComeBack

    @property
    def now(self) -> Snapshot:
        return read(self.leaver)

    @property
    def network(self) -> NetworkData:
        """The network that the server has now."""
        return snapshot_of(self.now, self.leaver.uuid)


@contextmanager
def ejecting(scene: str | Scene, master: str, leaver: str) -> Iterator[Ejected]:
    """Run a scene, eject the server by a plain call, and wait until it is back."""
    with running(scene) as sim:
        yield eject(sim, sim.host(master), sim.host(leaver))


def eject(sim: Simulation, master: HostMachine, leaver: HostMachine) -> Ejected:
    before, calls = read(master), Rpc(master)
    for ref, vm in before.vms.items():
        if vm.resident_on == leaver.ref and not vm.is_control_domain:
            master.database.set("VM", ref, power_state="Halted", resident_on=NULL)
    found = Ejected(
        sim=sim,
        leaver=leaver,
        saved=snapshot_of(before, leaver.uuid),
        foretold=come_back_of(before, leaver.uuid),
    )
    calls.call("pool.eject", leaver.ref)
    until(lambda: is_back(leaver))
    return found


PAIR = """
name: leaving
hosts:
  - {{name: master{both}{first}}}
  - {{name: leaver{both}}}
pools: [{{name: Lab, master: master, members: [leaver]}}]
"""


def pair(both: str = "", first: str = "") -> Scene:
    """Two servers of a pool; what the first has in addition, the second gets by its join where joins bring it."""
    values = {"both": f", {both}" if both else "", "first": f", {first}" if first else ""}
    return parse(PAIR.format(**values), "leaving.yaml")
