"""A toolstack starts: as master, or as a member that says hello and fits itself into the pool (xapi.ml)."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from simulator.world import reach
from simulator.world.disk import MASTER
from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.host_sync import host_row, refresh_host, refresh_pool_cpu_info
from simulator.xapi.network.sync import copy_all, prepare
from simulator.xapi.operations import recompute
from simulator.xapi.rows import Row, rows
from simulator.xapi.sr import initialise_storage

Pause = Callable[[float], None]
log = logging.getLogger(__name__)


class StartFailedError(Exception):
    """The start came to nothing; the toolstack tries once more later."""


@dataclass(frozen=True)
class Step:
    """One part of a start; its name is where a fault may strike. One that is not `vital` may fail unseen."""

    name: str
    run: Callable[[HostMachine, Pause], None]
    vital: bool = False


def start(machine: HostMachine, pause: Pause) -> bool:
    """Take the role that stands on disk, listen, and do what that role does first; False: another start follows."""
    machine.role = machine.pool_conf
    try:
        if machine.role == MASTER:
            _start_master(machine, pause)
        else:
            _start_member(machine, pause)
    except StartFailedError:
        machine.world.restart(machine, after=machine.world.timing.retry_permanent)
        return False
    return True


def _start_master(machine: HostMachine, pause: Pause) -> None:
    """Its sessions and tasks went with the old toolstack; everything else survives."""
    machine.emergency_error = None
    for step in MASTER_STEPS:
        run_step(machine, step, pause)


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
        run_step(machine, step, pause)


def run_step(machine: HostMachine, step: Step, pause: Pause) -> None:
    """A vital step that fails leaves the host in emergency mode with that error (xapi.ml: server_init)."""
    try:
        step.run(machine, pause)
    except (XapiError, LookupError, ValueError) as error:
        log.warning("%s: %s failed: %r", machine.name, step.name, error)
        if step.vital:
            told = error if isinstance(error, XapiError) else XapiError("INTERNAL_ERROR", type(error).__name__)
            machine.emergency_error = told
            machine.world.listen(machine)
            raise StartFailedError from error


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
    if master is None or not (master.up and reach.between(machine, master)):
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
    if machine.role != MASTER:
        pause(machine.world.timing.sync)
    refresh_host(machine)
    prepare(machine, pause)
    recompute(pool_row(machine))


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


def level_processors(machine: HostMachine, pause: Pause) -> None:
    refresh_pool_cpu_info(pool_row(machine))


def listen(machine: HostMachine, _pause: Pause) -> None:
    machine.world.listen(machine)


MASTER_STEPS: tuple[Step, ...] = (
    Step("sync", synchronise_database, vital=True),
    Step("cpu", level_processors),
    Step("listen", listen),
    Step("enable", enable),
)
MEMBER_STEPS: tuple[Step, ...] = (
    Step("sync", synchronise_database, vital=True),
    Step("password", take_password),
    Step("storage", plug_storage),
    Step("enable", enable),
    Step("networks", copy_all),
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
