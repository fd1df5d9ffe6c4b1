"""pool.designate_new_master: an orderly change in two phases (xapi_pool.ml, xapi_pool_transition.ml)."""

import time
from dataclasses import replace

from simulator.schema.types import EPOCH
from simulator.world.host import HostMachine
from simulator.world.life import Proposal
from simulator.world.role import BROKEN, MASTER
from simulator.xapi.errors import XapiError
from simulator.xapi.forwarding import contacted, forwarded
from simulator.xapi.machines import machine_of_call, pool_row
from simulator.xapi.pool.backup import pool_sync_database
from simulator.xapi.pool.emergency import follow
from simulator.xapi.pool.operations import pool_operation
from simulator.xapi.pool.state import refuse_under_ha
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import rows

DESIGNATING = "designate_new_master"
AGREED_FOR = 600  # seconds for which a host that has agreed to one master refuses another


@message("pool", "designate_new_master")
def pool_designate_new_master(call: Call, host: str) -> None:
    """Who is the master already has nothing to do."""
    master = machine_of_call(call)
    with pool_operation(master, DESIGNATING, call):
        forwarded(call, host, lambda candidate: None if candidate is master else _hand_over(call, candidate))


def _hand_over(call: Call, candidate: HostMachine) -> None:
    """Every host of the pool must be there; each restarts afterwards, the candidate when the old master is gone."""
    world, master, pool = candidate.world, machine_of_call(call), pool_row(candidate)
    old_life = master.life  # it may end, and the next one begin, before the candidate gets to the end of this
    refuse_under_ha(pool.database)
    pool.set(last_update_sync=EPOCH)
    pool_sync_database(call)
    world.step(candidate, "designate: after backup")
    others = [world.machine(host.uuid) for host in rows(pool.database, "host") if host.uuid != candidate.uuid]
    _propose(call, candidate, [*others, candidate])
    world.step(candidate, "designate: after propose")
    _commit(call, candidate, others)
    world.step(candidate, "designate: after commit")
    candidate.pool_conf = MASTER
    world.restart_after(candidate, old_life)


def _propose(call: Call, candidate: HostMachine, hosts: list[HostMachine]) -> None:
    """All must agree; those who had are told when one does not."""
    asking, agreed = replace(call, method="host.propose_new_master"), list[HostMachine]()
    try:
        for machine in hosts:
            contacted(asking, machine, lambda each: propose(each, candidate.address))
            agreed.append(machine)
    except XapiError:
        for machine in agreed:
            machine.life.proposal = None
        raise


def _commit(call: Call, candidate: HostMachine, others: list[HostMachine]) -> None:
    """Whoever dies between here and the end comes up broken, and so does a candidate whom somebody did not follow."""
    asking = replace(call, method="host.commit_new_master")
    candidate.pool_conf = BROKEN
    for machine in others:
        contacted(asking, machine, lambda each: commit(each, candidate.address))


def propose(machine: HostMachine, address: str) -> None:
    """One proposal in ten minutes."""
    earlier = machine.life.proposal
    if earlier and time.monotonic() - earlier.made < AGREED_FOR:
        raise XapiError("HA_ABORT_NEW_MASTER", f"Already agreed to commit host address '{earlier.address}'")
    machine.life.proposal = Proposal(address)


def commit(machine: HostMachine, address: str) -> None:
    if machine.life.proposal is None or machine.life.proposal.address != address:
        raise XapiError("HA_ABORT_NEW_MASTER", f"Received commit for {address}, to which this host has not agreed")
    follow(machine, address)


@message("host", "propose_new_master")
def host_propose_new_master(call: Call, address: str, _manual: bool) -> None:  # noqa: FBT001 - the wire's own order
    propose(machine_of_call(call), address)


@message("host", "commit_new_master")
def host_commit_new_master(call: Call, address: str) -> None:
    commit(machine_of_call(call), address)


@message("host", "abort_new_master")
def host_abort_new_master(call: Call, address: str) -> None:
    machine = machine_of_call(call)
    if machine.life.proposal and machine.life.proposal.address == address:
        machine.life.proposal = None
