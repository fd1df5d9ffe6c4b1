"""The table of addresses: every wrong cell says why, nothing typed is lost, and the next addresses are filled in."""

from dataclasses import replace
from ipaddress import IPv4Network

import pytest
from django.test import override_settings

from pools.forecast.join import BondForecast, JoinForecast, Outcome, Rule
from pools.forms.addresses import AddressTable, Cell, Ground
from pools.models import Server
from pools.services.address_plan import AddressNetwork, Taken, address_networks, next_free, subnet_of, taken_addresses
from simulator.running import running
from tests.pools.services.test_nic_map import snapshot

STORAGE = AddressNetwork(
    uuid="net", name="Storage", mode="Static", ip="10.20.0.1", netmask="255.255.255.0", mtu=9000, on="bond, lacp"
)
SERVERS = [Server(uuid=f"srv{number}", name_label=f"xs-{number}") for number in range(1, 5)]
OURS = Taken(server_uuid="pool", server="museum", device="bond1", management=False)
GROUND = Ground(networks=[STORAGE], servers=SERVERS, taken={"10.20.0.1": OURS}, forecasts={})
GOOD = {"mode": "Static", "ip": "10.20.0.12", "netmask": "255.255.255.0", "gateway": "", "dns": ""}


def table(*rows: dict[str, str], ground: Ground = GROUND, elsewhere: bool = False) -> AddressTable:
    typed = {f"net.srv{number}": row for number, row in enumerate(rows, start=1)}
    return AddressTable(ground, typed, ["net"] if elsewhere else [])


def cell(found: AddressTable, number: int = 1) -> Cell:
    return found.cells["net", f"srv{number}"]


def test_an_empty_table_gives_nothing_and_shows_the_coordinators_netmask() -> None:
    found = table()
    assert (found.given.choices, found.errors, found.typed) == ([], 0, {})
    assert cell(found).netmask == "255.255.255.0"


def test_static_and_dhcp_become_choices() -> None:
    found = table(GOOD | {"gateway": "10.20.0.254", "dns": "10.0.0.2, 10.0.0.3"}, GOOD | {"mode": "DHCP", "ip": ""})
    first, second = found.given.choices
    assert (first.server_uuid, first.network_uuid, first.network_name) == ("srv1", "net", "Storage")
    assert (first.mode, first.ip, first.netmask, first.gateway) == (
        "Static",
        "10.20.0.12",
        "255.255.255.0",
        "10.20.0.254",
    )
    assert (second.mode, second.ip, second.netmask) == ("DHCP", "", "")
    assert found.given.sound


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"ip": ""}, "ip", "missing"),
        ({"ip": "10.20.0"}, "ip", "IPv4 address"),
        ({"ip": "10.20.0.300"}, "ip", "IPv4 address"),
        ({"ip": "fe80::1"}, "ip", "IPv4 address"),
        ({"ip": "10.20.0.0"}, "ip", "of the subnet 10.20.0.0/24 itself"),
        ({"ip": "10.20.0.255"}, "ip", "broadcast"),
        ({"ip": "224.0.0.1"}, "ip", "No interface"),
        ({"ip": "10.20.0.1"}, "ip", "museum has this address already, on bond1"),
        ({"ip": "10.21.0.12"}, "elsewhere", "10.20.0.0/24"),
        ({"netmask": "255.255.0.0"}, "elsewhere", "10.20.0.0/24"),
        ({"netmask": "255.0.255.0"}, "netmask", "Type a netmask"),
        ({"netmask": "24"}, "netmask", "Type a netmask"),
        ({"netmask": "0.0.0.255"}, "netmask", "Type a netmask"),
        ({"gateway": "10.21.0.1"}, "gateway", "same subnet"),
        ({"gateway": "nowhere"}, "gateway", "same subnet"),
        ({"dns": "10.0.0.2,x"}, "dns", "commas"),
        ({"mode": ""}, "mode", "choose Static"),
        ({"mode": "Autoconf"}, "mode", "Choose"),
    ],
)
def test_a_wrong_cell_says_why_and_keeps_what_was_typed(typed: dict[str, str], field: str, words: str) -> None:
    found = table(GOOD | typed)
    assert words in cell(found).errors[field]
    assert found.given.sound is False
    assert found.typed["net.srv1"] == GOOD | typed


def test_another_subnet_is_taken_when_it_is_meant() -> None:
    assert table(GOOD | {"ip": "10.21.0.12"}, elsewhere=True).errors == 0


def test_an_address_twice_is_said_at_both() -> None:
    found = table(GOOD, GOOD)
    assert "also for xs-2" in cell(found, 1).errors["ip"]
    assert "also for xs-1" in cell(found, 2).errors["ip"]


