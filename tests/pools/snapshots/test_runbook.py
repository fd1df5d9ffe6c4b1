"""The printed runbook, typed at the console of a removed server line by line, brings back its network."""

import shlex
from dataclasses import replace

import pytest
from django.utils import timezone

from pools.snapshots.build import snapshot_of
from pools.snapshots.console import quoted
from pools.snapshots.data import Kind, Layer
from pools.snapshots.diff import difference
from pools.snapshots.exports import as_script
from pools.snapshots.runbook import runbook_of
from simulator.running import Simulation, running
from simulator.scenes.model import Scene
from simulator.world import reach
from tests.pools.forecast.parity import read
from tests.pools.forecast.test_come_back import BONDED, RENAMED
from tests.pools.snapshots.ejecting import eject, ejecting, pair
from tests.pools.snapshots.typing_in import type_in
from tests.simulator.rpc import Rpc

TAGGED = "vlans: [{network: '$HOST''s net', 'on': eth3, tag: 7, ip: 10.7.0.1}]"
TUNNEL = "tunnels: [{network: Overlay, 'on': Management}]"
PLACES: dict[str, tuple[str | Scene, str, str]] = {
    "ibm-cloud": ("ibm-cloud", "ibm-1", "ibm-2"),
    "lacp-only-switch": ("lacp-only-switch", "lacp-1", "lacp-2"),
    "busy-member": ("busy-member", "boss", "busy"),
    "a lease on a bond": (pair("management: {nic: eth2, mode: DHCP}", BONDED), "master", "leaver"),
    "renamed cards": (pair(RENAMED), "master", "leaver"),
}


LEFT: dict[str, set[str]] = {
    "renamed cards": {
        "device",
        "position",
        "management",
    },  # a name goes with the slot
    "busy-member": {""},  # a VLAN on a card that is in a bond: XAPI moves those up
}


@pytest.mark.parametrize("place", PLACES)
def test_the_runbook_makes_the_network_what_it_was(place: str) -> None:
    with ejecting(*PLACES[place]) as found:
        typed = type_in(found, runbook_of(found.saved))
        assert {each.what for each in difference(found.saved, found.network)} == LEFT.get(place, set())
        assert reach.from_outside(found.leaver)
        assert Rpc(found.leaver).call("pool.get_all")
        assert (3 in typed) == (place == "renamed cards")


def set_up(sim: Simulation, uuid: str) -> None:
    """Everything on a member that a scene does not say: IPv6, MTU, names, routes, search domain, no unplugging."""
    database = sim.host("master").database
    for ref, pif in database.records("PIF").items():
        if database.field("host", str(pif["host"]), "uuid") != uuid or pif["physical"]:
            continue
        six = {"ipv6_configuration_mode": "Static", "IPv6": ["fd00:7::5/64"], "ipv6_gateway": "fd00:7::1"}
        rest = {"other_config": {"domain": "lab.example"}, "disallow_unplug": True, "DNS": "10.0.0.53,fd00::53"}
        rest |= {} if pif["management"] else {"primary_address_type": "IPv6"}
        four = {"ip_configuration_mode": "Static", "IP": "10.7.0.2", "netmask": "255.255.255.0"}
        database.set("PIF", ref, **six, **rest, **({} if pif["management"] else four))
        network = {"MTU": 9000, "other_config": {"static-routes": "10.9.0.0/16/10.7.0.254"}, "name_description": "ü $x"}
        marks = {"tags": ["dmz", "rack 7"], "purpose": ["nbd"], "default_locking_mode": "disabled"}
        database.set("network", str(pif["network"]), **network, **marks)


@pytest.mark.parametrize("management", ["{nic: eth2}", "{nic: eth1, vlan: 30}"])
def test_ipv6_mtu_routes_names_and_settings_come_back_too(management: str) -> None:
    with running(pair(f"management: {management}", f"{BONDED}, {TAGGED}, {TUNNEL}")) as sim:
        set_up(sim, sim.host("leaver").uuid)
        found = eject(sim, sim.host("master"), sim.host("leaver"))
        assert found.saved.complete
        type_in(found, runbook_of(found.saved))
        assert difference(found.saved, found.network) == ()
        bond = found.network.of_kind(Kind.BOND)[0]
        assert bond.address.ipv6 == ("fd00:7::5/64",)
        assert (bond.disallow_unplug, bond.settings) == (True, {"domain": "lab.example"})


def test_the_script_has_the_runbooks_commands_and_says_when_it_is_not_whole() -> None:
    with running("ibm-cloud") as sim:
        saved = snapshot_of(read(sim.host("ibm-1")), sim.host("ibm-2").uuid)
    script = as_script(replace(saved, missing=("The pool did not say all: bond.",)), timezone.now())
    lines = [line for step in runbook_of(saved).steps[3:-1] for line in step.section.lines]
    assert [line for line in script.splitlines() if not line.startswith("#") and line not in ("", "set -e")] == lines
    assert "# NOT COMPLETE: The pool did not say all: bond." in script


def test_what_lies_on_sr_iov_is_named_and_stops_nothing_else_and_a_long_route_is_whole() -> None:
    with running("ibm-cloud") as sim:
        saved = snapshot_of(read(sim.host("ibm-1")), sim.host("ibm-2").uuid)
    nic, network = saved.nics[0], saved.networks[0].uuid
    virtual = replace(nic, key="sr-iov:x", kind=Kind.SRIOV, network=network, settings={"domain": "lab"})
    tagged = replace(virtual, key=f"vlan:{network}:9", kind=Kind.VLAN, vlan=9)
    layer = Layer(key=tagged.key, uuid="", network=network, below=virtual.key, tag=9)
    routes = ",".join(f"10.{part}.0.0/16/10.250.0.254" for part in range(40))
    networks = tuple(replace(each, settings={"static-routes": routes}) for each in saved.networks)
    full = replace(saved, interfaces=(*saved.interfaces, virtual, tagged), vlans=(*saved.vlans, layer))
    script = as_script(replace(full, networks=networks), timezone.now())
    assert "$S0" not in script
    assert "vlan=9" not in script
    assert script.count("# NOT MADE AGAIN") == len([virtual, tagged])
    assert routes in script


@pytest.mark.parametrize("name", ["a'; reboot; '", "$(reboot)", "a\nreboot", "`id`", '"', "\u202egnirts", "", "$HOST"])
def test_no_name_becomes_a_command(name: str) -> None:
    """Read by the shell's own rules, a value is one word, and it is the name without what no keyboard types."""
    (word,) = shlex.split(quoted(name))
    assert word == "".join(letter for letter in name if letter.isprintable())
    assert "\n" not in quoted(name)
    assert "$" not in name or quoted(name).startswith("'")
