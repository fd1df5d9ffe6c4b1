"""Messages of class host that do more than read or write one field."""

from simulator.xapi.errors import XapiError
from simulator.xapi.machines import machine_of_call
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import Row, first
from simulator.xapi.startup import machine_of


@message("host", "get_server_certificate")
def host_get_server_certificate(call: Call, host: str) -> str:
    """The certificate that the host shows to clients, as PEM."""
    return machine_of(machine_of_call(call), Row(call.host.database, "host", host)).certificate.pem


@message("host", "get_management_interface")
def host_get_management_interface(call: Call, host: str) -> str:
    pif = first(call.host.database, "PIF", host=host, management=True)
    if pif is None:
        raise XapiError("INTERNAL_ERROR", "Not_found")
    return pif.ref


@message("host", "disable")
def host_disable(call: Call, host: str, auto_enable: bool) -> None:  # noqa: FBT001 - the wire's own order
    """No new VM starts here; with auto_enable false not even after a restart."""
    row = Row(call.host.database, "host", host)
    machine_of(machine_of_call(call), row).auto_enable = auto_enable
    row.set(enabled=False)


@message("host", "enable")
def host_enable(call: Call, host: str) -> None:
    row = Row(call.host.database, "host", host)
    if row.items("pending_guidances"):
        raise XapiError("HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY", host)
    machine_of(machine_of_call(call), row).auto_enable = True
    row.set(enabled=True)


@message("host", "restart_agent")
def host_restart_agent(call: Call, host: str) -> None:
    """The toolstack restarts after its fuse: the reply comes first."""
    machine = machine_of(machine_of_call(call), Row(call.host.database, "host", host))
    machine.world.restart(machine, after=machine.world.timing.fuse)
