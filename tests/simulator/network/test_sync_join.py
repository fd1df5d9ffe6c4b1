"""How a joiner's networks and cards come into the pool (network.md 3.2)."""

from simulator.running import Simulation, running
from simulator.scenes.loader import parse
from simulator.scenes.model import VmSpec
from simulator.world.host import HostMachine
from simulator.xapi.machines import host_row
from simulator.xapi.network.rows import add_network
from simulator.xapi.rows import Row, first
from simulator.xapi.vm.rows import add_guest
from tests.simulator.network.bonding import address
from tests.simulator.network.rows import card
from tests.simulator.pool.joining import joined
from tests.simulator.waiting import until


def join(sim: Simulation) -> HostMachine:
    master, joiner = sim.hosts
    joined(sim, joiner, master)
    until(lambda: joiner.settled)
    return joiner


def named(host: HostMachine, label: str) -> Row | None:
    return first(host.database, "network", name_label=label)


def test_networks_of_other_bridges_are_refused_and_swallowed(sim: Simulation) -> None:
    """network.md 3.2 [D]: xapi's own names are refused, taken ones too; a name of one's own is made anew."""
    master, joiner = sim.hosts
    add_network(master.database, "Taken", "lab0")
    for label, bridge in (("Private", "xapi7"), ("Also lab0", "lab0"), ("Mine", "lab1")):
        add_network(joiner.database, label, bridge)
    join(sim)
    assert [named(master, label) is not None for label in ("Private", "Also lab0", "Mine")] == [False, False, True]


def test_a_private_vif_lands_on_the_network_of_its_bridge(sim: Simulation) -> None:
    """network.md 3.2 [D]: a VM's network is looked for by label, then by bridge, often a bond's."""
    master, joiner = sim.hosts
    add_network(master.database, "Bond of the pool", "xapi0")
    add_network(joiner.database, "Private", "xapi0")
    guest = add_guest(host_row(joiner), VmSpec(name="web", networks=("Private",)))
    join(sim)
    vm = first(joiner.database, "VM", uuid=guest.uuid)
    assert vm
    [vif] = vm.all("VIFs", "VIF")
    assert vif.to("network", "network").text("name_label") == "Bond of the pool"


def test_a_network_of_a_card_is_the_pools_with_its_bridge(sim: Simulation) -> None:
    """Never by label, MAC or cable: name, MTU and other_config of the joiner's are lost."""
    master, joiner = sim.hosts
    card(joiner, "eth1").to("network", "network").set(name_label="Telephones", MTU=9000, tags=["old"])
    join(sim)
    network = card(joiner, "eth1").to("network", "network")
    assert network == card(master, "eth1").to("network", "network")
    assert (network.text("name_label"), network.number("MTU"), named(master, "Telephones")) == (
        "Pool-wide network 1", 1500, None,
    )  # fmt: skip


def test_a_card_beyond_the_masters_brings_its_network_without_tags() -> None:
    scene = parse("{name: more, hosts: [{name: one, nics: 2}, {name: two, nics: 3}]}", "more.yaml")
    with running(scene) as sim:
        card(sim.hosts[1], "eth2").to("network", "network").set(name_label="Third", tags=["old"])
        join(sim)
        found = named(sim.hosts[0], "Third")
        assert found
        assert (found.text("bridge"), found.items("tags")) == ("xenbr2", [])


def test_a_card_keeps_its_settings_and_gets_another_uuid(sim: Simulation) -> None:
    joiner = sim.hosts[1]
    pif = address(card(joiner, "eth3"), "127.55.0.1")
    pif.set(other_config={"management_purpose": "Storage"}, disallow_unplug=True)
    uuid = pif.uuid
    join(sim)
    now = card(joiner, "eth3")
    assert (now.text("IP"), now.mapping("other_config"), now.flag("disallow_unplug")) == (
        "127.55.0.1", {"management_purpose": "Storage"}, True,
    )  # fmt: skip
    assert now.uuid != uuid
    assert now.flag("currently_attached")


def test_a_management_vlan_takes_the_bridge_of_the_masters() -> None:
    text = """
name: tagged
hosts:
  - {name: one, networks: [Before], management: {vlan: 12}}
  - {name: two, management: {vlan: 12}}
"""
    with running(parse(text, "tagged.yaml")) as sim:
        master, joiner = sim.hosts
        assert joiner.interfaces.management == "xapi0"
        first(master.database, "PIF", management=True).to("network", "network").set(bridge="xapi9")  # type: ignore[union-attr]
        master.interfaces.put(master.interfaces.plugs["xapi0"])
        join(sim)
        assert joiner.interfaces.management == "xapi9"
        managing = first(joiner.database, "PIF", host=joiner.ref, management=True)
        assert managing
        assert (managing.number("VLAN"), managing.flag("currently_attached")) == (12, True)
        assert host_row(joiner).text("address") == joiner.address
