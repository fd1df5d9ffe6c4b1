"""A pool that somebody leaves, and what was written down before."""

from dataclasses import dataclass, field
from typing import cast

from simulator.database import Database, Row
from simulator.running import Simulation
from simulator.scenes.loader import parse
from simulator.scenes.model import Scene
from simulator.world.host import HostMachine
from tests.simulator.rpc import Rpc, XapiFailure
from tests.simulator.waiting import until

# The leaver's management is on a bond, which it has from its master; its VMs have disks here and there.
TEXT = """
name: leaving
hosts:
  - name: master
    bonds: [{network: Management, nics: [eth0, eth1], mode: active-backup}]
    vlans: [{network: Storage, "on": Management, tag: 40}]
    srs: [{name: Filer, shared: true}]
  - {name: stayer}
  - name: leaver
    networks: [Private]
    vms:
      - {name: web, disks: [{name: web}], networks: ["Pool-wide network 0"]}
      - {name: archive, power_state: Suspended}
pools: [{name: Lab, master: master, members: [stayer, leaver]}]
"""


def scene(text: str = TEXT) -> Scene:
    return parse(text, "leaving.yaml")


@dataclass
class Left:
    """The pool of `leaver` before and after; `own` is the leaver's new database."""

    sim: Simulation
    before: dict[str, dict[str, Row]]
    leaver_before: str
    answer: list[str] = field(default_factory=list)

    @property
    def master(self) -> HostMachine:
        return self.sim.host("master")

    @property
    def leaver(self) -> HostMachine:
        return self.sim.host("leaver")

    @property
    def pool(self) -> Database:
        return self.master.database

    @property
    def own(self) -> Database:
        return self.leaver.database

    def uuids(self, database: Database, cls: str) -> set[object]:
        return {row["uuid"] for row in database.records(cls).values()}


CLASSES = (
    "host",
    "pool",
    "PIF",
    "PBD",
    "SR",
    "VDI",
    "VM",
    "VBD",
    "network",
    "Bond",
    "VLAN",
    "host_metrics",
    "host_cpu",
)


def about_to_leave(sim: Simulation) -> Left:
    master, leaver = sim.host("master"), sim.host("leaver")
    return Left(sim, {cls: master.database.records(cls) for cls in CLASSES}, leaver.ref)


def eject(left: Left, host: str = "") -> list[str]:
    """The error with which it fails; empty when it does not."""
    try:
        Rpc(left.master).call("pool.eject", host or left.leaver_before)
    except XapiFailure as failure:
        return failure.description
    return []


def ejected(sim: Simulation) -> Left:
    """Ejected, back as a pool of one, and collected."""
    left = about_to_leave(sim)
    left.answer = eject(left)
    until(lambda: is_back(left.leaver))
    until(lambda: not any(row["host"] == left.leaver_before for row in left.pool.records("PIF").values()))
    return left


def is_back(machine: HostMachine) -> bool:
    return machine.settled and machine.up and machine.is_master and machine.emergency_error is None


def only(database: Database, cls: str, **equal: object) -> Row:
    (ref,) = database.find(cls, **equal)
    return database.get(cls, ref)


def refs(row: Row, name: str) -> list[str]:
    return cast("list[str]", row[name])
