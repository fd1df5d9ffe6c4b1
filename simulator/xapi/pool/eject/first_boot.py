"""An ejected server boots: a new pool of one, of which only host, control domain and management are the old ones.

`reset-and-reboot` has let the scripts of the first boot run again; `network-init` is the last of them.
"""

from collections.abc import Callable

from simulator.database import Database
from simulator.world.disks import wipe
from simulator.world.hardware import Nic
from simulator.world.host import HostMachine
from simulator.world.management_conf import labelled, name_cards, start_networkd
from simulator.xapi.host.install import add_anew
from simulator.xapi.host.sync import refresh_host
from simulator.xapi.machines import host_row, pool_row
from simulator.xapi.network.install import HOST_INTERNAL, HOST_INTERNAL_CONFIG
from simulator.xapi.network.management_file import fields_of
from simulator.xapi.network.plug import bring_up, move_management
from simulator.xapi.network.rows import add_metrics, add_network, add_pif, create_vlan, next_bridge
from simulator.xapi.rows import Row, first

Pause = Callable[[float], None]


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
    for row in (pool_row(machine), host_row(machine)):
        row.set(tls_verification_enabled=True)
    machine.disk.first_boot = False


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
