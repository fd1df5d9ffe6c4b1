"""Many equal pools in a few lines of a scene."""

import pytest

from simulator.running import running
from simulator.scenes.loader import load, parse
from simulator.scenes.validate import SceneError


def test_pools_servers_and_vms_are_numbered_and_dealt_out() -> None:
    scene = parse("{name: x, estates: [{pools: 2, hosts: 3, vms: 5}]}", "x.yaml")
    assert [host.name for host in scene.hosts] == [f"xs-{pool:02}-{n:02}" for pool in (1, 2) for n in (1, 2, 3)]
    assert [(pool.name, pool.master, len(pool.vms)) for pool in scene.pools] == [
        ("pool-01", "xs-01-01", 3),
        ("pool-02", "xs-02-01", 2),
    ]


@pytest.mark.parametrize(
    ("estate", "path", "expected"),
    [
        ("{pools: 0}", "scene.estates[0].pools", "a number from 1, got 0"),
        ("{pools: 1, hosts: -1}", "scene.estates[0].hosts", "a number from 1"),
        ("{pools: 2, name: same}", "scene.estates[0].name", "{pool} in it"),
        ('{pools: 2, host: {name: "xs-{pool}"}}', "scene.estates[0].host.name", "{pool} and {n} in it"),
        ('{pools: 2, host: {name: "xs-{pool}-{n}-{rack}"}}', "scene.estates[0]", "no names but {pool} and {n}"),
        ("{hosts: 2}", "scene.estates[0].pools", "a value"),
    ],
)
def test_a_wrong_estate_is_named(estate: str, path: str, expected: str) -> None:
    with pytest.raises(SceneError) as error:
        parse(f"{{name: x, estates: [{estate}]}}", "x.yaml")
    assert path in str(error.value)
    assert expected in str(error.value)


def test_vms_of_a_pool_run_on_its_hosts_in_turn() -> None:
    vms = '{name: "vm-{pool}-{n}", power_state: Running}'
    with running(parse(f"{{name: x, estates: [{{pools: 1, hosts: 2, vms: 3, vm: {vms}}}]}}", "x.yaml")) as sim:
        database = sim.hosts[0].database
        guests = [row for row in database.records("VM").values() if str(row["name_label"]).startswith("vm-")]
        assert [row["resident_on"] for row in guests] == [sim.hosts[n].ref for n in (0, 1, 0)]


def test_the_large_estate_is_as_large_as_it_says() -> None:
    scene = load("large-estate")
    assert (len(scene.pools), len(scene.hosts)) == (64, 1024)
    assert sum(len(pool.vms) for pool in scene.pools) == 5000


def test_the_large_estate_answers_anywhere_without_being_installed_everywhere() -> None:
    with running("large-estate") as sim:
        last = sim.hosts[-1]
        assert last.name == "xs-64-16"
        database = last.database
        assert (len(database.refs("host")), len(database.refs("VM"))) == (16, 78 + 16 + 2)
        assert len(sim.world.installed) == 32