def test_management_moves_only_for_servers_that_arrive_elsewhere_and_only_to_a_static_address() -> None:
    ground = replace(GROUND, networks=[replace(STORAGE, management=True)], elsewhere=["srv1"])
    found = table(GOOD | {"mode": "DHCP"}, GOOD, ground=ground)
    assert [*found.cells] == [("net", "srv1")]
    assert "static address" in cell(found).errors["mode"]
    with override_settings(HOST_NETWORKS=[IPv4Network("10.20.0.0/24")], HOST_PORTS=[443]):
        assert table(GOOD, ground=ground).given.sound
    with override_settings(HOST_NETWORKS=[IPv4Network("10.21.0.0/24")], HOST_PORTS=[443]):
        assert "may not connect" in cell(table(GOOD, ground=ground)).errors["ip"]


def test_a_servers_own_address_is_its_own_only_where_its_bond_takes_it_over() -> None:
    own = {"10.20.0.12": Taken(server_uuid="srv1", server="xs-1", device="eth2", management=False)}
    bond = BondForecast(
        network_uuid="net",
        network_name="Storage",
        mode="lacp",
        outcome=Outcome.FULL,
        wanted=("eth2",),
        members=("eth2",),
    )
    forecast = JoinForecast(host_uuid="srv1", rule=Rule.POSITION, bonds=(bond,))
    ground = replace(GROUND, taken=own, forecasts={"srv1": forecast})
    assert table(GOOD, ground=ground).errors == 0
    assert table({}, GOOD, ground=ground).errors == 1
    assert table(GOOD, ground=replace(ground, forecasts={})).errors == 1


def test_the_next_servers_get_the_next_free_addresses_and_what_is_typed_stays() -> None:
    start = table(GOOD | {"mode": "", "ip": "10.20.0.11", "gateway": "10.20.0.254"}, {}, GOOD)
    filled = start.filled_down("net")
    assert [filled.cells["net", server.uuid].ip for server in SERVERS] == [
        "10.20.0.11", "10.20.0.13", "10.20.0.12", "10.20.0.14",
    ]  # fmt: skip
    assert [filled.cells["net", server.uuid].mode for server in SERVERS] == ["Static"] * 4
    assert cell(filled, 4).gateway == "10.20.0.254"
    assert filled.errors == 0


def test_filling_down_from_nothing_or_to_the_end_of_the_subnet_gives_nothing_wrong() -> None:
    assert table().filled_down("net").typed == {}
    filled = table(GOOD | {"ip": "10.20.0.253"}).filled_down("net")
    assert [filled.cells["net", server.uuid].ip for server in SERVERS] == ["10.20.0.253", "10.20.0.254", "", ""]
    assert filled.errors == 0
    assert table(GOOD | {"ip": "hello"}).filled_down("net").typed.keys() == {"net.srv1"}
    assert next_free("255.255.255.254", None, ()) == ""
    assert subnet_of("10.0.0.1", "x") is None


def test_what_a_browser_sends_of_other_servers_is_not_looked_at() -> None:
    post = {f"{name}.net.srv1": value for name, value in GOOD.items()}
    found = AddressTable.posted(
        GROUND, post | {"mode.net.evil": "Static", "elsewhere.other": "1", "ip.net.srv2": "\x00"}
    )
    assert [choice.ip for choice in found.given.choices] == ["10.20.0.12"]
    assert (found.elsewhere, cell(found, 2).ip) == (set(), "")


def test_the_networks_are_those_with_an_address_beside_management() -> None:
    with running("ibm-cloud") as sim:
        pool, joiner = snapshot(sim.host("ibm-1")), snapshot(sim.host("ibm-4"))
    found = {network.name: network for network in address_networks(pool)}
    assert [*found] == ["Public bond", "Storage 1100"]
    assert (found["Storage 1100"].on, found["Public bond"].on) == ("VLAN 1100", "bond, lacp")
    assert (found["Public bond"].ip, str(found["Public bond"].subnet)) == ("203.0.113.11", "203.0.113.0/24")
    taken = taken_addresses([pool, joiner])
    assert taken["203.0.113.12"].server == "ibm-2"
    assert taken[sim.host("ibm-4").address].management
    ref, pif = next((ref, pif) for ref, pif in pool.pifs.items() if pif.IP == "203.0.113.11")
    six = replace(pif, ip_configuration_mode="None", IP="", IPv6=("fd00::1/64",))
    only = {network.name: network for network in address_networks(replace(pool, pifs={**pool.pifs, ref: six}))}
    assert only["Public bond"].only_ipv6
