"""An ejected server boots: a new pool of one, of which only host, control domain and management are the old ones.

`reset-and-reboot` has let the scripts of the first boot run again; `network-init` is the last of them.
"""

from collections.abc import Callable

from simulator.database import Database
from simulator.world import leases, reach
from simulator.world.disks import wipe
from simulator.world.hardware import Nic
from simulator.world.host import HostMachine
from simulator.world.interfaces import UNTAGGED, Plug
from simulator.xapi.eject.management import fields_of
from simulator.xapi.host_install import add_anew
from simulator.xapi.host_sync import host_row, refresh_host
from simulator.xapi.network.install import HOST_INTERNAL, HOST_INTERNAL_CONFIG
from simulator.xapi.network.plug import bring_up, move_management
from simulator.xapi.network.rows import add_metrics, add_network, add_pif, create_vlan, next_bridge
from simulator.xapi.rows import Row, first, rows

Pause = Callable[[float], None]
FIRST_VLAN_BRIDGE = "xapi0"


def install_anew(machine: HostMachine, pause: Pause) -> None:
    """First no management PIF, then one but no TLS verification, then all; ended early it begins again."""
    machine.emergency_error = None
    name_cards(machine)
    wipe(machine)
    machine.database = add_anew(machine, Database(machine.world.schema))
    refresh_host(machine)
    start_networkd(machine)
    machine.world.listen(machine)
    pause(machine.world.timing.network)
    machine.world.step(machine, "first boot: before networks")
    initialise_networks(machine)
    pause(machine.world.timing.network)
    for row in (next(rows(machine.database, "pool")), host_row(machine)):
        row.set(tls_verification_enabled=True)
    machine.disk.first_boot = False


def name_cards(machine: HostMachine) -> None:
    """Back to the names of a fresh installation: by slot (network_server.ml: reset_state)."""
    for place, nic in enumerate(sorted(machine.hardware.nics, key=lambda each: each.pci)):
        nic.device = f"eth{place}"
    machine.disk.nic_order = {nic.mac: nic.position for nic in machine.hardware.nics}


def start_networkd(machine: HostMachine) -> None:
    """It makes the management bridge from its file, before a toolstack knows of any PIF (network_config.ml)."""
    plug = management_plug(machine)
    machine.interfaces.replace_all([plug] if plug else [])
    machine.interfaces.management = plug.bridge if plug else ""
    reach.refresh(machine)


def management_plug(machine: HostMachine) -> Plug | None:
    conf = machine.disk.management_conf
    nic = labelled(machine)
    if nic is None:
        return None
    vlan = int(conf.get("VLAN", UNTAGGED))
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


def labelled(machine: HostMachine) -> Nic | None:
    """The card that has the name now; it need not be the one that had it when the name was written."""
    label = machine.disk.management_conf.get("LABEL", "")
    return next((nic for nic in machine.hardware.nics if nic.device == label), None)


def initialise_networks(machine: HostMachine) -> None:
    """PIF.scan, then all are plugged, management at last (scripts/network-init)."""
    host, conf = host_row(machine), machine.disk.management_conf
    cards = [_add_card(machine, host, nic) for nic in machine.hardware.nics]
    add_network(host.database, HOST_INTERNAL, "xenapi", other_config=dict(HOST_INTERNAL_CONFIG))
    for pif in cards:
        bring_up(machine, pif)
    nic = labelled(machine)
    below = first(host.database, "PIF", host=host.ref, MAC=nic.mac) if nic else None
    if below is None:
        return
    if "VLAN" in conf:
        network = add_network(host.database, f"VLAN {conf['VLAN']}", next_bridge(host.database))
        below = create_vlan(below, int(conf["VLAN"]), network).to("untagged_PIF", "PIF")
    below.set(**fields_of(conf))
    move_management(machine, below)


def _add_card(machine: HostMachine, host: Row, nic: Nic) -> Row:
    place = machine.position(nic)
    network = add_network(host.database, f"Pool-wide network associated with {nic.device}", f"xenbr{place}")
    metrics = add_metrics(host.database, nic)
    return add_pif(host, network, metrics, device=nic.device, MAC=nic.mac, physical=True)
