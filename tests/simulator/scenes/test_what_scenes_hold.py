"""Every scene that issue 3 asks for starts, and holds what its documentation says."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from simulator.running import Simulation, running
from simulator.scenes.loader import load, names, parse
from simulator.xapi.rows import Row, rows

DOCUMENT = Path(__file__).parents[3] / "docs" / "simulator" / "scenes.md"


@dataclass(frozen=True)
class Holds:
    """Servers, pools of several servers, servers that answer, and running VMs (None: not looked at)."""

    hosts: int
    pools: int
    answering: int
    running: int | None = 0


SCENES = {
    "two-standalone": Holds(2, 0, 2),
    "sixteen-standalone": Holds(16, 0, 16),
    "sixty-four-standalone": Holds(64, 0, 64),
    "mixed-vendors": Holds(3, 0, 3),
    "cpu-generations": Holds(7, 2, 7, 2),
    "every-join-refusal": Holds(46, 1, 46, 1),
    "pool-of-four": Holds(4, 1, 4),
    "ibm-cloud": Holds(5, 1, 5),
    "bond-museum": Holds(30, 1, 30),
    "busy-member": Holds(3, 1, 3, 20),
    "ha-pool": Holds(3, 1, 3, 2),
    "dead-member": Holds(3, 1, 2, 3),
    "dead-coordinator": Holds(3, 1, 2),
    "lacp-only-switch": Holds(2, 1, 2),
    "old-and-new": Holds(8, 2, 8),
    "hostile-names": Holds(3, 1, 3, 2),
    "large-estate": Holds(1024, 64, 1024, None),
    "practice-lab": Holds(10, 1, 10, 3),
}


def test_all_scenes_are_known_here() -> None:
    assert sorted(SCENES) == names()


@pytest.mark.parametrize("name", SCENES)
def test_every_scene_starts_and_says_what_it_holds(name: str) -> None:
    """One start each; nothing is waited for."""
    assert load(name).description
    with running(name) as sim:
        found = Holds(
            len(sim.hosts),
            len(sim.world.scene.pools),
            sum(host.up for host in sim.hosts),
            None if SCENES[name].running is None else _running(sim),
        )
    assert found == SCENES[name]


def _running(sim: Simulation) -> int:
    databases = {id(host.database): host.database for host in sim.hosts}
    guests = [vm for each in databases.values() for vm in rows(each, "VM", is_control_domain=False)]
    return sum(vm.text("power_state") == "Running" for vm in guests)


def test_the_documents_table_has_each_scene_with_its_numbers() -> None:
    found = re.findall(r"^\| `([a-z0-9-]+)` \| (\d+) \| (\d+) \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    said = {name: (int(hosts), int(pools)) for name, hosts, pools in found}
    assert said == {name: (holds.hosts, holds.pools) for name, holds in SCENES.items()}


def test_the_busy_member_has_one_guest_for_each_reason() -> None:
    """pool.md 5.2: the reason is the guest's name, and two guests are in nobody's way."""
    with running("busy-member") as sim:
        host = Row(sim.hosts[0].database, "host", sim.host("busy").ref)
        guests = {vm.text("name_label") for vm in host.all("resident_VMs", "VM") if not vm.flag("is_control_domain")}
        assert {"mail", "web"} < guests
        assert len(guests) == 21


def test_a_guest_started_before_the_older_servers_came_cannot_move_to_them() -> None:
    """pool.md 6.2: one that started afterwards has the level of the oldest."""
    with running("cpu-generations") as sim:
        database = sim.host("icelake-1").database
        (pool,) = rows(database, "pool")
        level = pool.mapping("cpu_info")["features_hvm_host"]
        flags = {vm.text("name_label"): vm.mapping("last_boot_CPU_flags") for vm in rows(database, "VM")}
        assert flags["started-after"]["features"] == level
        assert flags["started-before"]["features"] not in ("", level)


def test_a_vm_of_the_pool_may_run_on_a_server_that_did_not_describe_it() -> None:
    text = """
name: moved
hosts:
  - {name: one, vms: [{name: a, power_state: Running}, {name: b}]}
  - {name: two, running: [a, b]}
pools: [{name: p, master: one, members: [two]}]
"""
    with running(parse(text, "moved.yaml")) as sim:
        two = Row(sim.hosts[0].database, "host", sim.host("two").ref)
        here = {vm.text("name_label") for vm in two.all("resident_VMs", "VM") if not vm.flag("is_control_domain")}
        assert here == {"a", "b"}
