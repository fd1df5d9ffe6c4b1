"""Networks, PIFs, bonds, VLANs and tunnels as rows: what plain creation of each one writes."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.database import Database
from simulator.world.hardware import Nic
from simulator.xapi.rows import Row, add, first, rows

NO_VLAN = -1
USUAL_MTU = 1500
UNPLUGGED_MTU = -1
VLAN_MAC = "fe:ff:ff:ff:ff:ff"
ADDRESS: dict[str, object] = {"ip_configuration_mode": "None", "IP": "", "netmask": "", "gateway": "", "DNS": ""}
NO_IPV6 = [""]  # what bonds, VLANs and tunnels are made with


@dataclass(frozen=True, kw_only=True)
class BondPlan:
    """The arguments of one Bond.create; `pifs` in the order wanted."""

    network: Row
    pifs: Sequence[Row]
    mode: str = "balance-slb"
    properties: Mapping[str, str] | None = None
    mac: str = ""


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
    """PIF_metrics of a card; of a bond there is nothing to tell yet."""
    if nic is None:
        return add(database, "PIF_metrics", carrier=False, speed=0, duplex=False)
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


def primary_of(pifs: Sequence[Row]) -> Row:
    """The management PIF, else the first with an IP mode, else the first."""
    managing = [pif for pif in pifs if pif.flag("management")]
    addressed = [pif for pif in pifs if pif.text("ip_configuration_mode") != "None"]
    return [*managing, *addressed, *pifs][0]


def move_addresses(source: Row, target: Row) -> None:
    """IPv4 and DNS; neither IPv6 nor other_config (xapi_bond.ml: move_configuration)."""
    target.set(**source.fields(*ADDRESS))
    source.set(**ADDRESS)


def add_bond(host: Row, plan: BondPlan) -> Row:
    """The rows of a new bond, unplugged and without address; its members belong to it from now on."""
    primary = primary_of(plan.pifs)
    master = add_pif(
        host,
        plan.network,
        add_metrics(host.database),
        device=free_device(host, "bond"),
        MAC=plan.mac or primary.text("MAC"),
        MTU=UNPLUGGED_MTU,
        physical=False,
        IPv6=NO_IPV6,
        **primary.fields("properties", "primary_address_type"),
    )
    bond = add(
        host.database,
        "Bond",
        master=master.ref,
        primary_slave=primary.ref,
        mode=plan.mode,
        properties=dict(plan.properties or {}),
        links_up=0,
        auto_update_mac=not plan.mac,
        other_config={},
    )
    for pif in plan.pifs:
        pif.set(bond_slave_of=bond.ref)
    return bond


def create_bond(host: Row, plan: BondPlan) -> Row:
    """A bond as it stands when it has been there for long: what a scene begins with."""
    bond = add_bond(host, plan)
    master, primary = bond.to("master", "PIF"), bond.to("primary_slave", "PIF")
    links = [pif.to("metrics", "PIF_metrics") for pif in plan.pifs]
    lit = [each.number("speed") for each in links if each.flag("carrier")]
    speed = max(lit, default=0) if plan.mode == "active-backup" else sum(lit)
    master.to("metrics", "PIF_metrics").set(carrier=bool(lit), duplex=bool(lit), speed=speed)
    bond.set(links_up=len(lit) if len(links) > 1 else 0)
    master.set(currently_attached=True, MTU=plan.network.number("MTU"), **primary.fields("management"))
    move_addresses(primary, master)
    for pif in plan.pifs:
        pif.set(currently_attached=False, management=False)
        for vlan in pif.all("VLAN_slave_of", "VLAN"):
            vlan.set(tagged_PIF=master.ref)
            vlan.to("untagged_PIF", "PIF").set(device=master.text("device"), metrics=master.text("metrics"))
    return bond


def free_device(host: Row, stem: str) -> str:
    """The first of bond0, bond1 … that this host does not have."""
    taken = {pif.text("device") for pif in host.all("PIFs", "PIF")}
    return next(name for name in (f"{stem}{n}" for n in range(10_000)) if name not in taken)


def create_vlan(tagged: Row, tag: int, network: Row, **fields: object) -> Row:
    """A VLAN PIF takes device and metrics of the PIF below it."""
    host = tagged.to("host", "host")
    usual: dict[str, object] = {
        "device": tagged.text("device"),
        "MAC": VLAN_MAC,
        "MTU": tagged.number("MTU"),
        "IPv6": NO_IPV6,
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


def create_tunnel(transport: Row, network: Row, protocol: str = "gre") -> Row:
    host = transport.to("host", "host")
    access = add_pif(
        host,
        network,
        transport.to("metrics", "PIF_metrics"),
        device=free_device(host, "tunnel"),
        MAC=random_mac(),
        MTU=UNPLUGGED_MTU,
        IPv6=NO_IPV6,
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
        protocol=protocol,
    )
