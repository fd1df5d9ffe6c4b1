"""The address gate (loopback, metadata services and disguises are refused whatever is configured)."""

from collections.abc import Sequence
from ipaddress import ip_network

import pytest

from pools.xapi.errors import AddressRefused
from pools.xapi.gate import Network, check_address

PRIVATE = [ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")]
EVERYTHING = [ip_network("0.0.0.0/0"), ip_network("::/0")]
NEVER = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "localhost",
    "0.0.0.0",  # noqa: S104 - to be refused
    "0.1.2.3",
    "169.254.169.254",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "[::1]",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::",
]


def gate(text: str, networks: Sequence[Network] = EVERYTHING, port: int = 443) -> str:
    return check_address(text, only=None, networks=networks, ports=[443], port=port)


@pytest.mark.parametrize("text", NEVER)
def test_some_addresses_are_never_reached(text: str) -> None:
    with pytest.raises(AddressRefused) as caught:
        gate(text)
    assert caught.value.code in {"XENWEB_ADDRESS_REFUSED", "XENWEB_NAME_UNKNOWN"}


@pytest.mark.parametrize(
    ("text", "address"),
    [("10.1.2.3", "10.1.2.3"), (" 192.168.0.5 ", "192.168.0.5"), ("[fd00::0:1]", "fd00::1"), ("FD00::1", "fd00::1")],
)
def test_private_addresses_are_given_back_in_one_spelling(text: str, address: str) -> None:
    assert gate(text, PRIVATE) == address


def test_public_addresses_need_a_network_of_their_own() -> None:
    with pytest.raises(AddressRefused) as caught:
        gate("8.8.8.8", PRIVATE)
    assert caught.value.params == ("8.8.8.8", "not in the networks that this installation may reach")
    assert gate("8.8.8.8", [ip_network("8.8.8.0/24")]) == "8.8.8.8"


def test_loopback_is_opened_only_by_a_network_inside_it() -> None:
    assert gate("127.0.0.5", [ip_network("127.0.0.0/8")]) == "127.0.0.5"


@pytest.mark.parametrize(
    "text", ["", "https://10.0.0.1/", "10.0.0.1:443", "a b", "x" * 300, "-a", "<script>", "ü", "10.0.0.1\n"]
)
def test_what_is_no_address_is_said(text: str) -> None:
    if text.strip() == "10.0.0.1":
        assert gate(text, PRIVATE) == "10.0.0.1"
        return
    with pytest.raises(AddressRefused) as caught:
        gate(text)
    assert caught.value.code == "XENWEB_ADDRESS_INVALID"
    assert all(len(param) <= 100 for param in caught.value.params)


def test_a_port_must_be_allowed() -> None:
    with pytest.raises(AddressRefused) as caught:
        gate("10.0.0.1", PRIVATE, port=22)
    assert (caught.value.code, caught.value.params) == ("XENWEB_PORT_REFUSED", ("22", "443"))


def test_the_practice_lab_opens_its_own_servers_and_nothing_else() -> None:
    lab = [("127.64.0.1", 8443)]
    assert check_address("127.64.0.1", only=lab, networks=PRIVATE, ports=[443], port=8443) == "127.64.0.1"
    for address, port in [("127.64.0.1", 443), ("127.64.0.2", 8443), ("10.0.0.1", 443)]:
        with pytest.raises(AddressRefused):
            check_address(address, only=lab, networks=PRIVATE, ports=[443], port=port)


@pytest.mark.parametrize("name", ["a..b", f"{'a' * 64}.example", "nowhere.invalid"])
def test_a_name_that_nobody_knows_is_refused(name: str) -> None:
    with pytest.raises(AddressRefused) as caught:
        gate(name)
    assert (caught.value.code, caught.value.params) == ("XENWEB_NAME_UNKNOWN", (name,))
