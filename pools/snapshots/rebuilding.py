"""The commands that make a server's network again out of its snapshot, on that server (cli_frontend.ml's names)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address

from pools.snapshots import items
from pools.snapshots.console import Section, Variable, let, line, settings, typable, xe
from pools.snapshots.data import UNLOCKED, Interface, Kind, Layer, Network, NetworkData
from pools.snapshots.items import What

NETWORK, BOND = Variable("$N"), Variable("$B")
DEFAULT_MTU = 1500
MODES = {"DHCP": "dhcp", "Static": "static", "None": "none", "Autoconf": "autoconf"}


def sections_of(data: NetworkData) -> tuple[Section, ...]:
    """All of them, in an order in which each finds what it needs."""
    return tuple(Rebuilding(data=data).sections())


@dataclass(frozen=True, kw_only=True)
class Rebuilding:
    """One server's network as shell variables: P0 a card, B0 a bond, V0 a VLAN, T0 a tunnel."""

    data: NetworkData

    @cached_property
    def variables(self) -> dict[str, str]:
        letters = {Kind.NIC: "P", Kind.BOND: "B", Kind.VLAN: "V", Kind.TUNNEL: "T", Kind.SRIOV: "S"}
        found: dict[str, str] = {}
        for kind, letter in letters.items():
            found |= {each.key: f"{letter}{place}" for place, each in enumerate(self.data.of_kind(kind))}
        return found

    def var(self, key: str) -> Variable:
        return Variable(f"${self.variables.get(key, 'MISSING')}")

    def sections(self) -> Iterator[Section]:
        yield self.find_cards()
        makers = {
            What.BOND: self.make_bond,
            What.NETWORK: self.set_network,
            What.VLAN: self.make_vlan,
            What.ADDRESS: self.set_address,
            What.MANAGEMENT: self.move_management,
            What.TUNNEL: self.make_tunnel,
        }
        for item in items.items_of(self.data):
            interface = self.data.interface(item.about)
            lines = tuple(makers[item.kind](interface)) if interface else ()
            if lines:
                yield Section(title=item.title, lines=lines, see=self.seen(item.kind))

    def seen(self, kind: What) -> str:
        """What to look for after it."""
        silent = "The prompt comes back, without a line that begins with “Error”."
        return {What.MANAGEMENT: f"{silent} xenweb reaches the server within a minute."}.get(kind, silent)

    def find_cards(self) -> Section:
        """Cards by their MACs: names may have changed."""
        nics = [nic for nic in self.data.nics if nic.managed]
        found = [
            let(
                self.variables[nic.key],
                xe("pif-list", MAC=nic.mac, VLAN="-1", physical="true") + " --minimal",
            )
            for nic in nics
        ]
        told = " ".join(self.var(nic.key) for nic in nics)
        return Section(
            title="Find the cards by their MAC addresses",
            lines=(let("HOST", "xe host-list --minimal"), "xe pif-scan host-uuid=$HOST", *found, f"echo {told}"),
            see=f"{len(nics)} UUIDs. One too few: that card is missing, or its MAC is another one.",
        )

    def make_bond(self, interface: Interface) -> Iterator[str]:
        """The primary member first: it gives address and MAC; management moves along, IPv6 does not (xapi_bond.ml)."""
        bond = self.data.bond(interface.key)
        if bond is None:
            return
        cards = {nic.mac: nic.key for nic in self.data.nics}
        yield from self.new_network(interface.network)
        values = {
            "network-uuid": NETWORK,
            "pif-uuids": Variable(",".join(self.var(cards.get(mac, "")) for mac in bond.members)),
            "mode": bond.mode,
        }
        own_mac = {} if bond.auto_update_mac else {"mac": bond.mac}
        yield let("B", line("bond-create", values | own_mac | settings(bond.properties, "properties")))
        yield let(self.variables[interface.key], xe("bond-param-get", uuid=BOND, param_name="master"))
        if interface.management and interface.address.ipv6_mode != "None":
            yield xe("pif-reconfigure-ipv6", uuid=self.var(cards.get(bond.primary, "")), mode="none")

    def new_network(self, uuid: str) -> Iterator[str]:
        """The command takes only the plain values; the others are set afterwards (cli_operations.ml)."""
        network = self.data.network(uuid)
        yield let("N", line("network-create", {"name-label": typable(network.name)} | plain_values(network)))
        yield from marks(network, special_values(network))

    def set_network(self, interface: Interface) -> Iterator[str]:
        """Where the network exists, it gets its old name, MTU and routes, and is plugged again for them."""
        network, uuid = self.data.network(interface.network), self.var(interface.key)
        values = plain_values(network) | special_values(network)
        yield let("N", xe("pif-list", uuid=uuid, params="network-uuid") + " --minimal")
        yield from marks(network, values)
        if values.keys() - {"name-label", "name-description"}:
            yield xe("pif-plug", uuid=uuid)

    def make_vlan(self, interface: Interface) -> Iterator[str]:
        """That of management comes back by itself, and is looked for; its network is a new one."""
        layer, name = self.data.layer(interface.key), self.variables[interface.key]
        if layer is None:
            return
        if interface.management:
            yield let(name, xe("pif-list", management="true", VLAN=str(layer.tag)) + " --minimal")
            yield from self.set_network(interface)
        else:
            yield from self.new_network(interface.network)
            yield let(name, self.vlan_create(layer))

    def vlan_create(self, layer: Layer) -> str:
        """A card in a bond carries no VLAN: xapi moves it up at its next start (xapi_bond.ml, fix_bond)."""
        below = self.data.interface(layer.below)
        bond = self.data.bond_over(below) if below and below.kind == Kind.NIC else None
        carrier = self.var(bond.key if bond else layer.below)
        return xe("vlan-create", pif_uuid=carrier, vlan=str(layer.tag), network_uuid=NETWORK)

    def make_tunnel(self, interface: Interface) -> Iterator[str]:
        layer = self.data.layer(interface.key)
        if layer:
            yield from self.new_network(interface.network)
            made = xe("tunnel-create", pif_uuid=self.var(layer.below), network_uuid=NETWORK, protocol=layer.protocol)
            yield let(self.variables[interface.key], made)

    def set_address(self, interface: Interface) -> Iterator[str]:
        """IPv4, IPv6, and what else stands with the interface."""
        address, uuid = interface.address, self.var(interface.key)
        if address.mode != "None":
            yield line("pif-reconfigure-ip", {"uuid": uuid} | ipv4(interface))
        if address.ipv6_mode != "None":
            yield line("pif-reconfigure-ipv6", {"uuid": uuid} | ipv6(interface))
        kept = {"disallow-unplug": "true"} if interface.disallow_unplug else {}
        kept |= settings(interface.settings, "other-config") | settings(items.own_properties(interface), "properties")
        if kept:
            yield line("pif-param-set", {"uuid": uuid} | kept)
        if primary := items.own_primary(self.data, interface):
            yield line("pif-set-primary-address-type", {"uuid": uuid, "primary_address_type": primary})

    def move_management(self, interface: Interface) -> Iterator[str]:
        """It has moved along with the bond or VLAN as a rule; saying it once more does no harm."""
        yield xe("host-management-reconfigure", pif_uuid=self.var(interface.key))


