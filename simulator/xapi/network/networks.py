"""network.create: what the server makes of the record that a client sends."""

from typing import cast

from simulator.schema import MessageSpec, ParameterSpec, Type
from simulator.xapi.errors import XapiError
from simulator.xapi.network.rows import USUAL_MTU, network_of_bridge, next_bridge
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import add

TAKEN_FROM_CALLER = ("name_label", "name_description", "other_config", "tags", "managed")
# What the server keeps for itself (the bridge blacklist of xapi_network.ml).
RESERVED = ("xen", "xapi", "vif", "tap", "eth")
LONGEST_BRIDGE = 15
SPEC = MessageSpec(
    name="create",
    parameters=(ParameterSpec("args", Type("record", "network")),),
    result=Type("ref", "network"),
    role="vm-admin",
    asynchronous=True,
)


@message("network", "create", spec=SPEC)
def network_create(call: Call, given: dict[str, object]) -> str:
    """A bridge is chosen where none is given; an MTU that is no size becomes 1500."""
    database = call.host.database
    bridge = str(given.get("bridge") or "")
    if bridge.startswith(RESERVED) or len(bridge) > LONGEST_BRIDGE:
        raise XapiError("INVALID_VALUE", "bridge", bridge)
    if bridge and network_of_bridge(database, bridge):
        raise XapiError("BRIDGE_NAME_EXISTS", bridge)
    mtu = cast("int", given.get("MTU") or USUAL_MTU)
    fields = {name: given[name] for name in TAKEN_FROM_CALLER if name in given}
    with database.locked():
        bridge = bridge or next_bridge(database)
        return add(database, "network", bridge=bridge, MTU=mtu if mtu > 0 else USUAL_MTU, **fields).ref
