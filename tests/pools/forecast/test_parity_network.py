"""What is foretold of bonds, VLANs, networks and management is what a join then makes, by either rule of matching."""

from collections.abc import Callable

import pytest

from pools.checks.after_join import compare
from pools.forecast.join import NetworkOutcome, Outcome, VLANOutcome
from simulator.running import running
from simulator.scenes.loader import parse
from simulator.world.host import HostMachine
from simulator.xapi.machines import host_row
from simulator.xapi.network.rows import BondPlan, add_network, create_bond
from simulator.xapi.rows import Row, first
from tests.pools.forecast.parity import (
    BY_DEVICE,
    BY_POSITION,
    Parity,
    assert_network_as_foretold,
    join,
    networks_of_nics,
)
from tests.simulator.network.bonding import address
from tests.simulator.network.rows import card

OFFICE = """
name: office
hosts:
  - name: master
    nics: 6
    software: {rule}
    bonds:
      - {{network: Management bond, nics: [eth0, eth1], mode: active-backup}}
      - {{network: Storage bond, nics: [eth2, eth3], mode: lacp}}
    vlans:
      - {{network: Guests 10, "on": Storage bond, tag: 10}}
      - {{network: Guests 20, "on": eth4, tag: 20}}
  - name: joiner
    software: {rule}
    {joiner}
"""
RULES = {"device": BY_DEVICE, "position": BY_POSITION}


def joined_office(rule: str, joiner: str, change: Callable[[HostMachine, HostMachine], object] | None = None) -> Parity:
    """Join the second server to the first, after one thing was changed."""
    scene = parse(OFFICE.format(rule=RULES[rule], joiner=joiner), "office.yaml")
    with running(scene) as sim:
        master, second = sim.hosts
        if change:
            change(master, second)
        found = join(sim, second, master)
    assert_network_as_foretold(found)
    assert compare(found.forecast, found.after, found.host.uuid) == []
    return found


def named(machine: HostMachine, label: str) -> Row:
    found = first(machine.database, "network", name_label=label)
    assert found
    return found


def outcomes(parity: Parity) -> list[Outcome]:
    return [bond.outcome for bond in parity.forecast.bonds]


