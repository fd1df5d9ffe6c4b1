"""management.conf: what the network daemon makes of it when a server boots without a database of its own."""

from dataclasses import replace

from simulator.world import leases
from simulator.world.hardware import Nic
from simulator.world.host import HostMachine
from simulator.world.interfaces import UNTAGGED, Plug

TEMPORARY = "xentemp"


def nic_of(machine: HostMachine) -> Nic:
    """The card that LABEL names; LookupError where there is none."""
    label = machine.disk.management_conf.get("LABEL", "")
    for nic in machine.hardware.nics:
        if nic.device == label:
            return nic
    raise LookupError(f"no card {label!r}")


def tag_of(machine: HostMachine) -> int:
    return int(machine.disk.management_conf.get("VLAN", UNTAGGED))


def apply(machine: HostMachine) -> None:
    """One bridge on one card, with the management address; nothing else (network_config.ml: read_management_conf)."""
    machine.interfaces.replace_all([])
    plug = _plug(machine)
    machine.interfaces.replace_all([plug])
    machine.interfaces.management = plug.bridge


def _plug(machine: HostMachine) -> Plug:
    conf, nic, tag = machine.disk.management_conf, nic_of(machine), tag_of(machine)
    bridge = f"xenbr{machine.position(nic)}" if tag == UNTAGGED else TEMPORARY
    plug = Plug(bridge=bridge, nics=(nic.mac,), vlan=tag)
    mode = conf.get("MODE", "dhcp")
    if mode == "static":
        return replace(plug, address=conf["IP"], netmask=conf["NETMASK"], gateway=conf.get("GATEWAY", ""))
    if mode == "dhcp":
        address = leases.lease(machine, plug)
        return replace(plug, address=address, netmask=leases.NETMASK, gateway=leases.gateway(address))
    return plug
