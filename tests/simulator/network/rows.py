"""Finding rows of one host in a few words."""

from simulator.world.host import HostMachine
from simulator.xapi.host_sync import host_row
from simulator.xapi.network import add_network, next_bridge
from simulator.xapi.rows import Row


def card(host: HostMachine, device: str = "eth0") -> Row:
    """The physical PIF of this device."""
    pifs = host_row(host).all("PIFs", "PIF")
    return next(pif for pif in pifs if pif.text("device") == device and pif.flag("physical"))


def network(host: HostMachine, name: str = "Guests", **fields: object) -> Row:
    """A new network on a bridge of its own."""
    return add_network(host.database, name, next_bridge(host.database), **fields)
