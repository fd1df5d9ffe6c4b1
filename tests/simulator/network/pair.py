"""A pool of two whose master has two bonds, and starts of its member without waiting."""

from collections.abc import Iterator
from contextlib import contextmanager

from simulator.running import Simulation, running
from simulator.scenes.loader import parse
from simulator.world.host import HostMachine
from simulator.xapi.network.sync import copy_all, prepare

PAIR = """
name: pair
hosts:
  - name: master
    bonds:
      - {network: A, nics: [eth0, eth2], mode: active-backup}
      - {network: B, nics: [eth1, eth3], mode: lacp}
    vlans: [{network: Guests, "on": B, tag: 40}]
  - {name: member, nics: %d}
pools: [{name: Pair, master: master, members: [member]}]
"""


@contextmanager
def pair(nics: int = 4) -> Iterator[tuple[Simulation, HostMachine]]:
    """The lab, and its member."""
    with running(parse(PAIR % nics, "pair.yaml")) as sim:
        yield sim, sim.host("member")


def start_again(machine: HostMachine) -> None:
    """What a start of the toolstack does to the network."""
    prepare(machine, _at_once)
    copy_all(machine, _at_once)


def _at_once(_seconds: float) -> None:
    return
