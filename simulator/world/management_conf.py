"""management.conf: what the network daemon makes of it when a server boots without a database of its own."""

from simulator.world import leases, reach
from simulator.world.hardware import Nic
from simulator.world.host import HostMachine
from simulator.world.interfaces import UNTAGGED, Plug

FIRST_VLAN_BRIDGE = "xapi0"


def name_cards(machine: HostMachine) -> None:
    """Back to the names of a fresh installation: by slot (network_server.ml: reset_state)."""
    for place, nic in enumerate(sorted(machine.hardware.nics, key=lambda each: each.pci)):
        nic.device = f"eth{place}"
    machine.disk.nic_order = {nic.mac: nic.position for nic in machine.hardware.nics}


def start_networkd(machine: HostMachine) -> None:
    """It makes the management bridge from its file, before a toolstack knows of any PIF (network_config.ml)."""
    plug = _plug(machine)
    machine.interfaces.replace_all([plug] if plug else [])
    machine.interfaces.management = plug.bridge if plug else ""
    reach.refresh(machine)


def labelled(machine: HostMachine) -> Nic | None:
    """The card that has the name now; it need not be the one that had it when the name was written."""
    label = machine.disk.management_conf.get("LABEL", "")
    return next((nic for nic in machine.hardware.nics if nic.device == label), None)


def tag_of(machine: HostMachine) -> int:
    return int(machine.disk.management_conf.get("VLAN", UNTAGGED))


def _plug(machine: HostMachine) -> Plug | None:
    conf, nic, vlan = machine.disk.management_conf, labelled(machine), tag_of(machine)
    if nic is None:
        return None
    bridge = FIRST_VLAN_BRIDGE if vlan > UNTAGGED else f"xenbr{machine.position(nic)}"
    plug = Plug(bridge=bridge, nics=(nic.mac,), vlan=vlan)
    address = conf.get("IP", "") if conf.get("MODE") == "static" else leases.lease(machine, plug)
    return Plug(
        bridge=bridge,
        nics=plug.nics,
        vlan=vlan,
        address=address if conf.get("MODE") != "none" else "",
        netmask=conf.get("NETMASK", leases.NETMASK),
        gateway=conf.get("GATEWAY", ""),
    )
