from pathlib import Path

import pytest

from simulator.running import running
from simulator.scenes.loader import load, parse
from simulator.scenes.validate import SceneError
from simulator.xapi.machines import host_row
from simulator.xapi.network.owned import bonds_of


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("- 1", "scene", "a mapping"),
        ("{name: x}", "scene.hosts", "at least one host"),
        ("{name: x, hosts: []}", "scene.hosts", "at least one host"),
        ("{name: x, hosts: [{name: a, colour: red}]}", "scene.hosts[0].colour", "one of addresses, api_version"),
        ("{name: x, hosts: [{name: 7}]}", "scene.hosts[0].name", "text, got 7"),
        ("{name: x, hosts: [{name: a, nics: two}]}", "scene.hosts[0].nics", "a whole number, got 'two'"),
        ("{name: x, hosts: [{name: a, count: 2}]}", "scene.hosts[0].name", "{n}"),
        ("{name: x, hosts: [{name: a}, {name: a}]}", "scene.hosts", "names that differ, got 'a'"),
        ("{name: x, hosts: [{name: a, cpu: {model: z80}}]}", "a.cpu.model", "one of haswell"),
        ("{name: x, hosts: [{name: a, spoil: [fun]}]}", "a.spoil", "one of"),
        ("{name: x, hosts: [{name: a}], pools: [{name: p, master: b}]}", "pools.p", "hosts of this scene"),
        ("{name: x, hosts: [{name: a, vms: [{name: v, power_state: On}]}]}", ".power_state", "Running, Halted"),
        ("a: [", "scene", "YAML"),
    ],
)
def test_a_wrong_scene_names_file_path_and_expectation(text: str, path: str, expected: str) -> None:
    with pytest.raises(SceneError) as error:
        parse(text, "mine.yaml")
    assert str(error.value).startswith("mine.yaml: ")
    assert path in str(error.value)
    assert expected in str(error.value)


def test_an_unknown_scene_names_those_that_exist() -> None:
    with pytest.raises(SceneError, match="two-standalone"):
        load("nowhere")


def test_a_scene_may_be_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("{name: own, hosts: [{name: a, nics: 1}]}")
    assert load(str(path)).hosts[0].nics == 1


def test_the_same_scene_has_the_same_uuids_each_time() -> None:
    seen = []
    for _ in range(2):
        with running("two-standalone") as sim:
            seen.append([(host.uuid, host.hardware.nics[0].mac) for host in sim.hosts])
    assert seen[0] == seen[1]


def test_the_practice_lab_has_a_pool_at_work() -> None:
    with running("practice-lab") as sim:
        master, member = sim.host("office-1"), sim.host("office-2")
        assert member.database is master.database
        assert member.role == f"slave:{master.address}"
        (bond,) = bonds_of(host_row(member))
        assert bond.text("mode") == "lacp"
        (shared,) = master.database.find("SR", name_label="Office NFS")
        assert len(master.database.get("SR", shared)["PBDs"]) == 2  # type: ignore[arg-type]


def test_fields_may_be_set_one_by_one() -> None:
    text = "{name: x, hosts: [{name: a, set: {host: {edition: free}, pool: {ha_enabled: true}}}]}"
    with running(parse(text, "x.yaml")) as sim:
        database = sim.hosts[0].database
        assert database.field("host", sim.hosts[0].ref, "edition") == "free"
        assert database.field("pool", database.refs("pool")[0], "ha_enabled") is True
