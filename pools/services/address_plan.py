"""On which networks joining servers may get addresses of their own, and which addresses are taken.

Those are the networks on which the coordinator has one beside its management: storage, backup, migration. XAPI itself
gives a joining server none there, and never looks whether an address is used twice (xapi_pif.ml, reconfigure_ip).
A server whose management arrives on another network than the pool's may get one there too: management follows it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError

from pools import connections
from pools.forecast.join import JoinForecast
from pools.models import Operation, Server
from pools.operations.choices import addresses
from pools.operations.kind import AddressChoice
from pools.xapi.errors import AddressRefused
from pools.xapi.inventory import Snapshot
from pools.xapi.records import NULL, NetworkRecord, PIFRecord


@dataclass(frozen=True, kw_only=True)
class AddressNetwork:
    """One network of the pool with the coordinator's own interface there; ``ip`` is empty for DHCP not yet answered."""

    uuid: str
    name: str
    mode: str
    ip: str
    netmask: str
    mtu: int
    on: str
    only_ipv6: bool = False
    management: bool = False

    @property
    def subnet(self) -> IPv4Network | None:
        """The coordinator's subnet, where it has an address."""
        return subnet_of(self.ip, self.netmask)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """An address that an interface has already."""

    server_uuid: str
    server: str
    device: str
    management: bool


def subnet_of(ip: str, netmask: str) -> IPv4Network | None:
    try:
        return IPv4Network(f"{ip}/{netmask}", strict=False)
    except (AddressValueError, NetmaskValueError, ValueError):
        return None


def address_networks(pool: Snapshot, *, management: bool = False) -> list[AddressNetwork]:
    """List the networks on which the coordinator has an address beside management, by name.

    ``management``: that of its management too, and first, for servers that arrive with theirs elsewhere.
    """
    networks = [_network(pool, pif, network) for pif, network in _addressed(pool)]
    chosen = [network for network in networks if management or not network.management]
    return sorted(chosen, key=lambda network: (not network.management, network.name.casefold()))


def arrives_elsewhere(forecast: JoinForecast) -> bool:
    """Whether the server's management will not be on the network on which the pool has it."""
    told = forecast.management
    return told is not None and bool(told.pool_network_uuid) and not told.is_the_pools


def _addressed(pool: Snapshot) -> Iterator[tuple[PIFRecord, NetworkRecord]]:
    for pif in pool.pifs_of(pool.master):
        network = pool.networks.get(pif.network)
        has_address = pif.ip_configuration_mode != "None" or any(pif.IPv6)
        if network and has_address and pif.bond_slave_of == NULL:
            yield pif, network


def _network(pool: Snapshot, pif: PIFRecord, network: NetworkRecord) -> AddressNetwork:
    return AddressNetwork(
        uuid=network.uuid,
        name=network.name_label,
        mode=pif.ip_configuration_mode,
        ip=pif.IP,
        netmask=pif.netmask,
        mtu=network.MTU,
        on=_stands_on(pool, pif),
        only_ipv6=pif.ip_configuration_mode == "None",
        management=pif.management,
    )


def _stands_on(pool: Snapshot, pif: PIFRecord) -> str:
    """Say what carries the network: "VLAN 1100", "bond, lacp", "eth2"."""
    if pif.VLAN >= 0:
        return f"VLAN {pif.VLAN}"
    bond = next((bond for bond in pool.bonds.values() if bond.master == pif.ref), None)
    return f"bond, {bond.mode}" if bond else pif.device


def taken_addresses(snapshots: Iterable[Snapshot]) -> dict[str, Taken]:
    """Every address that an interface of these servers has, with whose it is."""
    found: dict[str, Taken] = {}
    for snapshot in snapshots:
        for pif in snapshot.pifs.values():
            host = snapshot.hosts.get(pif.host)
            if pif.IP and host:
                found[pif.IP] = Taken(
                    server_uuid=host.uuid, server=host.name_label, device=pif.device, management=pif.management
                )
    return found


def can_reach(server: Server, ip: str) -> bool:
    """Whether xenweb may connect to the server at this address: it would lose it otherwise."""
    try:
        return bool(connections.allowed_address(ip, server.port))
    except AddressRefused:
        return False


def chosen(operation: Operation) -> list[tuple[Server, AddressChoice]]:
    """The addresses that a draft gives, with their servers, network by network."""
    choices = sorted(addresses(operation), key=lambda choice: choice.network_name.casefold())
    servers = {server.uuid: server for server in operation.servers.all()} if choices else {}
    return [(servers[choice.server_uuid], choice) for choice in choices if choice.server_uuid in servers]


def is_its_own(taken: Taken, server_uuid: str, network_uuid: str, forecast: JoinForecast | None) -> bool:
    """Whether the address is the server's own already, on a NIC that its bond on this network takes over."""
    if taken.server_uuid != server_uuid or taken.management or forecast is None:
        return False
    bond = next((bond for bond in forecast.bonds if bond.network_uuid == network_uuid), None)
    return bond is not None and taken.device in bond.members


def next_free(after: str, subnet: IPv4Network | None, taken: Iterable[str]) -> str:
    """The next address that nobody has; empty when the subnet has none left."""
    used = set(taken)
    try:
        address = IPv4Address(after) + 1
    except ValueError:
        return ""
    last = subnet.broadcast_address if subnet else IPv4Address("255.255.255.255")
    while address < last:
        if str(address) not in used:
            return str(address)
        address += 1
    return ""
