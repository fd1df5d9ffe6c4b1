"""The scenes of networking hold what their pages promise (network.md 1.7, 3.8)."""

from collections.abc import Callable, Iterator

import pytest

from simulator.running import Simulation, running
from simulator.scenes.loader import parse
from simulator.scenes.validate import SceneError
from simulator.world import reach
from simulator.world.host import HostMachine
from simulator.xapi.machines import host_row
from simulator.xapi.network.owned import bonds_of, vlans_of
from simulator.xapi.network.rows import pif_on
from simulator.xapi.network.sync import position, wanted
from simulator.xapi.rows import NULL, Row, first, rows
from tests.simulator.network.bonding import bonds_by_network, master, members
from tests.simulator.network.pair import start_again
from tests.simulator.network.rows import card
from tests.simulator.pool.joining import joined
from tests.simulator.rpc import Rpc
from tests.simulator.waiting import until

MANAGEMENT, STORAGE = "Management bond", "Storage bond"
LACP = {"hashing_algorithm": "tcpudp_ports", "lacp-time": "slow", "lacp-fallback-ab": "true"}
# The table of network.md 1.7: device, VLAN -> physical, attached, mode, management, bridge, properties.
TABLE = {
    ("eth0", -1): (True, False, "None", False, "xenbr0", {"gro": "on"}),
    ("eth1", -1): (True, False, "None", False, "xenbr1", {"gro": "on"}),
    ("eth2", -1): (True, False, "None", False, "xenbr2", {"gro": "on"}),
    ("eth3", -1): (True, False, "None", False, "xenbr3", {"gro": "on"}),
    ("bond0", -1): (False, True, "Static", True, "xapi0", {"gro": "on"}),
    ("bond1", -1): (False, True, "None", False, "xapi1", {"gro": "on"}),
    ("bond1", 10): (False, False, "None", False, "xapi2", {}),
    ("bond1", 20): (False, False, "None", False, "xapi3", {}),
}


def test_pool_of_four_is_the_table_of_the_facts() -> None:
    with running("pool-of-four") as sim:
        for host in sim.hosts[1:]:
            pifs = host_row(host).all("PIFs", "PIF")
            assert {(pif.text("device"), pif.number("VLAN")): _shown(pif) for pif in pifs} == TABLE
            assert len({pif.text("metrics") for pif in pifs}) == 6
            one, two = bonds_of(host_row(host))
            assert (one.text("mode"), one.mapping("properties"), one.number("links_up")) == ("active-backup", {}, 2)
            assert (two.text("mode"), two.mapping("properties"), two.number("links_up")) == ("lacp", LACP, 2)
            assert one.to("primary_slave", "PIF").text("device") == "eth0"
            assert {vlan.to("tagged_PIF", "PIF") for vlan in vlans_of(host_row(host))} == {master(two)}
        labels = {net.text("bridge"): net.text("name_label") for net in rows(sim.hosts[0].database, "network")}
        assert (labels["xapi0"], labels["xapi3"], labels["xenbr2"]) == ("Bond 0+1", "VLAN 20", "Pool-wide network 2")


def _shown(pif: Row) -> tuple[object, ...]:
    flags = pif.flag("physical"), pif.flag("currently_attached"), pif.text("ip_configuration_mode")
    return (*flags, pif.flag("management"), pif.to("network", "network").text("bridge"), pif.mapping("properties"))


def test_ibm_cloud_has_one_member_with_crossed_bonds() -> None:
    with running("ibm-cloud") as sim:
        assert all(host.address.startswith("127.10.0.") and reach.from_outside(host) for host in sim.hosts)
        right, crossed = sim.host("ibm-2"), sim.host("ibm-3")
        assert bonds_by_network(right) == {"Private bond": {"eth0", "eth2"}, "Public bond": {"eth1", "eth3"}}
        assert bonds_by_network(crossed) == {"Private bond": {"eth1", "eth3"}, "Public bond": {"eth0", "eth2"}}
        managing = first(crossed.database, "PIF", host=crossed.ref, management=True)
        assert managing
        assert managing.to("network", "network").text("name_label") == "Public bond"
        positions = {pif.text("device"): position(pif) for pif in host_row(sim.host("ibm-5")).all("PIFs", "PIF")}
        assert positions == {"eth0": "0", "eth1": "2", "eth2": "1", "eth3": "3"}


