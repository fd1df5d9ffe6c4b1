"""What a host says of its own role when nobody else can be asked (xapi_pool.ml, xapi_host.ml)."""

from simulator.xapi.registry import Call, message


@message("pool", "is_slave")
def pool_is_slave(call: Call, _host: str) -> bool:
    """Of the host that receives it, whichever is named; False means that it is a master."""
    return call.host.role != "master"


@message("host", "is_in_emergency_mode")
def host_is_in_emergency_mode(call: Call) -> bool:
    return call.host.emergency_error is not None
