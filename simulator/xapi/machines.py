"""From a call to the machine that serves it, and from a machine to its rows."""

from simulator.world.host import HostMachine
from simulator.xapi.pool.state import pool_of
from simulator.xapi.registry import Call
from simulator.xapi.rows import Row


def machine_of_call(call: Call) -> HostMachine:
    if not isinstance(call.host, HostMachine):
        raise TypeError(f"{call.host!r} is no machine of a world")
    return call.host


def host_row(machine: HostMachine) -> Row:
    return Row(machine.database, "host", machine.ref)


def pool_row(machine: HostMachine) -> Row:
    return pool_of(machine.database)
