"""What a host does through other programs of its own: there are none here."""

from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.forwarding import forwarded
from simulator.xapi.registry import Call, message


@message("host", "call_plugin")
def host_call_plugin(call: Call, host: str, plugin: str, _function: str, _arguments: dict[str, str]) -> None:
    """No plugin is installed (xapi_plugins.ml: find_plugin)."""

    def look(_machine: HostMachine) -> None:
        raise XapiError("XENAPI_MISSING_PLUGIN", plugin)

    forwarded(call, host, look)


@message("host", "syslog_reconfigure")
def host_syslog_reconfigure(call: Call, host: str) -> None:
    """host.logging counts from now on; nobody listens."""
    forwarded(call, host, lambda _machine: None)
