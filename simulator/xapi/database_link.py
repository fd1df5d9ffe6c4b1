"""A member's way to the database, which is its master's: without it every call that needs a session hangs.

With the default settings a running member never gives up on a dead master (master_connection_retry_timeout = -1).
"""

from simulator.schema import schema
from simulator.world import reach
from simulator.world.host import HostMachine
from simulator.world.role import master_address
from simulator.xapi.registry import HostView

LOOK_AGAIN = 0.05


def await_link(host: HostView, method: str) -> None:
    """Wait as long as this toolstack lives; calls for an emergency need no database."""
    if not isinstance(host, HostMachine) or host.is_master or method in schema().emergency_calls:
        return
    while not _has_link(host):
        host.life.pause(LOOK_AGAIN)


def _has_link(machine: HostMachine) -> bool:
    master = machine.world.at(master_address(machine.role))
    return master is not None and master.up and reach.between(machine, master)
