"""What the network daemon has made, as the rows of a host describe it."""

from simulator.world import reach
from simulator.world.host import HostMachine
from simulator.world.interfaces import UNTAGGED, Plug
from simulator.xapi.rows import NULL, Row


def write_plugs(machine: HostMachine, host: Row) -> None:
    """Make the bridges of all attached PIFs, and no other."""
    attached = [pif for pif in host.all("PIFs", "PIF") if pif.flag("currently_attached")]
    machine.interfaces.replace_all([plug_of(pif) for pif in attached])
    for pif in attached:
        if pif.flag("management"):
            machine.interfaces.management = pif.to("network", "network").text("bridge")
    reach.refresh(machine)


def plug_of(pif: Row) -> Plug:
    """A VLAN stands on the cards of the PIF below it."""
    below, tag = pif, UNTAGGED
    if pif.text("VLAN_master_of") != NULL:
        vlan = pif.to("VLAN_master_of", "VLAN")
        below, tag = vlan.to("tagged_PIF", "PIF"), vlan.number("tag")
    bond = next(iter(below.all("bond_master_of", "Bond")), None)
    legs = bond.all("slaves", "PIF") if bond else [below]
    return Plug(
        bridge=pif.to("network", "network").text("bridge"),
        nics=tuple(leg.text("MAC") for leg in legs),
        mode=bond.text("mode") if bond else "",
        properties=bond.mapping("properties") if bond else {},
        vlan=tag,
        address=pif.text("IP"),
        netmask=pif.text("netmask"),
        gateway=pif.text("gateway"),
    )