MERGED = NetworkOutcome.MERGED
FULL, PARTIAL, NONE, STOLEN = Outcome.FULL, Outcome.PARTIAL, Outcome.NONE, Outcome.STOLEN
SWAPPED = "nics: 6\n    nic_order: {eth1: 2, eth2: 1}"
JOINERS: dict[str, tuple[str, list[Outcome], list[Outcome]]] = {
    "as many NICs": ("nics: 6", [FULL, FULL], [FULL, FULL]),
    "three NICs": ("nics: 3", [FULL, PARTIAL], [FULL, PARTIAL]),
    "two NICs": ("nics: 2", [FULL, NONE], [FULL, NONE]),
    "one NIC": ("nics: 1", [PARTIAL, NONE], [PARTIAL, NONE]),
    "NICs counted otherwise": (SWAPPED, [FULL, FULL], [FULL, FULL]),
    "a position beyond": ("nics: 4\n    nic_order: {eth1: 7}", [FULL, FULL], [PARTIAL, FULL]),
    "management elsewhere": ("nics: 6\n    management: {nic: eth5}", [FULL, FULL], [FULL, FULL]),
    "management on the other bond": ("nics: 6\n    management: {nic: eth3}", [FULL, FULL], [FULL, FULL]),
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("joiner", JOINERS)
def test_bonds_are_made_as_foretold(rule: str, joiner: str) -> None:
    spec, by_device, by_position = JOINERS[joiner]
    parity = joined_office(rule, spec)
    assert parity.forecast.rule.value.startswith(rule)
    assert outcomes(parity) == (by_device if rule == "device" else by_position)


@pytest.mark.parametrize("rule", RULES)
def test_the_rules_choose_other_nics_where_positions_and_names_disagree(rule: str) -> None:
    parity = joined_office(rule, SWAPPED)
    by_name, by_position = [("eth0", "eth1"), ("eth2", "eth3")], [("eth0", "eth2"), ("eth1", "eth3")]
    assert [bond.members for bond in parity.forecast.bonds] == (by_position if rule == "position" else by_name)


def two_addresses(_master: HostMachine, joiner: HostMachine) -> None:
    address(card(joiner, "eth2"), "10.7.0.2")
    address(card(joiner, "eth3"), "10.7.0.3")


def occupied(master: HostMachine, joiner: HostMachine) -> None:
    """A NIC of the joiner lies on a bridge that has the name of the pool's bond's."""
    bond = first(master.database, "network", name_label="Storage bond")
    assert bond
    odd = add_network(joiner.database, "Odd", bond.text("bridge"))
    card(joiner, "eth5").set(network=odd.ref)


def one_place_twice(master: HostMachine, _joiner: HostMachine) -> None:
    """Two NICs of the coordinator have one position, and each is in a bond of its own."""
    third = BondPlan(network=add_network(master.database, "Third bond", "xapi90"), pifs=[card(master, "eth5")])
    create_bond(host_row(master), third)
    card(master, "eth5").set(network=card(master, "eth2").text("network"))


REFUSALS: dict[str, Callable[[HostMachine, HostMachine], object]] = {
    "PIF_BOND_MORE_THAN_ONE_IP": two_addresses,
    "NETWORK_ALREADY_CONNECTED": occupied,
    "INCOMPATIBLE_PIF_PROPERTIES": lambda _, joiner: card(joiner, "eth3").set(properties={"gro": "off"}),
    "PIF_UNMANAGED": lambda _, joiner: card(joiner, "eth3").set(managed=False),
    "PIF_INCOMPATIBLE_PRIMARY_ADDRESS_TYPE": lambda _, joiner: card(joiner, "eth3").set(primary_address_type="IPv6"),
    "PIF_ALREADY_BONDED": one_place_twice,
    "NETWORK_UNMANAGED": lambda master, _: named(master, "Storage bond").set(managed=False),
}


@pytest.mark.parametrize("code", REFUSALS)
def test_a_bond_that_xapi_refuses_to_make_is_foretold_with_its_code(code: str) -> None:
    parity = joined_office("position", "nics: 6", REFUSALS[code])
    stolen = [bond for bond in parity.forecast.bonds if bond.outcome is STOLEN]
    assert [bond.refusal for bond in stolen] == [code]
    assert stolen[0].members == ()
    assert stolen[0].rivals or code == "NETWORK_UNMANAGED"


def test_an_address_on_one_nic_makes_it_the_primary() -> None:
    parity = joined_office("position", "nics: 6", lambda _, joiner: address(card(joiner, "eth3"), "10.7.0.3"))
    assert parity.forecast.bonds[1].primary == "eth3"


def test_vlans_without_an_interface_below_are_not_made() -> None:
    parity = joined_office("position", "nics: 2")
    assert [vlan.outcome for vlan in parity.forecast.vlans] == [VLANOutcome.NOTHING] * 2
    assert [(vlan.tag, vlan.below) for vlan in parity.forecast.vlans] == [
        (10, "Storage bond"),
        (20, "Pool-wide network 4"),
    ]


def test_a_server_may_forbid_vlans() -> None:
    parity = joined_office("position", "nics: 6\n    set: {host: {other_config: {sync_vlans: nosync}}}")
    assert {vlan.outcome for vlan in parity.forecast.vlans} == {VLANOutcome.OFF}


def test_a_vlan_may_become_the_second_interface_on_its_network() -> None:
    def on_its_bridge(master: HostMachine, joiner: HostMachine) -> None:
        odd = add_network(joiner.database, "Odd", named(master, "Guests 10").text("bridge"))
        card(joiner, "eth5").set(network=odd.ref)

    parity = joined_office("position", "nics: 6", on_its_bridge)
    assert [vlan.outcome for vlan in parity.forecast.vlans] == [VLANOutcome.SECOND, VLANOutcome.MADE]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("nics", [4, 1])
def test_management_on_a_vlan_is_kept_and_goes_up_into_the_bond(rule: str, nics: int) -> None:
    scene = f"""
name: tagged
hosts:
  - name: master
    software: {RULES[rule]}
    management: {{nic: eth0, vlan: 7}}
    bonds: [{{network: Management bond, nics: [eth0, eth1]}}]
    vlans: [{{network: Guests, "on": Management bond, tag: 8}}]
  - {{name: joiner, software: {RULES[rule]}, nics: {nics}, management: {{nic: eth0, vlan: 7}}}}
"""
    with running(parse(scene, "tagged.yaml")) as sim:
        parity = join(sim, sim.hosts[1], sim.hosts[0])
    assert_network_as_foretold(parity)
    kept, made = parity.forecast.vlans
    assert (kept.tag, kept.outcome, made.tag, made.outcome) == (7, VLANOutcome.KEPT, 8, VLANOutcome.MADE)
    management = parity.forecast.management
    assert management
    assert (management.vlan, management.on_bond, management.is_the_pools) == (7, True, True)


def test_management_outside_of_the_pools_bond_is_foretold() -> None:
    management = joined_office("position", "nics: 6\n    management: {nic: eth5}").forecast.management
    assert management
    assert (management.network_name, management.pool_network_name) == ("Pool-wide network 5", "Management bond")
    assert not management.is_the_pools


def test_networks_are_merged_by_bridge_made_anew_or_lost() -> None:
    def change(master: HostMachine, joiner: HostMachine) -> None:
        named(joiner, "Pool-wide network 1").set(name_label="Telephones")
        for label, bridge in (("Private", "xapi7"), ("Mine", "lab1"), ("Taken", "lab2")):
            add_network(joiner.database, label, bridge)
        add_network(master.database, "There already", "lab2")

    parity = joined_office("position", "nics: 6\n    nic_order: {eth5: 9}", change)
    told = {network.name: network for network in parity.forecast.networks}
    labels = {network.name_label: network for network in parity.after.networks.values()}
    assert (told["Telephones"].outcome, told["Telephones"].pool_name) == (MERGED, "Pool-wide network 1")
    assert told["Telephones"].loses_its_name
    assert {told[name].outcome for name in ("Private", "Taken")} == {NetworkOutcome.LOST}
    assert {told[name].outcome for name in ("Mine", "Pool-wide network 9")} == {NetworkOutcome.CREATED}
    assert not {"Telephones", "Private", "Taken"} & labels.keys()
    assert labels["Mine"].bridge == "lab1"
    assert networks_of_nics(parity)["eth5"] == told["Pool-wide network 9"].key
    assert networks_of_nics(parity)["eth1"] == told["Telephones"].key
