"""The address gate: which addresses xenweb may connect to, whoever names them."""

import re
import socket
from collections.abc import Collection, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from pools.xapi.errors import AddressRefused

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LONGEST_NAME = 253
NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\.?")
NEVER = {
    "this machine": ("127.0.0.0/8", "::1/128"),
    "no address of a server": ("0.0.0.0/8", "::/128", "240.0.0.0/4"),
    "link-local": ("169.254.0.0/16", "fe80::/10"),
    "multicast": ("224.0.0.0/4", "ff00::/8"),
    "an IPv4 address in disguise": ("::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"),
}
FORBIDDEN = [(ip_network(text), why) for why, texts in NEVER.items() for text in texts]
OUTSIDE = "not in the networks that this installation may reach"


def check_address(
    text: str,
    *,
    only: Collection[tuple[str, int]] | None,
    networks: Sequence[Network],
    ports: Collection[int],
    port: int,
) -> str:
    """Return the one IP address to connect to, or raise AddressRefused.

    A name is resolved once and every address behind it is checked, so that it cannot change in between.
    ``only`` (the practice lab) allows exactly these addresses and ports, and nothing else.
    """
    shown = text.strip()[:100]
    addresses = resolve(text.strip(), port)
    for address in addresses:
        if only is not None:
            if (str(address), port) not in only:
                raise AddressRefused("XENWEB_ADDRESS_REFUSED", (shown, "not a server of the practice lab"))
            continue
        if port not in ports:
            raise AddressRefused("XENWEB_PORT_REFUSED", (str(port), ", ".join(map(str, sorted(ports)))))
        reason = refusal(address, networks)
        if reason:
            raise AddressRefused("XENWEB_ADDRESS_REFUSED", (shown, reason))
    return str(addresses[0])


def refusal(address: Address, networks: Sequence[Network]) -> str:
    """Say why an address is refused; an empty text lets it through.

    A forbidden range is opened only by a configured network inside it, never by a wide one that covers it.
    """
    allowing = [network for network in networks if address.version == network.version and address in network]
    for forbidden, why in FORBIDDEN:
        if address.version == forbidden.version and address in forbidden:
            return "" if any(is_inside(network, forbidden) for network in allowing) else why
    return "" if allowing else OUTSIDE


def is_inside(network: Network, outer: Network) -> bool:
    if isinstance(network, IPv4Network) and isinstance(outer, IPv4Network):
        return network.subnet_of(outer)
    return isinstance(network, IPv6Network) and isinstance(outer, IPv6Network) and network.subnet_of(outer)


def resolve(text: str, port: int) -> list[Address]:
    """Return every address behind a text: an IP address (IPv6 perhaps in brackets) or a name."""
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        address = ip_address(bare)
    except ValueError:
        return look_up(bare, port)
    if "%" in bare:
        raise AddressRefused("XENWEB_ADDRESS_REFUSED", (text[:100], "link-local"))
    return [address]


def look_up(name: str, port: int) -> list[Address]:
    """Ask the name service, once."""
    if len(name) > LONGEST_NAME or not NAME.fullmatch(name):
        raise AddressRefused("XENWEB_ADDRESS_INVALID", (name[:100],))
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # UnicodeError: a label that is empty or too long, as in "a..b"
        found = []
    addresses = [ip_address(str(entry[4][0]).split("%")[0]) for entry in found]
    if not addresses:
        raise AddressRefused("XENWEB_NAME_UNKNOWN", (name,))
    return addresses
