"""Servers installed at the first look: nothing that anybody sees is different from those installed at once."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.database import Database
from simulator.running import Simulation, running
from simulator.scenes.loader import parse
from simulator.scenes.model import Scene
from simulator.world import build
from tests.simulator.rpc import Rpc, XapiFailure
from tests.simulator.waiting import until

ESTATE = """
name: small
estates:
  - pools: 2
    hosts: 3
    storage: [{name: Filer, shared: true}]
    vms: 5
    vm: {name: "vm-{pool}-{n}", power_state: Running, disks: [{name: root, sr: Filer}]}
hosts:
  - {name: alone}
"""
DIFFERENT = {"uuid", "location", "obj_uuid", "MAC", "not_before", "not_after"}  # from one start to the next


@pytest.fixture
def scene() -> Scene:
    return parse(ESTATE, "small.yaml")


@pytest.fixture
def lazily(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "AT_ONCE", 0)


@pytest.fixture
def lazy(scene: Scene, lazily: None) -> Iterator[Simulation]:
    with running(scene) as found:
        yield found


def plain(database: Database) -> dict[str, list[str]]:
    """What stands in all rows, but for references, random identities and times."""
    found = {}
    for cls, table in database.tables.items():
        names = [name for name, spec in table.spec.fields.items() if "ref" not in repr(spec.type)]
        kept = [name for name in names if name not in DIFFERENT and "fingerprint" not in name]
        found[cls] = sorted(repr([without_times(row[name]) for name in kept]) for row in database.records(cls).values())
    return found


def without_times(value: object) -> object:
    return {k: v for k, v in value.items() if not k.endswith("_time")} if isinstance(value, dict) else value


def machines(sim: Simulation) -> list[object]:
    return [(host.name, host.role, host.password, host.disk.plugs, host.up, host.reachable) for host in sim.hosts]


def test_a_pool_installed_late_is_the_pool_installed_at_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(scene, port=24_680) as sim:
        at_once = [plain(host.database) for host in sim.hosts], machines(sim)
    monkeypatch.setattr(build, "AT_ONCE", 0)
    with running(scene, port=24_680) as sim:
        assert [host.name for host in sim.world.machines if not host.installed] == [
            "alone", "xs-02-01", "xs-02-02", "xs-02-03",
        ]  # fmt: skip
        assert ([plain(host.database) for host in sim.hosts], machines(sim)) == at_once


def test_the_first_call_finds_a_whole_pool(lazy: Simulation) -> None:
    master, member = lazy.host("xs-02-01"), next(host for host in lazy.hosts if host.name == "xs-02-03")
    with pytest.raises(XapiFailure) as refused:
        Rpc(member).call("host.get_all")
    assert refused.value.description == ["HOST_IS_SLAVE", master.address]
    assert len(Rpc(master).call("host.get_all")) == 3  # type: ignore[arg-type]
    assert {call.method for call in lazy.calls(host="xs-02-01")} == {"session.login_with_password", "host.get_all"}


def test_who_asks_first_waits_and_who_asks_meanwhile_sees_the_same(lazy: Simulation) -> None:
    hosts = [host for host in lazy.world.machines if host.name.startswith("xs-02")]
    assert not any(host.installed for host in hosts)
    assert len({id(host.database) for host in hosts}) == 1
    assert all(host.installed for host in hosts)


def test_a_server_switched_off_unseen_dies_as_any_other(lazy: Simulation) -> None:
    member = next(host for host in lazy.world.machines if host.name == "xs-02-02")
    lazy.world.power_off(member)
    rpc = Rpc(lazy.host("xs-02-01"))
    metrics = rpc.record("host", member.ref)["metrics"]
    assert rpc.record("host_metrics", metrics)["live"] is True
    until(lambda: rpc.record("host_metrics", metrics)["live"] is False)


def test_a_fault_that_waits_is_not_used_up_by_the_installation(lazy: Simulation) -> None:
    lazy.fault("join_metadata_lost", host="*")
    assert len(lazy.host("xs-02-01").database.refs("host")) == 3
    assert [fault.kind for fault in lazy.world.faults.waiting()] == ["join_metadata_lost"]


def test_the_state_file_has_what_was_looked_at_and_the_rest_is_as_the_scene_says(
    scene: Scene, lazily: None, tmp_path: Path
) -> None:
    state = tmp_path / "state.json"
    with running(scene, state=state) as sim:
        assert Rpc(sim.host("alone")).call("host.get_all")
        sim.host("alone").database.create("network", name_label="mine")
    saved = [machine["name"] for machine in json.loads(state.read_text())["machines"]]
    assert saved == ["alone", "xs-01-01", "xs-01-02", "xs-01-03"]
    with running(scene, state=state) as sim:
        assert not sim.hosts[-1].installed
        assert sim.host("alone").database.find("network", name_label="mine")
        assert len(Rpc(sim.host("xs-02-01")).call("host.get_all")) == 3  # type: ignore[arg-type]