def test_a_scene_stands_on_loopback() -> None:
    with pytest.raises(SceneError, match=r"127|loopback"):
        parse("{name: x, address_base: 10.0.0, hosts: [{name: a}]}", "x.yaml")


@pytest.fixture(scope="module")
def museum() -> Iterator[Simulation]:
    with running("bond-museum") as sim:
        yield sim


def bond_on(host: HostMachine, label: str) -> Row | None:
    found = (
        each for each in bonds_of(host_row(host)) if master(each).to("network", "network").text("name_label") == label
    )
    return next(found, None)


def storage(host: HostMachine) -> Row:
    found = bond_on(host, STORAGE)
    assert found
    return found


def want(host: HostMachine, label: str = STORAGE) -> set[str]:
    theirs = bond_on(host.world.machine("museum"), label)
    assert theirs
    return {pif.text("device") for pif in wanted(host_row(host), theirs)}


def managing(host: HostMachine) -> Row:
    found = first(host.database, "PIF", host=host.ref, management=True)
    assert found
    return found


def lower_of_guests(host: HostMachine) -> list[str]:
    network = first(host.database, "network", name_label="Guests 10")
    assert network
    return [pif.text("device") for pif in pif_on(host_row(host), network.ref)]


def cluster_device(host: HostMachine) -> str:
    found = first(host.database, "Cluster_host", host=host.ref)
    assert found
    return found.to("PIF", "PIF").to("network", "network").text("name_label")


def notes(host: HostMachine) -> dict[str, str]:
    return master(storage(host)).mapping("other_config")


def speeds(host: HostMachine) -> list[int]:
    return [card(host, f"eth{n}").to("metrics", "PIF_metrics").number("speed") for n in range(4)]


def is_duplicate(host: HostMachine) -> bool:
    """Its card stands on the second network with this bridge and name."""
    found = list(rows(host.database, "network", bridge="xenbr4", name_label="Pool-wide network 4"))
    return card(host, "eth4").to("network", "network") in found[1:]


def is_dangling(host: HostMachine) -> bool:
    bond = card(host, "eth5").text("bond_slave_of")
    return bond != NULL and not host.database.has("Bond", bond)


def hosts_on(host: HostMachine, label: str) -> set[str]:
    network = first(host.database, "network", name_label=label)
    return {pif.text("host") for pif in network.all("PIFs", "PIF")} if network else set()


def stranded(host: HostMachine) -> bool:
    vm = first(host.database, "VM", name_label="stranded", affinity=host.ref)
    return vm is not None and vm.all("VIFs", "VIF")[0].text("network") == card(host, "eth2").text("network")


