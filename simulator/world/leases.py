"""What DHCP gives: an address per card and VLAN, the same at every asking."""

import hashlib

from simulator.world.host import HostMachine
from simulator.world.interfaces import UNTAGGED, Plug

NETMASK = "255.255.255.0"
FIRST_NETWORK = 128  # 127.128.x.y and up: a scene's own hosts never stand there
NETWORKS, LOW, LAST = 100, 251, 250


def lease(machine: HostMachine, plug: Plug) -> str:
    """The card on which the server was installed keeps the address of its scene; others have one by MAC."""
    management = machine.spec.management
    mac = plug.nics[0] if plug.nics else ""
    first = next((nic.mac for nic in machine.hardware.nics if nic.device == management.nic), "")
    if mac == first and plug.vlan == max(management.vlan, UNTAGGED):
        return machine.home
    digest = hashlib.sha256(f"{mac}/{plug.vlan}".encode()).digest()
    return f"127.{FIRST_NETWORK + digest[0] % NETWORKS}.{digest[1] % LOW}.{digest[2] % LAST + 1}"


def gateway(address: str) -> str:
    return f"{address.rpartition('.')[0]}.254"
