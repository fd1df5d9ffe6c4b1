"""tunnel.create and destroy (xapi_tunnel.ml)."""

from simulator.world.host import HostMachine
from simulator.xapi.network import pif_checks as check
from simulator.xapi.network.on_host import on_host
from simulator.xapi.network.pif import plug, unplug
from simulator.xapi.network.plugs import bond_above, kind_of
from simulator.xapi.network.rows import create_tunnel
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import Row, rows

BACKEND = "openvswitch"


@message("tunnel", "create")
def tunnel_create(call: Call, transport_ref: str, network_ref: str, protocol: str) -> str | None:
    """Plugged at once, which asks for an address below; should that fail, the rows stay."""
    database = call.host.database
    transport, network = Row(database, "PIF", transport_ref), Row(database, "network", network_ref)

    def work(machine: HostMachine) -> str:
        _assert_tunnel_may_stand(transport, network)
        tunnel = create_tunnel(transport, network)
        tunnel.set(protocol=protocol)
        plug(machine, tunnel.to("access_PIF", "PIF"))
        return tunnel.ref

    return on_host(call, transport.text("host"), work)


@message("tunnel", "destroy")
def tunnel_destroy(call: Call, ref: str) -> None:
    tunnel = Row(call.host.database, "tunnel", ref)
    access = tunnel.to("access_PIF", "PIF")

    def work(machine: HostMachine) -> None:
        unplug(machine, access)
        tunnel.database.delete("PIF", access.ref)
        tunnel.database.delete("tunnel", ref)

    on_host(call, access.text("host"), work)


def _assert_tunnel_may_stand(transport: Row, network: Row) -> None:
    check.refuse(not network.flag("managed"), "NETWORK_UNMANAGED", network.ref)
    check.assert_managed(transport)
    check.refuse(bond_above(transport), "CANNOT_ADD_TUNNEL_TO_BOND_SLAVE", transport.ref)
    check.assert_alone_on_network(transport.text("host"), network)
    for host in rows(network.database, "host"):
        backend = host.mapping("software_version").get("network_backend")
        check.refuse(backend != BACKEND, "OPENVSWITCH_NOT_ACTIVE")
    check.refuse(kind_of(transport) == "tunnel", "IS_TUNNEL_ACCESS_PIF", transport.ref)
