"""Networks and PIFs of the joiner: matched by bridge name, never by label, MAC or cable."""

from functools import partial

from simulator.xapi.network.networks import HOST_INTERNAL, assert_bridge_is_free
from simulator.xapi.network.rows import NO_VLAN, add_metrics, create_vlan, network_of_bridge
from simulator.xapi.pool.join.copying import Copying, best_effort
from simulator.xapi.rows import Row, add, rows

PRIVATE_FIELDS = ("name_label", "name_description", "MTU", "other_config", "bridge", "managed")
NETWORK_FIELDS = (*PRIVATE_FIELDS, "purpose")
PIF_FIELDS = (
    "device",
    "MAC",
    "MTU",
    "VLAN",
    "physical",
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
    "other_config",
    "disallow_unplug",
    "managed",
    "properties",
    "capabilities",
)
IP_FIELDS = ("ip_configuration_mode", "IP", "netmask", "gateway", "DNS", "management", "primary_address_type")


def copy_networking(copying: Copying) -> None:
    for network in rows(copying.old, "network"):
        best_effort(f"network {network.text('name_label')}", partial(_copy_network, copying, network))
    for pif in copying.old_host.all("PIFs", "PIF"):
        if pif.flag("physical"):
            best_effort(f"PIF {pif.text('device')}", partial(_copy_pif, copying, pif))
    for pif in copying.old_host.all("PIFs", "PIF"):
        if pif.flag("management") and pif.number("VLAN") != NO_VLAN:
            best_effort("management VLAN", partial(_copy_management_vlan, copying, pif))


def _copy_network(copying: Copying, old: Row) -> None:
    """Those of cards, and the host internal one, are found by bridge, or else made."""
    pifs = old.all("PIFs", "PIF")
    on_card = bool(pifs) and pifs[0].flag("physical")
    if not on_card and old.mapping("other_config").get(HOST_INTERNAL) != "true":
        _copy_private_network(copying, old)
        return
    existing = network_of_bridge(copying.target, old.text("bridge"))
    copying.copied(old, existing or add(copying.target, "network", **old.fields(*NETWORK_FIELDS)))


def _copy_private_network(copying: Copying, old: Row) -> None:
    """Any other goes by network.create with its old bridge, which refuses xapi0 and the like (xapi_network.ml)."""
    assert_bridge_is_free(copying.target, old.text("bridge"))
    copying.copied(old, add(copying.target, "network", **old.fields(*PRIVATE_FIELDS)))


def _copy_pif(copying: Copying, old: Row) -> None:
    """PIF.pool_introduce: a new UUID, unplugged, with fresh metrics."""
    pif = add(
        copying.target,
        "PIF",
        host=copying.new_host.ref,
        network=copying.stands_for(old.text("network")),
        metrics=add_metrics(copying.target).ref,
        currently_attached=False,
        **old.fields(*PIF_FIELDS),
    )
    pif.to("metrics", "PIF_metrics").set(carrier=False, speed=0)
    copying.copied(old, pif)


def _copy_management_vlan(copying: Copying, old: Row) -> None:
    """It goes on the master's management network, above the joiner's own card."""
    lower = old.to("VLAN_master_of", "VLAN").text("tagged_PIF")
    tagged = Row(copying.target, "PIF", copying.stands_for(lower))
    master = copying.pool.text("master")
    network = next(rows(copying.target, "PIF", host=master, management=True)).to("network", "network")
    create_vlan(tagged, old.number("VLAN"), network, **old.fields(*IP_FIELDS))
