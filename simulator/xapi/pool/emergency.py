"""What a host says and does of its own role when nobody else can be asked (xapi_pool.ml, xapi_pool_transition.ml)."""

from dataclasses import replace

from simulator.world.host import HostMachine
from simulator.world.role import MASTER, slave_of
from simulator.xapi.errors import XapiError
from simulator.xapi.forwarding import contacted
from simulator.xapi.machines import machine_of_call
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import rows


@message("pool", "is_slave")
def pool_is_slave(call: Call, _host: str) -> bool:
    """Of the host that receives it, whichever is named; False means that it is a master."""
    return call.host.role != MASTER


@message("host", "is_in_emergency_mode")
def host_is_in_emergency_mode(call: Call) -> bool:
    return call.host.emergency_error is not None


@message("host", "local_assert_healthy")
def host_local_assert_healthy(call: Call) -> None:
    if call.host.emergency_error:
        raise call.host.emergency_error


@message("pool", "emergency_transition_to_master")
def pool_emergency_transition_to_master(call: Call) -> None:
    """With this host's own copy of the database; nobody asks whether the old master lives."""
    machine = machine_of_call(call)
    refuse_when_armed(machine)
    take_role(machine, MASTER)


@message("pool", "emergency_reset_master")
def pool_emergency_reset_master(call: Call, address: str) -> None:
    machine = machine_of_call(call)
    refuse_when_armed(machine)
    follow(machine, address)


@message("pool", "recover_slaves")
def pool_recover_slaves(call: Call) -> list[str]:
    """Point every other host here; whoever cannot be asked is left out, and those already right are not."""
    machine, reached = machine_of_call(call), []
    asking = replace(call, method="pool.emergency_reset_master")
    for host in rows(machine.database, "host"):
        if host.uuid != machine.uuid:
            try:
                contacted(asking, machine.world.machine(host.uuid), lambda other: _recover(other, machine.address))
            except (XapiError, LookupError):
                continue
            reached.append(host.ref)
    return reached


def _recover(machine: HostMachine, address: str) -> None:
    refuse_when_armed(machine)
    follow(machine, address)


def refuse_when_armed(machine: HostMachine) -> None:
    """HA decides on the role alone, as long as this host's own disk says that it is armed."""
    if machine.disk.ha_armed:
        raise XapiError("HA_IS_ENABLED")


def follow(machine: HostMachine, address: str) -> None:
    """Become the slave of this address; nothing happens where it is that already (become_another_masters_slave)."""
    if machine.pool_conf != slave_of(address):
        take_role(machine, slave_of(address))


def take_role(machine: HostMachine, role: str) -> None:
    """The toolstack reads its role only when it starts, so it starts anew when the fuse has burnt down."""
    machine.pool_conf = role
    machine.world.restart(machine, after=machine.world.timing.fuse)