SHOWN: dict[str, Callable[[HostMachine], bool]] = {
    "m00-sound": lambda host: members(storage(host)) == want(host) and notes(host) != {},
    "m01-missing": lambda host: bond_on(host, STORAGE) is None and len(want(host)) == 2,
    "m02-impossible": lambda host: bond_on(host, STORAGE) is None and want(host) == set(),
    "m03-partial": lambda host: (
        members(storage(host)) < want(host) and card(host, "eth3").text("bond_slave_of") == NULL
    ),
    "m04-taken": lambda host: members(storage(host)) < want(host) and len(bonds_by_network(host)) == 3,
    "m05-crossed": lambda host: bonds_by_network(host) == {MANAGEMENT: want(host), STORAGE: want(host, MANAGEMENT)},
    "m06-elsewhere": lambda host: bonds_by_network(host).get("Bond of nobody") == want(host),
    "m07-extra": lambda host: bonds_by_network(host).get("Backup bond") == {"eth4", "eth5"},
    "m08-mode": lambda host: storage(host).text("mode") == "balance-slb",
    "m09-primary": lambda host: storage(host).to("primary_slave", "PIF").text("device") == "eth3",
    "m10-mtu": lambda host: master(storage(host)).number("MTU") == 9000,
    "m11-no-vlan": lambda host: lower_of_guests(host) == [],
    "m12-wrong-vlan": lambda host: lower_of_guests(host) == ["eth4"],
    "m13-management": lambda host: managing(host).text("device") == "eth4",
    "m14-no-address": lambda host: managing(host).text("IP") == "" and reach.from_outside(host),
    "m15-cabling": lambda host: speeds(host) == [10_000, 1000, 1000, 10_000],
    "m16-no-card": lambda host: members(storage(host)) == {"eth2"} and not card(host, "eth5").flag("managed"),
    "m17-carrier": lambda host: storage(host).number("links_up") == 1,
    "m18-unplugged": lambda host: not master(storage(host)).flag("currently_attached"),
    "m19-member": lambda host: card(host, "eth3").text("IP") != "" and card(host, "eth3").flag("currently_attached"),
    "m20-no-position": lambda host: position(card(host, "eth5")) == "",
    "m21-two-pifs": lambda host: len(lower_of_guests(host)) == 2,
    "m22-duplicates": is_duplicate,
    "m23-orphan": lambda host: hosts_on(host, "Guests 30") == {host.ref},
    "m24-dangling": is_dangling,
    "m25-vif": stranded,
    "m26-numbers": lambda host: master(storage(host)).text("device") == "bond0",
    "m27-notes": lambda host: notes(host) == {} and members(storage(host)) == want(host),
    "m28-cluster": lambda host: cluster_device(host) == "Pool-wide network 4",
}


@pytest.mark.parametrize("name", SHOWN)
def test_each_member_of_the_museum_shows_its_mismatch(museum: Simulation, name: str) -> None:
    assert SHOWN[name](museum.host(name))
    assert name == "m00-sound" or not SHOWN[name](museum.host("m00-sound"))


def test_the_table_names_every_member(museum: Simulation) -> None:
    assert {"museum", *SHOWN} == {host.name for host in museum.hosts}


def test_a_start_does_to_the_museum_what_the_table_says() -> None:
    """network.md 3.8, column "auto"."""
    with running("bond-museum") as sim:
        repaired = ("m01-missing", "m03-partial", "m11-no-vlan", "m18-unplugged")
        for name in (*repaired, "m04-taken", "m06-elsewhere", "m08-mode"):
            start_again(sim.host(name))
        for name in repaired:
            assert members(storage(sim.host(name))) == {"eth2", "eth3"}
            assert master(storage(sim.host(name))).flag("currently_attached")
        assert lower_of_guests(sim.host("m11-no-vlan")) == ["bond1"]
        assert bond_on(sim.host("m04-taken"), STORAGE) is None
        assert bond_on(sim.host("m06-elsewhere"), STORAGE) is None
        assert storage(sim.host("m08-mode")).text("mode") == "balance-slb"


def test_crossed_bonds_need_two_restarts() -> None:
    """network.md 3.8, M5, by host.restart_agent and over the wire."""
    with running("ibm-cloud") as sim:
        host = sim.host("ibm-3")
        rpc = Rpc(sim.host("ibm-1"))
        for expected in ({"Public bond"}, {"Public bond", "Private bond"}):
            rpc.call("host.restart_agent", host.ref)
            until(lambda: host.settled)
            assert bonds_by_network(host).keys() == expected
            assert reach.from_outside(host)
        assert bonds_by_network(host) == {"Private bond": {"eth0", "eth2"}, "Public bond": {"eth1", "eth3"}}
        assert managing(host).to("network", "network").text("name_label") == "Private bond"


def test_a_server_that_counts_its_cards_otherwise_gets_other_bonds() -> None:
    """network.md 3.6, 3.7: the same position is another cable; device names say nothing of it."""
    with running("ibm-cloud") as sim:
        joiner = sim.host("ibm-5")
        joined(sim, joiner, sim.host("ibm-1"))
        until(lambda: joiner.settled)
        assert bonds_by_network(joiner) == {"Private bond": {"eth0", "eth1"}, "Public bond": {"eth2", "eth3"}}
        (private,) = [nic.device for nic in reach.lit(joiner, joiner.interfaces.management)]
        assert private == "eth0"
