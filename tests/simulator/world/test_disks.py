"""Data lies on disks and filers, not in rows (issue's point 4)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.running import Simulation, running
from simulator.scenes.loader import parse
from simulator.world import disks
from simulator.world.host import HostMachine
from simulator.world.switches import change_port, connect, set_carrier
from simulator.xapi.errors import XapiError
from simulator.xapi.rows import Row, first

SCENE = """
name: disks
hosts:
  - name: first
    disks: [{name: sda, size_gib: 100}, {name: sdb}]
    vms: [{name: web, disks: [{name: system, size_gib: 30}]}]
    srs: [{name: filer, shared: true}]
    addresses: {eth1: 10.9.0.1}
    cables: {eth1: s/1}
  - {name: second}
switches: [{name: s, ports: [{name: "1", native: 9}]}]
storages: [{name: filer, networks: [Pool-wide network 1], vlan: 9}]
"""


@pytest.fixture
def sim() -> Iterator[Simulation]:
    with running(parse(SCENE, "disks.yaml")) as found:
        yield found


@pytest.fixture
def host(sim: Simulation) -> HostMachine:
    return sim.hosts[0]


def sr(host: HostMachine, name: str = "Local storage") -> Row:
    found = first(host.database, "SR", name_label=name)
    assert found
    return found


def test_the_local_sr_is_as_large_as_its_disk(host: HostMachine) -> None:
    assert sr(host).number("physical_size") == 100 * 1024**3


def test_a_disk_holds_the_vdis_of_its_srs_until_it_is_wiped(host: HostMachine) -> None:
    kept = disks.contents(host)
    assert [sorted(vdis.values()) for vdis in kept.values()] == [["system"]]
    assert disks.reachable(host, sr(host))
    assert disks.wipe(host) == kept
    assert disks.contents(host) == {}
    assert not disks.reachable(host, sr(host))


def test_data_of_rows_that_are_gone_is_still_on_the_disk(host: HostMachine) -> None:
    """pool.md 3.7: host.destroy forgets rows, the server keeps what is on its disks."""
    kept = disks.contents(host)
    host.database.delete("SR", sr(host).ref)
    assert disks.contents(host) == kept


def test_a_disk_in_another_server_is_out_of_reach(sim: Simulation, host: HostMachine) -> None:
    assert disks.contents(host)
    assert not disks.reachable(sim.hosts[1], sr(host))


def test_a_filer_answers_on_its_network_and_vlan_only(sim: Simulation, host: HostMachine) -> None:
    filer, eth1 = sr(host, "filer"), host.hardware.nics[1]
    assert disks.reachable(host, filer)
    set_carrier(host, eth1, on=False)
    assert not disks.reachable(host, filer)
    set_carrier(host, eth1, on=True)
    change_port(sim.world, "s", "1", {"native": 8})
    assert not disks.reachable(host, filer)
    disks.change_storage(sim.world, "filer", {"vlan": 8})
    assert disks.reachable(host, filer)
    disks.change_storage(sim.world, "filer", {"online": False})
    assert not disks.reachable(host, filer)
    assert not disks.reachable(sim.hosts[1], filer)


def test_what_no_scene_describes_is_reached(host: HostMachine) -> None:
    assert disks.reachable(host, sr(host, "XCP-ng Tools"))


def test_a_full_disk_takes_nothing(sim: Simulation, host: HostMachine) -> None:
    local, gib = sr(host), 1024**3
    disks.assert_room(host, local, 70 * gib)
    with pytest.raises(XapiError) as refused:
        disks.assert_room(host, local, 71 * gib)
    assert refused.value.description == ["SR_FULL", str(71 * gib), str(70 * gib)]
    disks.fill(host, host.hardware.disks[0], full=True)
    assert local.number("physical_utilisation") == local.number("physical_size")
    with pytest.raises(XapiError):
        disks.assert_room(host, local, 1)
    disks.fill(host, host.hardware.disks[0], full=False)
    disks.assert_room(host, local, 70 * gib)
    disks.change_storage(sim.world, "filer", {"full": True})
    with pytest.raises(XapiError):
        disks.assert_room(host, sr(host, "filer"), 1)


def test_disks_filers_and_cables_outlive_the_lab(tmp_path: Path) -> None:
    scene, state = parse(SCENE, "disks.yaml"), tmp_path / "state.json"
    with running(scene, state=state) as sim:
        host = sim.hosts[0]
        lost = disks.wipe(host)
        disks.fill(host, host.hardware.disks[1], full=True)
        disks.change_storage(sim.world, "filer", {"online": False})
        change_port(sim.world, "s", "1", {"native": 8})
        set_carrier(host, host.hardware.nics[0], on=False)
        connect(host, host.hardware.nics[2], "")
    with running(scene, state=state) as again:
        found = again.hosts[0]
        assert list(found.disk.wiped) == list(lost)
        assert [disk.full for disk in found.hardware.disks] == [False, True]
        assert not again.world.storages["filer"].online
        assert again.world.switches["s"].ports[0].native == 8
        assert [nic.port for nic in found.hardware.nics] == ["flat", "s/1", "", "flat"]
        assert not found.reachable
