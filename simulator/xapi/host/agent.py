"""The toolstack of a host: the certificate that it shows, and its restart (xapi_host.ml)."""

from simulator.xapi.forwarding import forwarded, target
from simulator.xapi.registry import Call, message


@message("host", "get_server_certificate")
def host_get_server_certificate(call: Call, host: str) -> str:
    """The certificate that the host shows to clients, as PEM."""
    return target(call, host).certificate.pem


@message("host", "restart_agent")
def host_restart_agent(call: Call, host: str) -> None:
    """The toolstack restarts after its fuse: the reply comes first."""
    forwarded(call, host, lambda machine: machine.world.restart(machine, after=machine.world.timing.fuse))
