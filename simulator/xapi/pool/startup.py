"""A toolstack starts: as master, or as a member that says hello and fits itself into the pool (xapi.ml)."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from simulator.world.faults import latent
from simulator.world.host import HostMachine
from simulator.world.role import BROKEN, MASTER, slave_of
from simulator.world.state_database import restored, saved
from simulator.xapi.errors import XapiError
from simulator.xapi.events.messages import tell
from simulator.xapi.host.sync import refresh_host, refresh_pool_cpu_info
from simulator.xapi.machines import host_row, pool_row
from simulator.xapi.network.reset import reset_if_asked
from simulator.xapi.network.sync import copy_all, prepare
from simulator.xapi.operations import recompute
from simulator.xapi.pool.backup import keep_copy
from simulator.xapi.pool.eject.first_boot import install_anew
from simulator.xapi.pool.heartbeat import detect_rolling_upgrade
from simulator.xapi.pool.hello import PERMANENT, hello, master_of, other_master
from simulator.xapi.pool.licences import update_pool_features
from simulator.xapi.rows import Row
from simulator.xapi.storage.start import initialise_storage
from simulator.xapi.vm.reset import reset_after_boot

Pause = Callable[[float], None]
log = logging.getLogger(__name__)
TRANSITION, PRIORITY = "POOL_MASTER_TRANSITION", 4
PASSWORD_LOST = latent("password_not_fetched", "a member keeps its old root password when it starts")
GUIDANCES = ("pending_guidances", "pending_guidances_recommended", "pending_guidances_full")


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
    world = machine.world
    machine.role = machine.pool_conf
    try:
        if machine.role == MASTER:
            return _start_master(machine, pause)
        if machine.role == BROKEN:
            _fail(machine, XapiError("HOST_BROKEN"))
        _start_member(machine, pause)
    except StartFailedError:
        world.restart(machine, after=world.timing.retry_permanent)
        return False
    return True


def _start_master(machine: HostMachine, pause: Pause) -> bool:
    """Its sessions and tasks went with the old toolstack; everything else survives."""
    machine.emergency_error = None
    if machine.disk.first_boot:
        install_anew(machine, pause)
    take_own_database(machine)
    other = other_master(machine)
    if other:
        machine.pool_conf = slave_of(other.address)
        machine.world.restart(machine, after=0)
        return False
    for step in MASTER_STEPS:
        run_step(machine, step, pause)
    return True


def take_own_database(machine: HostMachine) -> None:
    """Who takes the role over from a master that does not know starts with its own, perhaps old, copy."""
    for other in machine.world.installed:
        leads = other.pool_conf == MASTER and not other.disk.first_boot
        if other is not machine and other.database is machine.database and leads:
            found = machine.disk.database_copy or saved(machine.database)
            machine.database = restored(machine.world.schema, found)
            return


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
    keep_copy(machine)


def run_step(machine: HostMachine, step: Step, pause: Pause) -> None:
    """A vital step that fails leaves the host in emergency mode with that error (xapi.ml: server_init)."""
    try:
        step.run(machine, pause)
    except (XapiError, LookupError, ValueError) as error:
        log.warning("%s: %s failed: %r", machine.name, step.name, error)
        if step.vital:
            _fail(machine, error if isinstance(error, XapiError) else XapiError("INTERNAL_ERROR", type(error).__name__))


def _fail(machine: HostMachine, error: XapiError) -> NoReturn:
    """Answer every call with this, until the toolstack tries once more."""
    machine.emergency_error = error
    machine.world.listen(machine)
    raise StartFailedError from error


def _reach_master(machine: HostMachine, pause: Pause) -> None:
    """Try Pool.hello for as long as it takes; each refusal is what callers hear meanwhile."""
    timing = machine.world.timing
    machine.world.step(machine, "hello")
    while True:
        try:
            hello(machine, master_of(machine))
        except XapiError as error:
            machine.emergency_error = error
            pause(timing.retry_permanent if error.code in PERMANENT else timing.retry)
        else:
            machine.emergency_error = None
            return


def synchronise_database(machine: HostMachine, pause: Pause) -> None:
    """Every start disables the host until its end, and does what pending guidance asked for."""
    pool = pool_row(machine)
    if machine.role != MASTER:
        pause(machine.world.timing.sync)
    else:
        take_over(machine, pool)
    _clear_guidances(machine)
    machine.disk.ha_armed = machine.disk.ha_armed and pool.flag("ha_enabled")
    refresh_host(machine)
    if machine.life.boot:
        reset_after_boot(host_row(machine))
    prepare(machine, pause)
    recompute(pool)


def take_over(machine: HostMachine, pool: Row) -> None:
    """pool.master is written by each master at its start; one that is new says so (dbsync_master.ml)."""
    host = host_row(machine)
    host.set(enabled=False)
    if pool.text("master") != host.ref:
        pool.set(master=host.ref)
        tell(machine, TRANSITION, PRIORITY)


def _clear_guidances(machine: HostMachine) -> None:
    """restart_toolstack is done now; what asks for a reboot only by one (dbsync_slave.ml: remove_pending_guidances)."""
    host = host_row(machine)
    done = ("restart_toolstack", "reboot_host") if machine.life.boot else ("restart_toolstack",)
    for name in GUIDANCES:
        old = host.items(name)
        left = [guidance for guidance in old if not guidance.startswith(done)]
        if left != old:
            host.set(**{name: left})
    if machine.life.boot:
        machine.disk.disabled_until_reboot = False


def take_password(machine: HostMachine, pause: Pause) -> None:
    """The member fetches root's password hash from the master (config_file_sync.ml)."""
    if machine.world.faults.happens(PASSWORD_LOST, machine.name):
        return
    master = machine.world.machine(pool_row(machine).to("master", "host").uuid)
    machine.username, machine.password = master.username, master.password


