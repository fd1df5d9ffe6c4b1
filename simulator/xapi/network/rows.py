"""Networks, PIFs, bonds, VLANs and tunnels as rows: what plain creation of each one writes."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.database import Database
from simulator.world.hardware import Nic
from simulator.xapi.errors import XapiError
from simulator.xapi.rows import NULL, Row, add, first, rows

NO_VLAN = -1
USUAL_MTU = 1500
VLAN_MAC = "fe:ff:ff:ff:ff:ff"
MOVED_TO_BOND = (
    "ip_configuration_mode",
    "IP",
    "netmask",
    "gateway",
    "DNS",
    "ipv6_configuration_mode",
    "IPv6",
    "ipv6_gateway",
    "primary_address_type",
    "management",
    "disallow_unplug",
    "other_config",
)
UNCONFIGURED: dict[str, object] = {
    "ip_configuration_mode": "None",
    "IP": "",
    "netmask": "",
    "gateway": "",
    "DNS": "",
    "ipv6_configuration_mode": "None",
    "IPv6": [],
    "ipv6_gateway": "",
    "management": False,
    "disallow_unplug": False,
}


@dataclass(frozen=True, kw_only=True)
class BondPlan:
    """The arguments of one Bond.create; `pifs` in the order wanted."""

    network: Row
    pifs: Sequence[Row]
    mode: str = "balance-slb"
    properties: Mapping[str, str] | None = None


def add_network(database: Database, name: str, bridge: str, **more: object) -> Row:
    fields: dict[str, object] = {"name_label": name, "bridge": bridge, "MTU": USUAL_MTU, "other_config": {}}
    return add(database, "network", **(fields | more))


def network_of_bridge(database: Database, bridge: str) -> Row | None:
    return first(database, "network", bridge=bridge)


def next_bridge(database: Database) -> str:
    """The first free xapi<N> (xapi_network.ml)."""
    taken = {network.text("bridge") for network in rows(database, "network")}
    return next(name for name in (f"xapi{n}" for n in range(10_000)) if name not in taken)


def add_metrics(database: Database, nic: Nic | None = None) -> Row:
    """PIF_metrics of a card; of a bond its values start empty."""
    if nic is None:
        return add(database, "PIF_metrics", carrier=True, duplex=True)
    return add(database, "PIF_metrics", **metrics_of(nic))


def metrics_of(nic: Nic) -> dict[str, object]:
    return {
        "carrier": nic.carrier,
        "speed": nic.speed if nic.carrier else 0,
        "duplex": nic.carrier,
        "vendor_name": nic.vendor,
        "device_name": nic.product,
        "pci_bus_path": nic.pci,
    }


def add_pif(host: Row, network: Row, metrics: Row, **fields: object) -> Row:
    usual: dict[str, object] = {
        "host": host.ref,
        "network": network.ref,
        "metrics": metrics.ref,
        "MTU": network.number("MTU"),
        "VLAN": NO_VLAN,
        "managed": True,
        "other_config": {},
        "properties": {"gro": "on"},
        "currently_attached": False,
    }
    return add(host.database, "PIF", **(usual | fields))


def physical_pifs(host: Row) -> list[Row]:
    return [pif for pif in host.all("PIFs", "PIF") if pif.flag("physical")]


def pif_on(host: Row, network_ref: str) -> list[Row]:
    return [pif for pif in host.all("PIFs", "PIF") if pif.text("network") == network_ref]


def create_bond(host: Row, plan: BondPlan) -> Row:
    """Bond.create: the management PIF, or the first, is primary and hands its settings up (xapi_bond.ml)."""
    for pif in plan.pifs:
        if pif.text("bond_slave_of") != NULL:
            raise XapiError("PIF_ALREADY_BONDED", pif.ref)
    if pif_on(host, plan.network.ref):
        raise XapiError("NETWORK_ALREADY_CONNECTED", host.ref, pif_on(host, plan.network.ref)[0].ref)
    primary = next((pif for pif in plan.pifs if pif.flag("management")), plan.pifs[0])
    master = _bond_pif(host, plan, primary)
    bond = add(
        host.database,
        "Bond",
        master=master.ref,
        primary_slave=primary.ref,
        mode=plan.mode,
        properties=dict(plan.properties or {}),
        links_up=sum(pif.to("metrics", "PIF_metrics").flag("carrier") for pif in plan.pifs),
        auto_update_mac=True,
        other_config={},
    )
    for pif in plan.pifs:
        _enslave(pif, bond, master)
    return bond


def _bond_pif(host: Row, plan: BondPlan, primary: Row) -> Row:
    metrics = add_metrics(host.database)
    links = [pif.to("metrics", "PIF_metrics") for pif in plan.pifs]
    active = links[:1] if plan.mode == "active-backup" else links
    metrics.set(carrier=any(m.flag("carrier") for m in links), speed=sum(m.number("speed") for m in active))
    taken = {pif.text("device") for pif in host.all("PIFs", "PIF")}
    device = next(name for name in (f"bond{n}" for n in range(1_000)) if name not in taken)
    fields = primary.fields(*MOVED_TO_BOND, "MAC", "properties")
    fields |= {"device": device, "physical": False, "currently_attached": True}
    return add_pif(host, plan.network, metrics, **fields)


def _enslave(pif: Row, bond: Row, master: Row) -> None:
    """Bond members keep their own network but lose address, plug and what sits on top of them."""
    pif.set(bond_slave_of=bond.ref, currently_attached=False, **UNCONFIGURED)
    for vlan in pif.all("VLAN_slave_of", "VLAN"):
        vlan.set(tagged_PIF=master.ref)
        vlan.to("untagged_PIF", "PIF").set(device=master.text("device"), metrics=master.text("metrics"))


def create_vlan(tagged: Row, tag: int, network: Row, **fields: object) -> Row:
    """A VLAN PIF takes device and metrics of the PIF below it."""
    host = tagged.to("host", "host")
    usual: dict[str, object] = {
        "device": tagged.text("device"),
        "MAC": VLAN_MAC,
        "VLAN": tag,
        "physical": False,
        "properties": {},
        "primary_address_type": tagged.text("primary_address_type"),
    }
    untagged = add_pif(host, network, tagged.to("metrics", "PIF_metrics"), **(usual | fields))
    vlan = add(host.database, "VLAN", tagged_PIF=tagged.ref, untagged_PIF=untagged.ref, tag=tag, other_config={})
    untagged.set(VLAN_master_of=vlan.ref)
    return vlan


def random_mac() -> str:
    """An address of this host's own making: locally administered, and no group's."""
    return ":".join(f"{byte:02x}" for byte in (0x02, *secrets.token_bytes(5)))


def create_tunnel(transport: Row, network: Row) -> Row:
    host = transport.to("host", "host")
    taken = {pif.text("device") for pif in host.all("PIFs", "PIF")}
    access = add_pif(
        host,
        network,
        transport.to("metrics", "PIF_metrics"),
        device=next(name for name in (f"tunnel{n}" for n in range(10_000)) if name not in taken),
        MAC=random_mac(),
        physical=False,
        properties={},
    )
    return add(
        host.database,
        "tunnel",
        access_PIF=access.ref,
        transport_PIF=transport.ref,
        status={"active": "false"},
        other_config={},
        protocol="gre",
    )
