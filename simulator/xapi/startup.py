"""A toolstack starts: as master, or as a member that says hello and fits itself into the pool (xapi.ml)."""

from collections.abc import Callable
from dataclasses import dataclass

from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.host_sync import host_row, refresh_host, refresh_pool_cpu_info
from simulator.xapi.network.sync import bonds_of, copy_bond, copy_tunnel, copy_vlan, tunnels_of, vlans_of
from simulator.xapi.rows import Row, rows
from simulator.xapi.sr import initialise_storage

Pause = Callable[[float], None]


@dataclass(frozen=True)
class Step:
    """One part of a member's start; its name is where a fault may strike."""

    name: str
    run: Callable[[HostMachine, Pause], None]


def start(machine: HostMachine, pause: Pause) -> None:
    """Take the role that stands on disk, listen, and do what that role does first."""
    machine.role = machine.pool_conf
    if machine.role == "master":
        _start_master(machine)
    else:
        _start_member(machine, pause)


def _start_master(machine: HostMachine) -> None:
    """Its sessions and tasks went with the old toolstack; everything else survives."""
    machine.emergency_error = None
    refresh_host(machine)
    refresh_pool_cpu_info(pool_row(machine))
    machine.world.listen(machine)
    consider_enabling(machine)


def _start_member(machine: HostMachine, pause: Pause) -> None:
    """In emergency mode until the master has been reached."""
    timing = machine.world.timing
    machine.emergency_error = XapiError("HOST_HAS_NO_MANAGEMENT_IP")
    machine.world.listen(machine)
    pause(timing.booting / 2)
    machine.emergency_error = XapiError("HOST_STILL_BOOTING")
    pause(timing.booting / 2)
    _reach_master(machine, pause)
    for step in MEMBER_STEPS:
        machine.world.step(machine, step.name)
        step.run(machine, pause)


def _reach_master(machine: HostMachine, pause: Pause) -> None:
    """Try Pool.hello for as long as it takes; each refusal is what callers hear meanwhile."""
    machine.world.step(machine, "hello")
    while True:
        try:
            hello(machine, _master_of(machine))
        except XapiError as error:
            machine.emergency_error = error
            pause(machine.world.timing.retry)
        else:
            machine.emergency_error = None
            return


def _master_of(machine: HostMachine) -> HostMachine:
    address = machine.pool_conf.partition(":")[2]
    if address == machine.address:
        raise XapiError("HOST_ITS_OWN_SLAVE")
    master = machine.world.at(address)
    if master is None or not master.up:
        raise XapiError("INTERNAL_ERROR", "Connection failed: connection refused.")
    if master.emergency_error:
        raise master.emergency_error
    if not master.is_master:
        raise XapiError("HOST_IS_SLAVE", master.role.partition(":")[2])
    return master


def hello(machine: HostMachine, master: HostMachine) -> None:
    """Pool.hello: the member reads the master's database from now on; it is live, and disabled."""
    if not master.database.find("host", uuid=machine.uuid):
        raise XapiError("HOST_UNKNOWN_TO_MASTER", machine.uuid)
    machine.database = master.database
    host = host_row(machine)
    host.set(address=machine.address, enabled=False)
    host.to("metrics", "host_metrics").set(live=True)
    for task in rows(machine.database, "task", resident_on=host.ref, status="pending"):
        task.set(status="cancelled", progress=1.0)


def synchronise_database(machine: HostMachine, pause: Pause) -> None:
    pause(machine.world.timing.sync)
    refresh_host(machine)


def take_password(machine: HostMachine, pause: Pause) -> None:
    """The member fetches root's password hash from the master (config_file_sync.ml)."""
    master = machine_of(machine, pool_row(machine).to("master", "host"))
    machine.username, machine.password = master.username, master.password


def plug_storage(machine: HostMachine, pause: Pause) -> None:
    pause(machine.world.timing.storage)
    initialise_storage(host_row(machine), pool_row(machine).to("master", "host"))


def enable(machine: HostMachine, pause: Pause) -> None:
    """Enabled before bonds and VLANs exist: what a client must not take for the end."""
    consider_enabling(machine)


def copy_networks(machine: HostMachine, pause: Pause) -> None:
    """Bonds, then VLANs, then tunnels of the master; each failure is only logged there."""
    host, master = host_row(machine), pool_row(machine).to("master", "host")
    for found, copy in ((bonds_of, copy_bond), (vlans_of, copy_vlan), (tunnels_of, copy_tunnel)):
        for each in found(master):
            pause(machine.world.timing.network)
            copy(host, each)


def level_processors(machine: HostMachine, pause: Pause) -> None:
    refresh_pool_cpu_info(pool_row(machine))


MEMBER_STEPS: tuple[Step, ...] = (
    Step("sync", synchronise_database),
    Step("password", take_password),
    Step("storage", plug_storage),
    Step("enable", enable),
    Step("networks", copy_networks),
    Step("cpu", level_processors),
)


def consider_enabling(machine: HostMachine) -> None:
    """Not when it was disabled for good, nor while guidance is pending (xapi_host_helpers.ml)."""
    host = host_row(machine)
    if machine.auto_enable and not host.items("pending_guidances"):
        host.set(enabled=True)


def pool_row(machine: HostMachine) -> Row:
    return next(rows(machine.database, "pool"))


def machine_of(machine: HostMachine, host: Row) -> HostMachine:
    """The machine behind a host record of the same pool."""
    return machine.world.machine(host.uuid)