def plug_storage(machine: HostMachine, pause: Pause) -> None:
    pause(machine.world.timing.storage)
    initialise_storage(machine)


def enable(machine: HostMachine, pause: Pause) -> None:
    """Enabled before bonds and VLANs exist: what a client must not take for the end."""
    consider_enabling(machine)


def level_processors(machine: HostMachine, pause: Pause) -> None:
    refresh_pool_cpu_info(pool_row(machine))


def apply_licence(machine: HostMachine, _pause: Pause) -> None:
    update_pool_features(pool_row(machine))


def notice_upgrade(machine: HostMachine, _pause: Pause) -> None:
    detect_rolling_upgrade(machine)


def reset_network(machine: HostMachine, _pause: Pause) -> None:
    reset_if_asked(machine)


def listen(machine: HostMachine, _pause: Pause) -> None:
    machine.world.listen(machine)


MASTER_STEPS: tuple[Step, ...] = (
    Step("sync", synchronise_database, vital=True),
    Step("network reset", reset_network),
    Step("licence", apply_licence),
    Step("cpu", level_processors),
    Step("upgrade", notice_upgrade),
    Step("listen", listen),
    Step("storage", plug_storage),
    Step("enable", enable),
)
MEMBER_STEPS: tuple[Step, ...] = (
    Step("sync", synchronise_database, vital=True),
    Step("network reset", reset_network),
    Step("password", take_password),
    Step("licence", apply_licence),
    Step("storage", plug_storage),
    Step("enable", enable),
    Step("networks", copy_all),
    Step("cpu", level_processors),
    Step("upgrade", notice_upgrade),
)


def consider_enabling(machine: HostMachine) -> None:
    """Not when it was disabled for good or until a reboot, nor while guidance is pending (xapi_host_helpers.ml)."""
    host = host_row(machine)
    wanted = machine.auto_enable and not machine.disk.disabled_until_reboot
    if wanted and not host.items("pending_guidances"):
        host.set(enabled=True)
        recompute(host)
