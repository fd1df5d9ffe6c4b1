"""What a scene may say beyond single servers."""

import pytest

from simulator.running import running
from simulator.scenes.loader import parse
from simulator.scenes.validate import SceneError
from simulator.world import reach
from simulator.xapi.rows import first

SCENE = """
name: facts
hosts:
  - name: first
    nics: 4
    nic_order: {eth2: 3, eth3: 2}
    addresses: {eth1: 10.9.0.1}
    bonds: [{network: storage, nics: [eth2, eth3], mode: lacp, properties: {hashing_algorithm: src_mac}, ip: 10.8.0.1}]
    srs: [{name: filer, shared: true}]
    cables: {eth0: left/1}
pools: [{name: p, master: first, default_sr: filer}]
switches: [{name: left, ports: [{name: "1", vlans: [7], lacp: active, fallback: false}]}]
storages: [{name: filer, networks: [storage]}]
damage: [{host: first, name: bond-without-primary}]
"""


def test_a_scene_can_say_order_addresses_properties_and_damage() -> None:
    with running(parse(SCENE, "facts.yaml")) as sim:
        host, database = sim.hosts[0], sim.hosts[0].database
        bond, pool = first(database, "Bond"), first(database, "pool")
        assert bond
        assert pool
        assert bond.mapping("properties") == {"lacp-time": "slow", "lacp-fallback-ab": "true"} | {
            "hashing_algorithm": "src_mac"
        }
        assert bond.text("primary_slave") == "OpaqueRef:NULL"
        assert pool.to("default_SR", "SR").text("name_label") == "filer"
        swapped = first(database, "PIF", device="eth2")
        assert swapped
        assert swapped.to("network", "network").text("bridge") == "xenbr3"
        plugs = {plug.address: plug for plug in host.interfaces.plugs.values() if plug.address}
        assert plugs.keys() == {host.address, "10.9.0.1", "10.8.0.1"}
        assert [nic.device for nic in reach.lit(host, plugs["10.8.0.1"].bridge)] == ["eth2", "eth3"]
        assert host.interfaces.management == "xenbr0"
        assert sim.world.switches["left"].ports[0].lacp == "active"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [("left/1", "left/2", "first.cables.eth0"), ("bond-without-primary", "rust", "damage[0].name")],
)
def test_a_wrong_fact_is_named(old: str, new: str, expected: str) -> None:
    with pytest.raises(SceneError, match=r"facts\.yaml") as error:
        parse(SCENE.replace(old, new), "facts.yaml")
    assert expected in str(error.value)
