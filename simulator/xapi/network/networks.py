"""Messages of class network (xapi_network.ml)."""

from itertools import count
from typing import cast
from weakref import WeakKeyDictionary

from simulator.database import Database
from simulator.schema import MessageSpec, ParameterSpec, Type
from simulator.world.host import HostMachine
from simulator.world.interfaces import Plug
from simulator.world.life import Life
from simulator.xapi.errors import XapiError
from simulator.xapi.machines import host_row, machine_of_call
from simulator.xapi.network.on_host import on_host
from simulator.xapi.network.pif_checks import refuse
from simulator.xapi.network.plug import bring_up
from simulator.xapi.network.plugs import bond_above
from simulator.xapi.network.rows import USUAL_MTU, network_of_bridge, pif_on
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import Row, add, rows

TAKEN_FROM_CALLER = ("name_label", "name_description", "other_config", "tags", "managed")
# What the server keeps for itself (the bridge blacklist of xapi_network.ml).
RESERVED = ("xen", "xapi", "vif", "tap", "eth")
LONGEST_BRIDGE = 15
HOST_INTERNAL = "is_host_internal_management_network"
CONFLICTING = {"nbd": "insecure_nbd", "insecure_nbd": "nbd"}
SPEC = MessageSpec(
    name="create",
    parameters=(ParameterSpec("args", Type("record", "network")),),
    result=Type("ref", "network"),
    role="vm-admin",
    asynchronous=True,
)
_numbers: WeakKeyDictionary[Life, "count[int]"] = WeakKeyDictionary()


@message("network", "create", spec=SPEC)
def network_create(call: Call, given: dict[str, object]) -> str:
    """A bridge is chosen where none is given; an MTU that is no size becomes 1500."""
    machine, database = machine_of_call(call), call.host.database
    if "other_config" not in given:
        raise XapiError("INTERNAL_ERROR", "missing field", "other_config", "")
    bridge = str(given.get("bridge") or "")
    assert_bridge_is_free(database, bridge)
    mtu = cast("int", given.get("MTU") or USUAL_MTU)
    fields = {name: given[name] for name in TAKEN_FROM_CALLER if name in given}
    with database.locked():
        bridge = bridge or fresh_bridge(machine)
        return add(database, "network", bridge=bridge, MTU=mtu if mtu > 0 else USUAL_MTU, **fields).ref


def assert_bridge_is_free(database: Database, bridge: str) -> None:
    """Neither one of those that the server keeps for itself nor taken; none at all is right: one will be chosen."""
    if bridge.startswith(RESERVED) or len(bridge) > LONGEST_BRIDGE:
        raise XapiError("INVALID_VALUE", "bridge", bridge)
    if bridge and network_of_bridge(database, bridge):
        raise XapiError("BRIDGE_NAME_EXISTS", bridge)


def fresh_bridge(machine: HostMachine) -> str:
    """xapi<N>: the number only grows until the toolstack starts anew, then free ones are found again."""
    numbers = _numbers.setdefault(machine.life, count())
    names = (f"xapi{number}" for number in numbers)
    return next(name for name in names if network_of_bridge(machine.database, name) is None)


@message("network", "destroy")
def network_destroy(call: Call, ref: str) -> None:
    """Interfaces of halted VMs go with it."""
    network = Row(call.host.database, "network", ref)
    vifs = network.all("VIFs", "VIF")
    attached = [vif.ref for vif in vifs if vif.flag("currently_attached")]
    refuse(attached, "NETWORK_CONTAINS_VIF", *attached)
    pifs = network.items("PIFs")
    refuse(pifs, "NETWORK_CONTAINS_PIF", *pifs)
    internal = network.mapping("other_config").get(HOST_INTERNAL) == "true"
    refuse(internal, "CANNOT_DESTROY_SYSTEM_NETWORK", ref)
    for vif in vifs:
        vif.database.delete("VIF", vif.ref)
    network.database.delete("network", ref)


@message("network", "attach")
def network_attach(call: Call, ref: str, host: str) -> None:
    network = Row(call.host.database, "network", ref)
    on_host(call, host, lambda machine: attach(machine, network, force=True))


def attach(machine: HostMachine, network: Row, *, force: bool = False) -> None:
    """What a VM that starts needs of its network: its PIFs plugged, or a bridge inside of the host."""
    bridge, stands = network.text("bridge"), machine.interfaces.plugs
    if not network.flag("managed"):
        refuse(bridge not in stands, "BRIDGE_NOT_AVAILABLE", bridge)
        return
    pifs = pif_on(host_row(machine), network.ref)
    if not pifs and bridge not in stands:
        machine.interfaces.put(Plug(bridge=bridge, mtu=network.number("MTU")))
    for pif in pifs:
        if pif.flag("managed") and (force or not pif.flag("currently_attached")):
            refuse(bond_above(pif), "CANNOT_PLUG_BOND_SLAVE", pif.ref)
            bring_up(machine, pif)


def with_networks(machine: HostMachine, vm: Row) -> Row:
    """The VM, all its networks attached where it is to live (attach_for_vm)."""
    for vif in vm.all("VIFs", "VIF"):
        attach(machine, vif.to("network", "network"))
    return vm


@message("network", "add_purpose")
def network_add_purpose(call: Call, ref: str, purpose: str) -> None:
    """Disks may move encrypted or in the clear, in one pool only one of both."""
    network, other = Row(call.host.database, "network", ref), CONFLICTING[purpose]
    with network.database.locked():
        now = network.items("purpose")
        for each in rows(network.database, "network"):
            refuse(other in each.items("purpose"), "NETWORK_INCOMPATIBLE_PURPOSES", purpose, other)
        if purpose not in now:
            network.set(purpose=[*now, purpose])


@message("network", "remove_purpose")
def network_remove_purpose(call: Call, ref: str, purpose: str) -> None:
    network = Row(call.host.database, "network", ref)
    with network.database.locked():
        now = network.items("purpose")
        if purpose in now:
            network.set(purpose=[each for each in now if each != purpose])


@message("network", "set_default_locking_mode")
def network_set_default_locking_mode(call: Call, ref: str, mode: str) -> None:
    network = Row(call.host.database, "network", ref)
    for vif in network.all("VIFs", "VIF"):
        refuse(vif.flag("currently_attached"), "VIF_IN_USE", ref, vif.ref)
    network.set(default_locking_mode=mode)
