"""From the host that was called to the one that does the work (message_forwarding.ml: do_op_on_common)."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from simulator.world import reach
from simulator.world.faults import FaultInCall
from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.machines import machine_of_call
from simulator.xapi.registry import Call
from simulator.xapi.rows import Row

T = TypeVar("T")
INTERNAL = "internal"
POLLS = 20  # looks at whether the work was done after all, spread over the time of a tolerance


@dataclass(frozen=True)
class Tolerance:
    """How long a lost connection may be a success after all, and by what sign (tolerate_connection_loss)."""

    seconds: float
    done: Callable[[], bool]


def target(call: Call, host_ref: str) -> HostMachine:
    """The machine that a message is for; the host that was called, and the master, need not be reached."""
    caller, host = machine_of_call(call), Row(call.host.database, "host", host_ref)
    machine = caller.world.machine(host.uuid)
    if machine is caller or is_master(host):
        return machine
    if not is_live(host):
        raise XapiError("HOST_OFFLINE", host_ref)
    if not (machine.up and reach.between(caller, machine)):
        caller.life.pause(caller.world.timing.contact)
        raise XapiError("CANNOT_CONTACT_HOST", host_ref)
    if machine.emergency_error:
        raise machine.emergency_error
    return machine


def forwarded(
    call: Call, host_ref: str, work: Callable[[HostMachine], T], tolerance: Tolerance | None = None
) -> T | None:
    """Do the work on its host: faults strike there, and its call log has it. None when only the reply was lost."""
    caller, machine = machine_of_call(call), target(call, host_ref)
    if machine is caller:
        return work(machine)
    try:
        return _on(machine, call, work)
    except FaultInCall:
        caller.life.pause(0)
        if tolerance and _was_done(caller, tolerance):
            return None
        raise XapiError("CANNOT_CONTACT_HOST", host_ref) from None


def contacted(call: Call, machine: HostMachine, work: Callable[[HostMachine], T]) -> T:
    """Ask a host whatever the database says of it, and whatever state it is in (do_op_on_localsession_nolivecheck)."""
    caller = machine_of_call(call)
    if machine is caller:
        return work(machine)
    if not (machine.up and reach.between(caller, machine)):
        caller.life.pause(caller.world.timing.contact)
        raise XapiError("INTERNAL_ERROR", "Connection failed: connection refused.")
    try:
        return _on(machine, call, work)
    except FaultInCall:
        caller.life.pause(0)
        raise XapiError("INTERNAL_ERROR", "Connection failed: connection lost.") from None


def is_live(host: Row) -> bool:
    """A host without metrics counts as dead."""
    metrics = host.to("metrics", "host_metrics")
    return host.database.has("host_metrics", metrics.ref) and metrics.flag("live")


def is_master(host: Row) -> bool:
    return any(row["master"] == host.ref for row in host.database.snapshots("pool").values())


def _on(machine: HostMachine, call: Call, work: Callable[[HostMachine], T]) -> T:
    world, outcome = machine.world, "ok"
    try:
        world.faults.before(machine.name, call.method)
        value = work(machine)
        world.faults.after(machine.name, call.method)
    except XapiError as error:
        outcome = error.code
        raise
    except FaultInCall as fault:
        outcome = type(fault).__name__
        raise
    else:
        return value
    finally:
        world.calllog.record(machine.name, call.method, [], transport=INTERNAL, outcome=outcome)


def _was_done(caller: HostMachine, tolerance: Tolerance) -> bool:
    end = time.monotonic() + tolerance.seconds
    while not tolerance.done():
        if time.monotonic() >= end:
            return False
        caller.life.pause(tolerance.seconds / POLLS)
    return True
