"""The commands of `xe` that are more than one call, or whose call depends on what was said."""

from collections.abc import Callable

from simulator.console.shell import CommandFailedError
from simulator.console.xe.arguments import Given, SelectedHost, number, truth
from simulator.console.xe.client import Client

Composed = Callable[[Client, Given], str]


def network_create(client: Client, given: Given) -> str:
    """It passes neither other-config nor tags on (cli_operations.ml, network_create)."""
    record = {
        "name_label": given.required("name-label"),
        "name_description": given.values.get("name-description", ""),
        "MTU": number("MTU", given.values.get("MTU", "1500")),
        "other_config": {},
        "bridge": given.values.get("bridge", ""),
        "managed": truth("managed", given.values.get("managed", "true")),
        "tags": [],
    }
    return client.uuid("network", client.call("network.create", record))


def vlan_create(client: Client, given: Given) -> str:
    """Prints the UUID of the VLAN's PIF, not that of the VLAN."""
    pif, network = client.ref("PIF", given.required("pif-uuid")), client.ref("network", given.required("network-uuid"))
    vlan = client.call("VLAN.create", pif, number("vlan", given.required("vlan")), network)
    return client.uuid("PIF", client.call("VLAN.get_untagged_PIF", vlan))


def vlan_destroy(client: Client, given: Given) -> str:
    """Takes the UUID of the VLAN, or of its PIF."""
    uuid = given.required("uuid")
    vlans = client.database.find("VLAN", uuid=uuid)
    vlan = vlans[0] if vlans else client.call("PIF.get_VLAN_master_of", client.ref("PIF", uuid))
    client.call("VLAN.destroy", vlan)
    return ""


def tunnel_create(client: Client, given: Given) -> str:
    """Prints the UUID of the tunnel's access PIF."""
    pif, network = client.ref("PIF", given.required("pif-uuid")), client.ref("network", given.required("network-uuid"))
    tunnel = client.call("tunnel.create", pif, network, given.values.get("protocol", "gre"))
    return client.uuid("PIF", client.call("tunnel.get_access_PIF", tunnel))


def pool_join(client: Client, given: Given) -> str:
    words = [given.required(f"master-{name}") for name in ("address", "username", "password")]
    client.call("pool.join_force" if "force" in given.flags else "pool.join", *words)
    return "Host agent will restart and attempt to join pool in 10 seconds..."


def host_enable(client: Client, given: Given) -> str:
    """Takes away what other clients mark a host in maintenance with, too (cli_operations.ml: host_enable)."""
    host = SelectedHost().value(client, given)
    client.call("host.enable", host)
    client.call("host.remove_from_other_config", host, "MAINTENANCE_MODE")
    return ""


def help_page(_client: Client, _given: Given) -> str:
    raise CommandFailedError("xe <command> key=value …; the commands known here stand in docs/simulator/console.md", 0)


COMPOSED: dict[str, Composed] = {
    "network-create": network_create,
    "vlan-create": vlan_create,
    "vlan-destroy": vlan_destroy,
    "tunnel-create": tunnel_create,
    "pool-join": pool_join,
    "host-enable": host_enable,
    "help": help_page,
}
