"""The table of addresses: servers × networks, each cell a little form; whatever was typed stays as it was typed."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import Final

from pools.forecast.join import JoinForecast
from pools.models import Server
from pools.operations.kind import AddressChoice
from pools.services.address_plan import AddressNetwork, Taken, can_reach, is_its_own, next_free, subnet_of
from pools.services.audit import storable
from pools.services.network_fit import Given

FIELDS: Final = ("mode", "ip", "netmask", "gateway", "dns")
MODES: Final = {"": "No address", "Static": "Static", "DHCP": "DHCP"}
LONGEST: Final = 100
SMALLEST_PREFIX: Final = 30
Typed = Mapping[str, Mapping[str, str]]


@dataclass(kw_only=True)
class Cell:
    """What was typed for one server on one network; ``errors`` by field."""

    server: Server
    network: AddressNetwork
    mode: str = ""
    ip: str = ""
    netmask: str = ""
    gateway: str = ""
    dns: str = ""
    absent: bool = False
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.network.uuid}.{self.server.uuid}"

    @property
    def ip_error(self) -> str:
        """What is wrong with the address, by itself or in this subnet."""
        return self.errors.get("ip", "") or self.errors.get("elsewhere", "")

    @property
    def typed(self) -> dict[str, str]:
        """What a person gave; a netmask that only repeats the coordinator's is not his."""
        given = {name: str(getattr(self, name)) for name in FIELDS}
        return {} if not any(given[name] for name in ("mode", "ip", "gateway", "dns")) else given

    @property
    def subnet(self) -> IPv4Network | None:
        return subnet_of(self.ip, self.netmask)

    def choice(self) -> AddressChoice:
        static = self.mode == "Static"
        return AddressChoice(
            server_uuid=self.server.uuid,
            network_uuid=self.network.uuid,
            network_name=self.network.name,
            mode=self.mode,
            ip=self.ip if static else "",
            netmask=self.netmask if static else "",
            gateway=self.gateway if static else "",
            dns=self.dns if static else "",
        )


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What the table is judged against; ``absent``: networks and servers that will have no interface there.

    ``elsewhere``: the servers whose management arrives on another network; the others have theirs already.
    """

    networks: Sequence[AddressNetwork]
    servers: Sequence[Server]
    taken: Mapping[str, Taken]
    forecasts: Mapping[str, JoinForecast]
    absent: Collection[tuple[str, str]] = ()
    elsewhere: Collection[str] = ()

    def of(self, network: AddressNetwork) -> list[Server]:
        """The servers that may get an address on this network."""
        return [server for server in self.servers if not network.management or server.uuid in self.elsewhere]


class AddressTable:
    """All cells, and what is wrong with them; ``elsewhere`` are networks whose other subnet a person confirmed."""

    def __init__(self, ground: Ground, typed: Typed, elsewhere: Sequence[str] = ()) -> None:
        self.ground = ground
        self.elsewhere = {network.uuid for network in ground.networks} & set(elsewhere)
        self.cells = {
            (network.uuid, server.uuid): _cell(server, network, typed, ground.absent)
            for network in ground.networks
            if not network.only_ipv6
            for server in ground.of(network)
        }
        self._validate()

    @classmethod
    def posted(cls, ground: Ground, post: Mapping[str, object]) -> "AddressTable":
        """Read what a browser sent; fields of other servers or networks are not looked at."""
        keys = [f"{network.uuid}.{server.uuid}" for network in ground.networks for server in ground.of(network)]
        typed = {key: {name: str(post.get(f"{name}.{key}", "")) for name in FIELDS} for key in keys}
        elsewhere = [network.uuid for network in ground.networks if post.get(f"elsewhere.{network.uuid}")]
        return cls(ground, typed, elsewhere)

    @property
    def columns(self) -> Iterator[dict[str, object]]:
        """Each network with its cells, and whether the question about other subnets is asked."""
        for network in self.ground.networks:
            cells = [cell for (uuid, _), cell in self.cells.items() if uuid == network.uuid]
            asked = network.uuid in self.elsewhere or any("elsewhere" in cell.errors for cell in cells)
            given = sum(bool(cell.mode) for cell in cells)
            yield {
                "network": network,
                "cells": cells,
                "asks_elsewhere": asked,
                "elsewhere": network.uuid in self.elsewhere,
                "given": given,
            }

    @property
    def typed(self) -> dict[str, dict[str, str]]:
        return {cell.key: cell.typed for cell in self.cells.values() if cell.typed}

    @property
    def errors(self) -> int:
        """How many cells are not as they must be."""
        return sum(bool(cell.errors) for cell in self.cells.values())

    @property
    def given(self) -> Given:
        choices = [cell.choice() for cell in self.cells.values() if cell.mode]
        return Given(typed=self.typed, choices=choices, elsewhere=sorted(self.elsewhere), sound=not self.errors)

    def filled_down(self, network_uuid: str) -> "AddressTable":
        """Give the servers after the first typed address the next free ones; what is typed already stays."""
        typed = {key: dict(values) for key, values in self.typed.items()}
        cells = [cell for (uuid, _), cell in self.cells.items() if uuid == network_uuid]
        used = {*self.ground.taken, *(cell.ip for cell in self.cells.values() if cell.ip)}
        first = next((cell for cell in cells if cell.ip), None)
        last = first
        for cell in cells[cells.index(first) + 1 :] if first else []:
            if last is not None and first is not None and not cell.ip and cell.mode != "DHCP":
                ip = next_free(last.ip, first.subnet or cell.network.subnet, used)
                shared = {"netmask": first.netmask, "gateway": first.gateway, "dns": first.dns}
                typed[cell.key] = {"mode": "Static" if ip else "", "ip": ip, **shared}
                cell.ip = ip
                used.add(ip)
            last = cell if cell.ip else last
        if first is not None:
            typed[first.key] = {**first.typed, "mode": "Static"}
        return AddressTable(self.ground, typed, sorted(self.elsewhere))

    def _validate(self) -> None:
        for cell in self.cells.values():
            cell.errors = dict(_errors(cell))
            if cell.mode == "Static" and not cell.errors:
                cell.errors = dict(self._in_place(cell))

    def _in_place(self, cell: Cell) -> Iterator[tuple[str, str]]:
        """What is wrong with a sound address here: used already, twice in the table, or of another subnet."""
        found = self.ground.taken.get(cell.ip)
        forecast = self.ground.forecasts.get(cell.server.uuid)
        if found and not is_its_own(found, cell.server.uuid, cell.network.uuid, forecast):
            yield "ip", f"{found.server or 'A server'} has this address already, on {found.device}."
        if cell.network.management and not can_reach(cell.server, cell.ip):
            yield "ip", "Management cannot move here: this installation may not connect to this address."
        twins = [each for each in self.cells.values() if each.mode == "Static" and each.ip == cell.ip and each != cell]
        if twins:
            yield "ip", f"This address is in the table twice: also for {twins[0].server.name_label}."
        subnet = cell.network.subnet
        outside = subnet is not None and cell.subnet != subnet
        if outside and cell.network.uuid not in self.elsewhere:
            yield "elsewhere", f"The coordinator’s subnet here is {subnet}. Confirm below that another one is meant."


def _cell(server: Server, network: AddressNetwork, typed: Typed, absent: Collection[tuple[str, str]]) -> Cell:
    cell = Cell(server=server, network=network, absent=(network.uuid, server.uuid) in absent)
    given = typed.get(cell.key, {})
    for name in FIELDS:
        setattr(cell, name, storable(given.get(name, ""), LONGEST))
    cell.netmask = cell.netmask or network.netmask
    return cell


def _errors(cell: Cell) -> Iterator[tuple[str, str]]:
    if cell.mode not in MODES:
        yield "mode", "Choose no address, Static or DHCP."
    if cell.mode == "DHCP" and cell.network.management:
        yield "mode", "Management moves only to a static address: choose Static, or no address."
    if cell.mode == "" and cell.ip:
        yield "mode", "An address is typed: choose Static, or clear it."
    if cell.mode == "Static":
        yield from _static(cell)


def _static(cell: Cell) -> Iterator[tuple[str, str]]:
    address = _address(cell.ip)
    if address is None:
        yield "ip", "Type an IPv4 address, such as 10.20.0.12." if cell.ip else "A static address is missing."
    if not _is_netmask(cell.netmask):
        yield "netmask", "Type a netmask, such as 255.255.255.0."
    elif address is not None and (problem := _in_subnet(address, cell)):
        yield "ip", problem
    if cell.gateway and _outside(cell.gateway, cell.subnet):
        yield "gateway", "The gateway must be an address of the same subnet, or stay empty."
    if any(_address(each.strip()) is None for each in cell.dns.split(",") if cell.dns):
        yield "dns", "Type IPv4 addresses with commas between them, or nothing."


def _address(text: str) -> IPv4Address | None:
    try:
        return IPv4Address(text)
    except ValueError:
        return None


def _is_netmask(text: str) -> bool:
    """A prefix's length is none, nor is a hostmask: ipaddress takes both."""
    subnet = subnet_of("0.0.0.0", text)  # noqa: S104 - any address will do
    return subnet is not None and str(subnet.netmask) == text


def _in_subnet(address: IPv4Address, cell: Cell) -> str:
    subnet = cell.subnet
    if subnet is None or subnet.prefixlen == 0:
        return "This netmask leaves no subnet."
    ends = (subnet.network_address, subnet.broadcast_address)
    if subnet.prefixlen <= SMALLEST_PREFIX and address in ends:
        return f"This is the address of the subnet {subnet} itself, or its broadcast address."
    loopback = address.is_loopback and not (cell.network.subnet and cell.network.subnet.is_loopback)
    odd = address.is_multicast or loopback or address.is_unspecified or address.is_reserved
    return "No interface can have this address." if odd else ""


def _outside(text: str, subnet: IPv4Network | None) -> bool:
    address = _address(text)
    return address is None or (subnet is not None and address not in subnet)
