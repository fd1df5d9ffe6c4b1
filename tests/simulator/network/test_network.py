"""Networks that come and go (network.md 2.8)."""

from simulator.world.host import HostMachine
from simulator.xapi.network.rows import network_of_bridge
from tests.simulator.network.rows import guest_vif, network, spare
from tests.simulator.rpc import Rpc
from tests.simulator.waiting import until

NEW = {"name_label": "Guests", "other_config": {}}


def bridge_of(rpc: Rpc, ref: str) -> object:
    return rpc.record("network", ref)["bridge"]


def test_the_number_of_a_bridge_only_grows_until_the_toolstack_restarts(host: HostMachine, rpc: Rpc) -> None:
    made = rpc.ref("network.create", NEW)
    assert bridge_of(rpc, made) == "xapi0"
    rpc.call("network.destroy", made)
    made = rpc.ref("network.create", NEW)
    assert bridge_of(rpc, made) == "xapi1"
    life = host.life
    rpc.call("host.restart_agent", host.ref)
    until(lambda: host.life is not life and host.up)
    again = Rpc(host)
    assert bridge_of(again, again.ref("network.create", NEW)) == "xapi0"


def test_a_size_that_is_none_becomes_the_usual_one(rpc: Rpc) -> None:
    assert rpc.record("network", rpc.ref("network.create", {**NEW, "MTU": -5}))["MTU"] == 1500


def test_a_network_takes_the_interfaces_of_halted_vms_with_it(host: HostMachine, rpc: Rpc) -> None:
    found = network(host)
    vif = guest_vif(host, found, "Halted")
    rpc.call("network.destroy", found.ref)
    assert not host.database.has("VIF", vif.ref)


def test_the_mtu_of_a_network_takes_effect_with_the_next_plug(host: HostMachine, rpc: Rpc) -> None:
    """network.md 1.2."""
    rpc.call("network.set_MTU", spare(host).text("network"), 9000)
    assert spare(host).number("MTU") == 1500
    rpc.call("PIF.plug", spare(host).ref)
    assert spare(host).number("MTU") == host.interfaces.plugs["xenbr1"].mtu == 9000


def test_attaching_plugs_the_cards_or_makes_a_bridge_inside_of_the_host(host: HostMachine, rpc: Rpc) -> None:
    rpc.call("PIF.unplug", spare(host).ref)
    rpc.call("network.attach", spare(host).text("network"), host.ref)
    assert spare(host).flag("currently_attached")
    inside = network(host)
    rpc.call("network.attach", inside.ref, host.ref)
    assert host.interfaces.plugs[inside.text("bridge")].nics == ()


def test_purposes_are_added_and_removed(host: HostMachine, rpc: Rpc) -> None:
    found = network_of_bridge(host.database, "xenbr0")
    assert found is not None
    rpc.call("network.add_purpose", found.ref, "nbd")
    rpc.call("network.add_purpose", found.ref, "nbd")
    assert found.items("purpose") == ["nbd"]
    rpc.call("network.remove_purpose", found.ref, "nbd")
    assert found.items("purpose") == []