def plain_values(network: Network) -> dict[str, str]:
    """What of a network is not as a new one has it."""
    named = "" if items.AUTOMATIC_NAME.fullmatch(network.name) else network.name
    mtu = "" if network.mtu in {DEFAULT_MTU, 0} else str(network.mtu)
    values = {"name-label": typable(named), "name-description": typable(network.description), "MTU": mtu}
    return {key: value for key, value in values.items() if value}


def special_values(network: Network) -> dict[str, str]:
    """Its settings, and what its VIFs may send."""
    locking = {} if network.locking == UNLOCKED else {"default-locking-mode": network.locking}
    return settings(network.settings, "other-config") | locking


def marks(network: Network, values: Mapping[str, str]) -> Iterator[str]:
    """Set these values of the network, and add its tags and purposes."""
    if values:
        yield line("network-param-set", {"uuid": NETWORK, **values})
    for field, marked in (("tags", network.tags), ("purpose", network.purpose)):
        for mark in marked:
            yield line("network-param-add", {"uuid": NETWORK, "param-name": field, "param-key": mark})


def ipv4(interface: Interface) -> dict[str, str]:
    address = interface.address
    values = {"mode": MODES.get(address.mode, "none")}
    if address.mode == "Static":
        values |= {"IP": address.ip, "netmask": address.netmask, "gateway": address.gateway}
        values |= {"DNS": ",".join(servers(address.dns, 4))}
    return {key: value for key, value in values.items() if value}


def ipv6(interface: Interface) -> dict[str, str]:
    address = interface.address
    values = {"mode": MODES.get(address.ipv6_mode, "none")}
    if address.ipv6_mode == "Static":
        values |= {"IPv6": next(iter(address.ipv6), ""), "gateway": address.ipv6_gateway}
        values |= {"DNS": ",".join(servers(address.dns, 6))}
    return {key: value for key, value in values.items() if value}


def servers(dns: str, version: int) -> list[str]:
    """The name servers of one family: XAPI keeps both in one list."""
    return [text for text in (each.strip() for each in dns.split(",")) if version_of(text) == version]


def version_of(text: str) -> int:
    try:
        return ip_address(text).version
    except ValueError:
        return 0
