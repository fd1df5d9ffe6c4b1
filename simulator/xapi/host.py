"""Messages of class host that do more than read or write one field."""

from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.forwarding import forwarded, target
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import Row


@message("host", "get_server_certificate")
def host_get_server_certificate(call: Call, host: str) -> str:
    """The certificate that the host shows to clients, as PEM."""
    return target(call, host).certificate.pem


@message("host", "disable")
def host_disable(call: Call, host: str, auto_enable: bool) -> None:  # noqa: FBT001 - the wire's own order
    """No new VM starts here; with auto_enable false not even after a restart."""

    def work(machine: HostMachine) -> None:
        machine.auto_enable = auto_enable
        Row(machine.database, "host", host).set(enabled=False)

    forwarded(call, host, work)


@message("host", "enable")
def host_enable(call: Call, host: str) -> None:
    def work(machine: HostMachine) -> None:
        row = Row(machine.database, "host", host)
        if row.items("pending_guidances"):
            raise XapiError("HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY", host)
        machine.auto_enable = True
        row.set(enabled=True)

    forwarded(call, host, work)


@message("host", "restart_agent")
def host_restart_agent(call: Call, host: str) -> None:
    """The toolstack restarts after its fuse: the reply comes first."""
    forwarded(call, host, lambda machine: machine.world.restart(machine, after=machine.world.timing.fuse))
