"""A world as it can be written down, and back: what outlives a restart of every toolstack at once."""

import hashlib
from contextlib import ExitStack
from dataclasses import replace
from typing import TypeVar

from simulator.database import Database
from simulator.scenes.model import Scene
from simulator.world import reach, state_database
from simulator.world.hardware import Hardware
from simulator.world.host import HostMachine
from simulator.world.software import EDITION_RANKS
from simulator.world.state_database import SavedDatabase
from simulator.world.state_model import FORMAT, SavedMachine, SavedWorld
from simulator.world.world import World
from simulator.xapi.rows import rows

UPDATING = "apply_updates"


def fingerprint(scene: Scene) -> str:
    return hashlib.sha256(repr(scene).encode()).hexdigest()


def glance(world: World) -> tuple[object, ...]:
    """Cheap to take, and another one after every change that is worth saving."""
    installed = world.installed
    databases = [machine.database for machine in installed]
    copies = tuple(id(machine.disk.database_copy) for machine in installed)
    things = tuple(world.switches.values()), tuple(world.storages.values()), copies
    return _machines(installed, databases), things, tuple(state_database.touched(each) for each in databases)


def saved(world: World) -> SavedWorld:
    """The world as of one moment; machines that nobody has looked at are as the scene says."""
    installed = world.installed
    databases = [machine.database for machine in installed]
    with ExitStack() as stack:
        for each in databases:
            stack.enter_context(each.locked())
        return SavedWorld(
            format=FORMAT,
            scene=world.scene.name,
            fingerprint=fingerprint(world.scene),
            address_base=world.address_base,
            databases=tuple(state_database.saved(each) for each in _distinct(databases)),
            copies=tuple(_distinct(_copies(installed))),
            machines=_machines(installed, databases),
            switches=tuple(world.switches.values()),
            storages=tuple(world.storages.values()),
        )


def restore(world: World, found: SavedWorld) -> None:
    """Put the machines of a new world where the saved ones stood; World.start goes on from there."""
    databases = [state_database.restored(world.schema, each) for each in found.databases]
    by_name = {machine.name: machine for machine in found.machines}
    for machine in world.machines:
        if machine.installed or machine.name in by_name:
            _restore_machine(machine, by_name[machine.name], databases)
            copy = by_name[machine.name].copy
            machine.disk.database_copy = None if copy is None else found.copies[copy]
    world.switches = {switch.name: switch for switch in found.switches}
    world.storages = {storage.name: storage for storage in found.storages}
    for machine in world.installed:
        reach.refresh(machine)
        world.monitor.settle(machine)
    for database in databases:
        _end_operations(database)


T = TypeVar("T")


def _distinct(things: list[T]) -> list[T]:
    """Each once: members have their master's database, and often the same copy of it."""
    return list({id(each): each for each in things}.values())


def _copies(installed: list[HostMachine]) -> list[SavedDatabase]:
    found = (machine.disk.database_copy for machine in installed)
    return [copy for copy in found if copy is not None]


def _machines(installed: list[HostMachine], databases: list[Database]) -> tuple[SavedMachine, ...]:
    """`databases` has that of each machine, in their order."""
    places = {id(each): place for place, each in enumerate(_distinct(databases))}
    copies = {id(each): place for place, each in enumerate(_distinct(_copies(installed)))}
    return tuple(
        _saved_machine(machine, places[id(each)], copies.get(id(machine.disk.database_copy)))
        for machine, each in zip(installed, databases, strict=True)
    )


def _saved_machine(machine: HostMachine, database: int, copy: int | None) -> SavedMachine:
    hardware = machine.hardware
    return SavedMachine(
        name=machine.name,
        uuid=machine.uuid,
        username=machine.username,
        password=machine.password,
        database=database,
        copy=copy,
        disk=replace(machine.disk.copied(), database_copy=None),
        settled=machine.settled,
        powered=machine.powered,
        booted_at=machine.booted_at,
        clock_skew=machine.clock_skew,
        api_version=machine.api_version,
        software=dict(machine.software),
        licence_daemon=machine.edition_ranks is not None,
        cpu=hardware.cpu,
        sockets=hardware.sockets,
        cores=hardware.cores,
        memory=hardware.memory,
        nics=tuple(replace(nic) for nic in hardware.nics),
        disks=tuple(replace(disk) for disk in hardware.disks),
    )


def _restore_machine(machine: HostMachine, found: SavedMachine, databases: list[Database]) -> None:
    """The role comes from the disk, as after every start; sessions, tasks and faults are gone."""
    if machine.part:
        machine.part.installed = True
    machine.database = databases[found.database]
    machine.uuid = found.uuid
    machine.username, machine.password = found.username, found.password
    machine.take_disk(found.disk)
    machine.address = machine.interfaces.address or machine.home
    machine.role = machine.pool_conf
    machine.settled, machine.powered = found.settled, found.powered
    machine.booted_at, machine.clock_skew = found.booted_at, found.clock_skew
    machine.api_version, machine.software = found.api_version, dict(found.software)
    machine.edition_ranks = EDITION_RANKS if found.licence_daemon else None
    machine.hardware = Hardware(
        cpu=found.cpu,
        sockets=found.sockets,
        cores=found.cores,
        memory=found.memory,
        nics=list(found.nics),
        disks=list(found.disks),
    )


def _end_operations(database: Database) -> None:
    """Whatever ran on a pool ended with the toolstack that led it; updates are a scene's, and nobody leads them."""
    for pool in rows(database, "pool"):
        operations = pool.mapping("current_operations")
        left = {ref: name for ref, name in operations.items() if name == UPDATING}
        if left != operations:
            pool.set(current_operations=left)
