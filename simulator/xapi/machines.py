"""From a call to the machine that serves it."""

from simulator.world.host import HostMachine
from simulator.xapi.registry import Call


def machine_of_call(call: Call) -> HostMachine:
    if not isinstance(call.host, HostMachine):
        raise TypeError(f"{call.host!r} is no machine of a world")
    return call.host
