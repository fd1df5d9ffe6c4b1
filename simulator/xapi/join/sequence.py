"""Pool.join from its first contact with the master to the reply (xapi_pool.ml: join_common)."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from simulator.world import reach
from simulator.world.faults import DropConnection, FaultInCall, latent
from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.host_sync import host_row
from simulator.xapi.join import checks
from simulator.xapi.join.copy_host import host_on_master
from simulator.xapi.join.copy_network import copy_networking
from simulator.xapi.join.copy_storage import copy_storage, unplug_all
from simulator.xapi.join.copy_vms import copy_vms
from simulator.xapi.join.copying import Copying, best_effort
from simulator.xapi.join.view import Joining, PoolView
from simulator.xapi.operations import operating
from simulator.xapi.startup import Pause, pool_row

log = logging.getLogger(__name__)

INTERNAL = "internal"
EXCHANGING = "exchange_certificates_on_join"
HOST_RECORD_LOST = latent("host_record_lost", "a join says success, the pool has no record of the host")
METADATA_LOST = latent("join_metadata_lost", "only the host record reaches the pool at a join")


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where a host is told to join, and as whom; the password never shows."""

    address: str
    username: str
    password: str

    def __repr__(self) -> str:
        return f"Target({self.address!r}, {self.username!r})"


def join(machine: HostMachine, target: Target, *, force: bool) -> None:
    """Check, exchange, copy, switch the role; the restart comes after the reply."""
    pause: Pause = machine.life.pause
    duration = machine.world.timing.join
    if pool_row(machine).mapping("restrictions").get("restrict_pooling") == "true":
        raise XapiError("LICENCE_RESTRICTION")
    machine.world.step(machine, "before login")
    master = log_in(machine, target)
    checks.run(Joining(view(machine), view(master)), force=force)
    machine.world.step(machine, "after checks")
    pause(duration * 0.3)
    exchange_certificates(machine, master, pause)
    machine.world.step(machine, "after certificates")
    if master.up:
        copy_to_pool(machine, master)
    machine.world.step(machine, "after copy")
    pause(duration * 0.4)
    unplug_all(host_row(machine))
    machine.pool_conf = f"slave:{master.address}"
    machine.world.restart(machine, after=machine.world.timing.fuse)
    machine.world.step(machine, "after switch")


def view(machine: HostMachine) -> PoolView:
    return PoolView(machine.database, machine.uuid, machine.edition_ranks)


def log_in(machine: HostMachine, target: Target) -> HostMachine:
    """Every way in which the master may refuse the joiner (pool.md: stage B)."""
    master = _assert_answering(machine.world.at(target.address))
    if not reach.between(machine, master):
        raise XapiError("INTERNAL_ERROR", "Connection failed: connection refused.")
    credentials: list[object] = [target.username, target.password]
    ask(master, "session.login_with_password", credentials, lambda: _admit(machine, master, target))
    return master


def _assert_answering(master: HostMachine | None) -> HostMachine:
    if master is None or not master.up:
        raise XapiError("INTERNAL_ERROR", "Connection failed: connection refused.")
    return master


def _admit(machine: HostMachine, master: HostMachine, target: Target) -> None:
    """A member names its master before it looks at the password."""
    if master.emergency_error:
        raise master.emergency_error
    if not master.is_master:
        raise XapiError("HOST_IS_SLAVE", master.role.partition(":")[2])
    if not master.check_password(target.username, target.password):
        machine.life.pause(machine.world.timing.refused_login)
        raise XapiError("SESSION_AUTHENTICATION_FAILED", target.username, "Authentication failure")


def ask(master: HostMachine, method: str, arguments: list[object], work: Callable[[], None]) -> None:
    """One call from host to host: it is logged, and faults strike it as they strike any other."""
    world = master.world
    outcome = "ok"
    try:
        _assert_answering(master)
        world.faults.before(master.name, method)
        work()
        world.faults.after(master.name, method)
    except XapiError as error:
        outcome = error.code
        raise
    except DropConnection as fault:
        outcome = "dropped"
        raise XapiError("JOINING_HOST_CONNECTION_FAILED") from fault
    except FaultInCall as fault:
        outcome = "garbled"
        raise XapiError("JOINING_HOST_SERVICE_FAILED") from fault
    finally:
        world.calllog.record(master.name, method, arguments, transport=INTERNAL, outcome=outcome)


def exchange_certificates(machine: HostMachine, master: HostMachine, pause: Pause) -> None:
    """The mandatory part: pool secret, then certificates, one joiner at a time on the master."""
    pool = pool_row(master)
    ask(master, "pool.initial_auth", [], lambda: None)
    if pool.flag("is_psr_pending"):
        raise XapiError("POOL_SECRET_ROTATION_PENDING")
    with master.exchange, operating(pool, EXCHANGING):
        pause(machine.world.timing.join * 0.3)
        ask(master, "pool.exchange_certificates_on_join", [machine.uuid], lambda: None)


def copy_to_pool(machine: HostMachine, master: HostMachine) -> None:
    """Everything here may fail unseen: a join that says success proves nothing."""
    faults = machine.world.faults
    if faults.happens(HOST_RECORD_LOST, machine.name):
        log.warning("%s: the host record was lost", machine.name)
        return
    with master.exchange:
        best_effort("host", lambda: _copy_all(machine, master))


def _copy_all(machine: HostMachine, master: HostMachine) -> None:
    old, pool = host_row(machine), pool_row(master)
    new = host_on_master(old, pool)
    machine.world.step(machine, "after host record")
    if machine.world.faults.happens(METADATA_LOST, machine.name):
        return
    copying = Copying(old, new, pool)
    for what, copy in (("storage", copy_storage), ("networking", copy_networking), ("VMs", copy_vms)):
        best_effort(what, partial(copy, copying))
