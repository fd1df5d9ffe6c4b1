"""Tunnel calls and what they refuse (network.md 2.8)."""

from collections.abc import Callable

from simulator.world.host import HostMachine
from simulator.xapi.machines import host_row
from simulator.xapi.rows import Row as Record
from tests.simulator.conformance.tables import Arrange, Arranged, Table, rows_of
from tests.simulator.network.rows import bonded, network, spare, tunnel


def _on(code: str, make: Callable[[HostMachine], Record]) -> Arrange:
    def arrange(host: HostMachine) -> Arranged:
        pif = make(host)
        return (pif.ref, network(host).ref), [code, pif.ref]

    return arrange


def _unmanaged(host: HostMachine) -> Arranged:
    found = network(host, managed=False)
    return (spare(host).ref, found.ref), ["NETWORK_UNMANAGED", found.ref]


def _connected(host: HostMachine) -> Arranged:
    other = spare(host, "eth3")
    return (spare(host).ref, other.text("network")), ["NETWORK_ALREADY_CONNECTED", host.ref, other.ref]


def _bridge(host: HostMachine) -> Arranged:
    host_row(host).put("software_version", "network_backend", "bridge")
    return (spare(host).ref, network(host).ref), ["OPENVSWITCH_NOT_ACTIVE"]


TABLE: Table = {
    "tunnel.create": {
        "unmanaged-network": _unmanaged,
        "unmanaged": _on("PIF_UNMANAGED", lambda host: spare(host, managed=False)),
        "member": _on("CANNOT_ADD_TUNNEL_TO_BOND_SLAVE", lambda host: bonded(host)[1]),
        "connected": _connected,
        "bridge": _bridge,
        "on-tunnel": _on("IS_TUNNEL_ACCESS_PIF", lambda host: tunnel(host)[0]),
        "no-address": _on("TRANSPORT_PIF_NOT_CONFIGURED", spare),
    }
}
ROWS = rows_of(TABLE, "network.md 2.8")
