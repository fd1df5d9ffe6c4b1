"""PIFs that come and go: scan, introduce, forget, and the raw db_introduce and db_forget (xapi_pif.ml)."""

import re

from simulator.world.hardware import Nic
from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.machines import host_row
from simulator.xapi.network import pif_checks as check
from simulator.xapi.network.on_host import on_host
from simulator.xapi.network.plug import refresh_management_flags, take_down
from simulator.xapi.network.plugs import bridge_of
from simulator.xapi.network.rows import NO_VLAN, add_network, add_pif, physical_pifs
from simulator.xapi.network.sync import BY_POSITION_SINCE
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import Row, add, rows
from simulator.xapi.versions import build_of

MAC = re.compile(r"^([0-9a-f]{2}:){5}[0-9a-f]{2}$")
NOT_FOUND = "COULD_NOT_FIND_NETWORK_INTERFACE_WITH_SPECIFIED_DEVICE_NAME_AND_MAC_ADDRESS"
# Arguments of PIF.db_introduce that are fields of the row, in the wire's order.
INTRODUCED = (
    "device",
    "network",
    "host",
    "MAC",
    "MTU",
    "VLAN",
    "physical",
    "ip_configuration_mode",
    "IP",
    "netmask",
    "gateway",
    "DNS",
    "bond_slave_of",
    "VLAN_master_of",
    "management",
    "other_config",
    "disallow_unplug",
    "ipv6_configuration_mode",
    "IPv6",
    "ipv6_gateway",
    "primary_address_type",
    "managed",
    "properties",
)


@message("PIF", "scan")
def pif_scan(call: Call, host_ref: str) -> None:
    on_host(call, host_ref, scan)


def scan(machine: HostMachine) -> None:
    """Refresh what is known of the cards, and make a PIF for every device name that has none."""
    host = host_row(machine)
    known = {pif.text("device"): pif for pif in physical_pifs(host)}
    for nic in machine.hardware.nics:
        pif = known.get(nic.device)
        if pif is None:
            _introduce(machine, nic)
        elif pif.text("MAC") != nic.mac:
            pif.set(MAC=nic.mac)
    for pif in host.all("PIFs", "PIF"):
        plug = machine.interfaces.plugs.get(bridge_of(pif))
        if plug and pif.flag("currently_attached") and pif.number("MTU") != plug.mtu:
            pif.set(MTU=plug.mtu)
    refresh_management_flags(machine)


@message("PIF", "introduce")
def pif_introduce(call: Call, host_ref: str, mac: str, device: str, managed: bool) -> str | None:  # noqa: FBT001
    """One card by its name; its address may be left out."""

    def work(machine: HostMachine) -> str:
        cards = {nic.device: nic for nic in machine.hardware.nics}
        wanted = mac.lower() or (cards[device].mac if device in cards else "")
        check.refuse(not MAC.match(wanted), "MAC_INVALID", wanted)
        taken = {pif.text("device") for pif in physical_pifs(host_row(machine))}
        check.refuse(device in taken, "DUPLICATE_PIF_DEVICE_NAME", device)
        if device not in cards or cards[device].mac != wanted:
            raise XapiError(NOT_FOUND, device, wanted)
        return _introduce(machine, cards[device], managed=managed).ref

    return on_host(call, host_ref, work)


@message("PIF", "forget")
def pif_forget(call: Call, ref: str) -> None:
    """It comes back with the next scan if the card is still there."""
    pif = Row(call.host.database, "PIF", ref)

    def work(machine: HostMachine) -> None:
        check.assert_not_management(pif)
        check.assert_not_in_bond(pif)
        check.assert_no_vlans(pif)
        check.assert_no_tunnels(pif)
        check.assert_no_protection(pif)
        check.assert_no_sriov(pif)
        check.assert_no_clustering(pif)
        take_down(machine, pif)
        metrics = pif.to("metrics", "PIF_metrics")
        if pif.database.has("PIF_metrics", metrics.ref):
            pif.database.delete("PIF_metrics", metrics.ref)
        pif.database.delete("PIF", pif.ref)

    on_host(call, pif.text("host"), work)


@message("PIF", "db_introduce")
def pif_db_introduce(call: Call, *given: object) -> str:
    """A row and nothing else: no card is asked for, no bridge made."""
    database = call.host.database
    fields = dict(zip(INTRODUCED, given, strict=True))
    metrics = add(database, "PIF_metrics")
    return add(database, "PIF", metrics=metrics.ref, currently_attached=False, **fields).ref


@message("PIF", "db_forget")
def pif_db_forget(call: Call, ref: str) -> None:
    call.host.database.delete("PIF", ref)


def _introduce(machine: HostMachine, nic: Nic, *, managed: bool = True) -> Row:
    """The network daemon has not looked at the card yet: metrics start without a link."""
    host, place = host_row(machine), machine.position(nic)
    bridge = f"xenbr{place}"
    networks = list(rows(machine.database, "network", bridge=bridge))
    by_place = build_of(host) >= BY_POSITION_SINCE
    label = f"Pool-wide network {place}" if by_place else f"Pool-wide network associated with {nic.device}"
    network = networks[0] if len(networks) == 1 else add_network(machine.database, label, bridge)
    managing = machine.interfaces.management == bridge
    return add_pif(
        host,
        network,
        add(machine.database, "PIF_metrics"),
        device=nic.device,
        MAC=nic.mac,
        VLAN=NO_VLAN,
        physical=True,
        managed=managed,
        management=managing,
        currently_attached=managing,
    )
