"""Pool.join from its first contact with the master to the reply (xapi_pool.ml: join_common)."""

import logging
from functools import partial

from simulator.world.faults import latent
from simulator.world.host import HostMachine
from simulator.world.role import slave_of
from simulator.xapi.errors import XapiError
from simulator.xapi.machines import host_row, pool_row
from simulator.xapi.pool.join import checks
from simulator.xapi.pool.join.contact import Target, log_in
from simulator.xapi.pool.join.copy_host import host_on_master
from simulator.xapi.pool.join.copy_network import copy_networking
from simulator.xapi.pool.join.copy_storage import copy_storage, unplug_all
from simulator.xapi.pool.join.copy_vms import copy_vms
from simulator.xapi.pool.join.copying import Copying, best_effort
from simulator.xapi.pool.join.trust import exchange
from simulator.xapi.pool.join.view import Joining, PoolView
from simulator.xapi.pool.startup import Pause

log = logging.getLogger(__name__)

HOST_RECORD_LOST = latent("host_record_lost", "a join says success, the pool has no record of the host")
METADATA_LOST = latent("join_metadata_lost", "only the host record reaches the pool at a join")


def join(machine: HostMachine, target: Target, *, force: bool) -> None:
    """Check, exchange, copy, switch the role; the restart comes after the reply."""
    pause: Pause = machine.life.pause
    duration = machine.world.timing.join
    if pool_row(machine).mapping("restrictions").get("restrict_pooling", "true") == "true":
        raise XapiError("LICENCE_RESTRICTION")
    machine.world.step(machine, "before login")
    master = log_in(machine, target)
    checks.run(Joining(view(machine), view(master)), force=force)
    machine.world.step(machine, "after checks")
    pause(duration * 0.3)
    exchange(machine, master, target)
    machine.world.step(machine, "after certificates")
    if master.up:
        copy_to_pool(machine, master)
    machine.world.step(machine, "after copy")
    pause(duration * 0.4)
    unplug_all(host_row(machine))
    machine.pool_conf = slave_of(master.address)
    machine.disk.pool_secret = master.disk.pool_secret
    machine.world.restart(machine, after=machine.world.timing.fuse)
    machine.world.step(machine, "after switch")


def view(machine: HostMachine) -> PoolView:
    return PoolView(machine.database, machine.uuid, machine.edition_ranks)


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
    copying = Copying(machine, old, new, pool)
    for what, copy in (("storage", copy_storage), ("networking", copy_networking), ("VMs", copy_vms)):
        best_effort(what, partial(copy, copying))
