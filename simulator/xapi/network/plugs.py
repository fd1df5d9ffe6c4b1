"""What the network daemon is told to make, as the rows of a host describe it."""

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
            machine.interfaces.management = bridge_of(pif)
    reach.refresh(machine)


def kind_of(pif: Row) -> str:
    """The first that fits (xapi_pif_helpers.ml: get_pif_type)."""
    if pif.items("tunnel_access_PIF_of"):
        return "tunnel"
    if pif.text("VLAN_master_of") != NULL:
        return "vlan"
    if pif.items("sriov_logical_PIF_of"):
        return "sriov"
    return "bond" if pif.items("bond_master_of") else "physical"


def bridge_of(pif: Row) -> str:
    return pif.to("network", "network").text("bridge")


def bond_above(pif: Row) -> Row | None:
    """The bond that this PIF is a member of; one that is gone does not count."""
    bond = pif.to("bond_slave_of", "Bond")
    return bond if pif.database.has("Bond", bond.ref) else None


def lower(pif: Row) -> Row | None:
    """The PIF that this one stands on; None for a card or a bond."""
    match kind_of(pif):
        case "vlan":
            return pif.to("VLAN_master_of", "VLAN").to("tagged_PIF", "PIF")
        case "tunnel":
            return pif.all("tunnel_access_PIF_of", "tunnel")[0].to("transport_PIF", "PIF")
        case "sriov":
            return pif.all("sriov_logical_PIF_of", "network_sriov")[0].to("physical_PIF", "PIF")
        case _:
            return None


def legs(pif: Row) -> list[Row]:
    """The cards at the bottom of a PIF."""
    below = lower(pif)
    if below:
        return legs(below)
    bond = next(iter(pif.all("bond_master_of", "Bond")), None)
    return bond.all("slaves", "PIF") if bond else [pif]


def plug_of(pif: Row) -> Plug:
    """A VLAN or tunnel stands on the cards of the PIF below it."""
    base = pif
    while below := lower(base):
        base = below
    bond = next(iter(base.all("bond_master_of", "Bond")), None)
    return Plug(
        bridge=bridge_of(pif),
        nics=tuple(leg.text("MAC") for leg in legs(base)),
        mode=bond.text("mode") if bond else "",
        properties=bond.mapping("properties") if bond else {},
        vlan=_tag(pif),
        address=pif.text("IP"),
        netmask=pif.text("netmask"),
        gateway=pif.text("gateway"),
        mtu=mtu_of(pif),
    )


def mtu_of(pif: Row) -> int:
    """That of the network, unless the PIF has one of its own; never more than what it stands on."""
    wanted = pif.mapping("other_config").get("mtu", "")
    mtu = int(wanted) if wanted.isdecimal() else pif.to("network", "network").number("MTU")
    below = lower(pif)
    return min(mtu, mtu_of(below)) if below else mtu


def _tag(pif: Row) -> int:
    below = lower(pif)
    if kind_of(pif) == "vlan":
        return pif.to("VLAN_master_of", "VLAN").number("tag")
    return _tag(below) if below else UNTAGGED
