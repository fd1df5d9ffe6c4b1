"""Network changes on the host of a PIF: the reply is lost when the change took the way back with it."""

from collections.abc import Callable
from typing import TypeVar

from simulator.world import reach
from simulator.world.faults import DropConnection
from simulator.world.host import HostMachine
from simulator.xapi.forwarding import Tolerance, forwarded
from simulator.xapi.machines import machine_of_call
from simulator.xapi.registry import Call

T = TypeVar("T")


def on_host(
    call: Call, host_ref: str, work: Callable[[HostMachine], T], tolerance: Tolerance | None = None
) -> T | None:
    """`forwarded`, for work that may move or cut the host's address; None when only the reply was lost."""
    caller = machine_of_call(call)

    def watched(machine: HostMachine) -> T:
        address = machine.address
        value = work(machine)
        if machine is not caller and (machine.address != address or not reach.between(caller, machine)):
            raise DropConnection
        return value

    return forwarded(call, host_ref, watched, tolerance)
