"""What a host says of its clock: its own time, right or wrong."""

from simulator.schema import DateTime
from simulator.xapi.decoding import wire_time
from simulator.xapi.forwarding import target
from simulator.xapi.registry import Call, message


@message("host", "get_servertime")
def get_servertime(call: Call, ref: str) -> DateTime:
    """Forwarded: the clock asked is the clock of that host."""
    return wire_time(target(call, ref).now())


@message("host", "get_server_localtime")
def get_server_localtime(call: Call, ref: str) -> DateTime:
    """Without a zone, so without the Z; the lab's hosts live in UTC."""
    return DateTime(get_servertime(call, ref).removesuffix("Z"))
