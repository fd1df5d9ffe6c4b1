"""The emergency reset that `xe-reset-networking` asked for, at the next start (xapi.ml: check_network_reset)."""

from simulator.world.host import HostMachine
from simulator.world.management_conf import labelled, tag_of
from simulator.xapi.machines import host_row
from simulator.xapi.network.management_file import fields_of
from simulator.xapi.network.pif_records import scan
from simulator.xapi.network.plug import bring_up, move_management
from simulator.xapi.network.rows import NO_VLAN, add_network, create_vlan, next_bridge, physical_pifs
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import NULL, Row


@message("host", "reset_networking")
def host_reset_networking(call: Call, ref: str) -> None:
    """Only the records go, at once and unasked: what stands on the server is found again when its toolstack starts."""
    host = Row(call.host.database, "host", ref)
    host.text("uuid")
    with call.host.database.locked():
        _remove_records(host)


def reset_if_asked(machine: HostMachine) -> None:
    """The trigger stays where something fails: the next start tries once more."""
    if not machine.disk.network_reset:
        return
    host, nic, tag = host_row(machine), labelled(machine), tag_of(machine)
    if nic is None:
        raise LookupError(f"no card {machine.disk.management_conf.get('LABEL', '')!r}")
    device = nic.device
    old = _network_of_vlan(host, device, tag)
    _remove_records(host)
    scan(machine)
    card = next(pif for pif in physical_pifs(host) if pif.text("device") == device)
    pif = card if tag == NO_VLAN else _vlan(card, tag, old)
    pif.set(**fields_of(machine.disk.network_reset))
    move_management(machine, pif)
    for other in physical_pifs(host):
        if other != card:
            bring_up(machine, other)
    machine.disk.network_reset = {}


def _network_of_vlan(host: Row, device: str, tag: int) -> Row | None:
    """The network on which this tag of this device was, if there was one."""
    for pif in host.all("PIFs", "PIF"):
        if pif.text("device") == device and pif.number("VLAN") == tag != NO_VLAN:
            return pif.to("network", "network")
    return None


def _vlan(card: Row, tag: int, old: Row | None) -> Row:
    database = card.database
    network = old or add_network(database, f"VLAN {tag} on {card.text('device')}", next_bridge(database))
    return create_vlan(card, tag, network).to("untagged_PIF", "PIF")


def _remove_records(host: Row) -> None:
    """PIFs and all that stands on them; networks and VIFs stay."""
    for pif in host.all("PIFs", "PIF"):
        for cls, name in (("Bond", "bond_master_of"), ("tunnel", "tunnel_access_PIF_of")):
            for row in pif.all(name, cls):
                host.database.delete(cls, row.ref)
        for cls, name in (("VLAN", "VLAN_master_of"), ("PIF_metrics", "metrics")):
            row = pif.to(name, cls)
            if row.ref != NULL and host.database.has(cls, row.ref):
                host.database.delete(cls, row.ref)
    for pif in host.all("PIFs", "PIF"):
        host.database.delete("PIF", pif.ref)
