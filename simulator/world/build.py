"""From a scene to a world at rest: every server installed, its pools formed, its spoilers applied."""

from pathlib import Path

from simulator.scenes.apply import apply
from simulator.scenes.model import PoolSpec, Scene
from simulator.scenes.rules import spoil_in_scene
from simulator.world.addresses import Addresses
from simulator.world.host import HostMachine
from simulator.world.timing import Timing
from simulator.world.world import World
from simulator.xapi import startup
from simulator.xapi.hello import hello
from simulator.xapi.host_install import install
from simulator.xapi.host_sync import host_row
from simulator.xapi.join.sequence import copy_to_pool


def build(scene: Scene, timing: Timing, addresses: Addresses, folder: Path) -> World:
    world = World(scene, timing, addresses, folder)
    for machine in world.machines:
        install(machine)
    for spec in scene.pools:
        _form_pool(world, spec)
    for machine in world.machines:
        if not machine.powered:
            host_row(machine).to("metrics", "host_metrics").set(live=False)
        for rule in machine.spec.spoil:
            spoil_in_scene(rule, machine, world.machines[0])
    apply(world)
    return world


def _form_pool(world: World, spec: PoolSpec) -> None:
    """The members went through the same copying and start as those of a real join, only long ago."""
    master = world.machine(spec.master)
    startup.pool_row(master).set(name_label=spec.name, name_description=spec.description)
    for name in spec.members:
        member = world.machine(name)
        copy_to_pool(member, master)
        _settle(member, master)


def _settle(member: HostMachine, master: HostMachine) -> None:
    member.pool_conf = member.role = f"slave:{master.address}"
    hello(member, master)
    for step in startup.MEMBER_STEPS:
        startup.run_step(member, step, lambda _seconds: None)
