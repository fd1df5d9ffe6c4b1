"""From a scene to a world at rest: every server installed, its pools formed, its spoilers applied."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from simulator.scenes.apply import apply
from simulator.scenes.model import PoolSpec, Scene
from simulator.scenes.rules import spoil_in_scene
from simulator.world.addresses import Addresses
from simulator.world.host import HostMachine
from simulator.world.lazy import AT_ONCE, Part
from simulator.world.role import slave_of
from simulator.world.timing import Timing
from simulator.world.world import World
from simulator.xapi.host.install import install
from simulator.xapi.machines import host_row, pool_row
from simulator.xapi.pool import startup
from simulator.xapi.pool.hello import hello
from simulator.xapi.pool.join.sequence import copy_to_pool


def build(scene: Scene, timing: Timing, addresses: Addresses, folder: Path) -> World:
    """Large scenes are only divided: the first part is installed, and shows whether the scene is right."""
    world = World(scene, timing, addresses, folder)
    if is_lazy(scene):
        divide(world)[0].open()
    else:
        _install(world, world.machines, scene.pools)
    return world


def is_lazy(scene: Scene) -> bool:
    """Not where one server is made wrong by means of another."""
    return len(scene.hosts) > AT_ONCE and not scene.damage and not any(host.spoil for host in scene.hosts)


def divide(world: World) -> list[Part]:
    """Each pool and each server alone is a part; members say at once whose they are, and with which password."""
    parts, free = [], {machine.name: machine for machine in world.machines}
    for spec in world.scene.pools:
        master, *members = machines = [free.pop(name) for name in (spec.master, *spec.members)]
        for member in members:
            _belong(member, master)
            member.username, member.password = master.username, master.password
        parts.append(Part(machines, partial(_install, world, machines, [spec])))
    return parts + [Part([alone], partial(_install, world, [alone], [])) for alone in free.values()]


def _install(world: World, machines: Sequence[HostMachine], pools: Sequence[PoolSpec]) -> None:
    """What waits to go wrong is meant for what happens later."""
    with world.faults.held():
        for machine in machines:
            install(machine)
        for spec in pools:
            _form_pool(world, spec)
        for machine in machines:
            if not machine.powered:
                host_row(machine).to("metrics", "host_metrics").set(live=False)
            for rule in machine.spec.spoil:
                spoil_in_scene(rule, machine, world.machines[0])
        apply(world, machines, pools)


def _form_pool(world: World, spec: PoolSpec) -> None:
    """The members went through the same copying and start as those of a real join, only long ago."""
    master = world.machine(spec.master)
    pool_row(master).set(name_label=spec.name, name_description=spec.description)
    for name in spec.members:
        member = world.machine(name)
        copy_to_pool(member, master)
        _settle(member, master)


def _settle(member: HostMachine, master: HostMachine) -> None:
    _belong(member, master)
    hello(member, master)
    for step in startup.MEMBER_STEPS:
        startup.run_step(member, step, lambda _seconds: None)


def _belong(member: HostMachine, master: HostMachine) -> None:
    member.pool_conf = member.role = slave_of(master.address)
