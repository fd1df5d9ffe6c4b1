"""The network at every start: links as they are, and what a member copies from its master (sync_networking.ml)."""

import logging
import re
from collections.abc import Callable

from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.network.plugs import write_plugs
from simulator.xapi.network.rows import (
    BondPlan,
    create_bond,
    create_tunnel,
    create_vlan,
    metrics_of,
    physical_pifs,
    pif_on,
)
from simulator.xapi.rows import NULL, Row, rows

Pause = Callable[[float], None]
log = logging.getLogger(__name__)

POSITION = re.compile(r"^xenbr(\d+)$")
BY_POSITION_SINCE = (25, 35)


def prepare(machine: HostMachine, _pause: Pause) -> None:
    """On every host: plug what carries an address or stands alone; copy the state of the links."""
    host = Row(machine.database, "host", machine.ref)
    cards = {nic.device: nic for nic in machine.hardware.nics}
    for pif in host.all("PIFs", "PIF"):
        card = cards.get(pif.text("device"))
        if pif.flag("physical") and card:
            pif.to("metrics", "PIF_metrics").set(**metrics_of(card))
        member = pif.text("bond_slave_of") != NULL
        if not member and (pif.number("VLAN") < 0 or pif.text("IP")):
            pif.set(currently_attached=True)
    write_plugs(machine, host)


def copy_all(machine: HostMachine, pause: Pause) -> None:
    """On a member: bonds, then VLANs, then tunnels of the master; each failure is only logged there."""
    host = Row(machine.database, "host", machine.ref)
    master = next(rows(machine.database, "pool")).to("master", "host")
    for found, copy in ((bonds_of, copy_bond), (vlans_of, copy_vlan), (tunnels_of, copy_tunnel)):
        for each in found(master):
            pause(machine.world.timing.network)
            copy(host, each)
    write_plugs(machine, host)


def position(pif: Row) -> str:
    """N of xenbrN; "" where the bridge has another name (xapi_pif_helpers.ml: get_pif_position)."""
    match = POSITION.match(pif.to("network", "network").text("bridge"))
    return match.group(1) if match else ""


def device(pif: Row) -> str:
    return pif.text("device")


def place_rule(host: Row) -> Callable[[Row], str]:
    """NICs are matched by position since xapi 25.35, by device name before; never by cable."""
    build = host.mapping("software_version").get("xapi_build", "0")
    numbers = tuple(int(part) for part in re.findall(r"\d+", build)[:2])
    return position if numbers >= BY_POSITION_SINCE else device


def bonds_of(host: Row) -> list[Row]:
    return [b for b in rows(host.database, "Bond") if b.to("master", "PIF").text("host") == host.ref]


def vlans_of(host: Row) -> list[Row]:
    return [v for v in rows(host.database, "VLAN") if v.to("untagged_PIF", "PIF").text("host") == host.ref]


def tunnels_of(host: Row) -> list[Row]:
    return [t for t in rows(host.database, "tunnel") if t.to("access_PIF", "PIF").text("host") == host.ref]


def copy_bond(member: Row, bond: Row) -> None:
    """Make the member's twin of a master's bond from the NICs at the same places, be it partial or not at all."""
    place = place_rule(member)
    network = bond.to("master", "PIF").to("network", "network")
    places = {place(pif) for pif in bond.all("slaves", "PIF")} - {""}
    want = [pif for pif in physical_pifs(member) if place(pif) in places]
    have = pif_on(member, network.ref)
    if not want or have:
        log.warning("bond on %s not copied to %s", network.text("name_label"), member.text("name_label"))
        return
    first = place(bond.to("primary_slave", "PIF"))
    want.sort(key=lambda pif: (place(pif) != first, device(pif)))
    plan = BondPlan(network=network, pifs=want, mode=bond.text("mode"), properties=bond.mapping("properties"))
    try:
        create_bond(member, plan)
    except XapiError as error:
        log.warning("bond on %s not copied: %s", network.text("name_label"), error.code)


def copy_vlan(member: Row, vlan: Row) -> None:
    """A VLAN goes on the one PIF that the member has on the lower network; otherwise nothing happens."""
    if member.mapping("other_config").get("sync_vlans") == "nosync":
        return
    network = vlan.to("untagged_PIF", "PIF").to("network", "network")
    lower = pif_on(member, vlan.to("tagged_PIF", "PIF").text("network"))
    has = any(pif.number("VLAN") == vlan.number("tag") for pif in pif_on(member, network.ref))
    if len(lower) == 1 and not has:
        create_vlan(lower[0], vlan.number("tag"), network)


def copy_tunnel(member: Row, tunnel: Row) -> None:
    network = tunnel.to("access_PIF", "PIF").to("network", "network")
    lower = pif_on(member, tunnel.to("transport_PIF", "PIF").text("network"))
    if lower and not pif_on(member, network.ref):
        create_tunnel(lower[0], network)
