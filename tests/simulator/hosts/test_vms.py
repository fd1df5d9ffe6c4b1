"""VMs start, stop, move and are copied (xapi_vm.ml, xapi_vm_lifecycle.ml; pool.md 5.2, 6.2)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from simulator.running import Simulation
from simulator.scenes.model import DiskSpec, VmSpec
from simulator.xapi.rows import NULL, Row, first, rows
from simulator.xapi.vm.operations import LISTED
from simulator.xapi.vm.place import OTHER_FEATURES
from simulator.xapi.vm.rows import add_guest
from tests.simulator.hosts.lab import calm, error, pool, row
from tests.simulator.pool.joining import joined
from tests.simulator.rpc import Rpc

LEVELS = """
name: levels
hosts:
  - {name: new, cpu: {model: icelake}, vms: [{name: guest}]}
  - {name: old, cpu: {model: haswell}}
pools: [{name: Pool, master: new, members: [old]}]
"""


def _free(host: Row) -> int:
    return host.to("metrics", "host_metrics").number("memory_free")


def test_a_vm_takes_memory_while_it_runs_and_is_bound_to_its_host() -> None:
    with calm() as sim:
        vm, host = row(sim, "VM", "idle"), row(sim, "host", "one")
        before = _free(host)
        assert error(sim, "VM.start", vm.ref, False, False) == []
        assert vm.text("resident_on") == host.ref, "its affinity"
        assert before - _free(host) == vm.number("memory_dynamic_max")
        assert vm.all("VBDs", "VBD")[0].flag("currently_attached")
        wrong = ["VM_BAD_POWER_STATE", vm.ref, "halted", "running"]
        assert error(sim, "VM.start", vm.ref, False, False) == wrong
        assert error(sim, "VM.clean_shutdown", vm.ref) == []
        assert (_free(host), vm.text("resident_on")) == (before, NULL)


def test_a_suspended_vm_has_an_image_until_it_is_resumed() -> None:
    with calm() as sim:
        vm, two = row(sim, "VM", "roaming"), row(sim, "host", "two")
        assert error(sim, "VM.suspend", vm.ref) == []
        image = vm.text("suspend_VDI")
        assert vm.database.field("VDI", image, "type") == "suspend"
        assert vm.text("resident_on") == NULL
        assert error(sim, "VM.resume_on", vm.ref, two.ref, False, False) == []
        assert not vm.database.has("VDI", image)
        assert vm.text("resident_on") == two.ref


def test_pause_reboot_and_reset() -> None:
    with calm() as sim:
        vm = row(sim, "VM", "roaming")
        for method, state in (("pause", "Paused"), ("unpause", "Running"), ("hard_reboot", "Running")):
            assert error(sim, f"VM.{method}", vm.ref) == []
            assert vm.text("power_state") == state
        assert error(sim, "VM.unpause", vm.ref) == ["VM_BAD_POWER_STATE", vm.ref, "paused", "running"]
        assert error(sim, "VM.power_state_reset", vm.ref) == []
        assert (vm.text("power_state"), vm.text("resident_on")) == ("Halted", NULL)


def test_a_vm_started_before_a_weaker_host_came_moves_there_only_after_a_reboot() -> None:
    """pool.md 6.2: running VMs keep their CPU; a start takes the pool's level of that moment."""
    with pool(LEVELS) as sim:
        vm, new, old = row(sim, "VM", "guest"), row(sim, "host", "new"), row(sim, "host", "old")
        vm.set(affinity=new.ref)
        assert error(sim, "VM.start_on", vm.ref, new.ref, False, False) == []
        mine = {"vendor": "GenuineIntel", "features": new.mapping("cpu_info")["features_hvm_host"]}
        vm.set(last_boot_CPU_flags=mine)
        told = ["VM_INCOMPATIBLE_WITH_THIS_HOST", vm.ref, old.ref, OTHER_FEATURES]
        assert error(sim, "VM.pool_migrate", vm.ref, old.ref, {}) == told
        assert error(sim, "VM.clean_reboot", vm.ref) == []
        pool_level = next(rows(vm.database, "pool")).mapping("cpu_info")["features_hvm_host"]
        assert vm.mapping("last_boot_CPU_flags")["features"] == pool_level
        assert error(sim, "VM.pool_migrate", vm.ref, old.ref, {}) == []
        assert vm.text("resident_on") == old.ref


def test_a_clone_has_its_own_disks_macs_and_uuid_and_a_snapshot_remembers() -> None:
    with calm() as sim:
        rpc, vm = Rpc(sim.hosts[0]), row(sim, "VM", "idle")
        twin = Row(vm.database, "VM", rpc.ref("VM.clone", vm.ref, "twin"))
        assert twin.uuid != vm.uuid
        assert twin.all("VBDs", "VBD")[0].text("VDI") != vm.all("VBDs", "VBD")[0].text("VDI")
        taken = Row(vm.database, "VM", rpc.ref("VM.snapshot", row(sim, "VM", "roaming").ref, "before", []))
        assert taken.flag("is_a_snapshot")
        assert taken.text("snapshot_of") == row(sim, "VM", "roaming").ref
        assert error(sim, "VM.start", taken.ref, False, False) == ["VM_IS_SNAPSHOT", taken.ref, "start"]
        assert error(sim, "VM.destroy", twin.ref) == []
        assert not vm.database.has("VM", twin.ref)


def test_memory_limits_keep_their_order_and_the_vm_is_off() -> None:
    """static_min <= dynamic_min <= dynamic_max <= static_max."""
    with calm() as sim:
        vm, most = row(sim, "VM", "idle"), 4 * 1024**3
        assert error(sim, "VM.set_memory_dynamic_max", vm.ref, most) == ["MEMORY_CONSTRAINT_VIOLATION_ORDER"]
        assert error(sim, "VM.set_memory", vm.ref, most) == []
        assert {vm.number(f"memory_{name}") for name in ("static_max", "dynamic_max", "dynamic_min")} == {most}
        running = row(sim, "VM", "roaming")
        wrong = ["VM_BAD_POWER_STATE", running.ref, "halted", "running"]
        assert error(sim, "VM.set_memory_limits", running.ref, 1, 1, 1, 1) == wrong
        assert Rpc(sim.hosts[0]).call("VM.get_allowed_VIF_devices", running.ref) == ["1", "2", "3", "4", "5", "6"]


def test_a_vm_starts_with_what_memory_is_left_above_its_least() -> None:
    with calm() as sim:
        vm, one = row(sim, "VM", "idle"), row(sim, "host", "one")
        left = _free(one)
        vm.set(memory_dynamic_min=left + 1, memory_dynamic_max=left + 1, memory_static_max=left + 1)
        told = ["HOST_NOT_ENOUGH_FREE_MEMORY", str(left + 1), str(left)]
        assert error(sim, "VM.start_on", vm.ref, one.ref, False, False) == told
        vm.set(memory_dynamic_min=left - 1)
        assert error(sim, "VM.start_on", vm.ref, one.ref, False, False) == []
        assert vm.to("metrics", "VM_metrics").number("memory_actual") == left
        assert _free(one) == 0


def test_of_two_that_start_a_vm_at_once_one_is_refused() -> None:
    with calm() as sim:
        vm, host = row(sim, "VM", "idle"), row(sim, "host", "one")
        before = _free(host)
        with ThreadPoolExecutor(4) as threads:
            codes = list(threads.map(lambda _n: (error(sim, "VM.start", vm.ref, False, False) or [""])[0], range(4)))
        assert codes.count("") == 1
        assert set(codes) <= {"", "OTHER_OPERATION_IN_PROGRESS", "VM_BAD_POWER_STATE"}
        assert before - _free(host) == vm.number("memory_dynamic_max")


def test_a_vm_does_not_move_to_an_older_release() -> None:
    with calm() as sim:
        vm, two = row(sim, "VM", "roaming"), row(sim, "host", "two")
        two.set(software_version=two.mapping("software_version") | {"xapi": "26.1"})
        told = ["VM_HOST_INCOMPATIBLE_VERSION_MIGRATE", two.ref, vm.ref]
        assert error(sim, "VM.pool_migrate", vm.ref, two.ref, {}) == told
        obstacles = Rpc(sim.hosts[0]).call("host.get_vms_which_prevent_evacuation", row(sim, "host", "one").ref)
        assert isinstance(obstacles, dict)
        assert obstacles[vm.ref] == ["NO_HOSTS_AVAILABLE", vm.ref]


ASKED = {
    "start": (False, False), "clean_shutdown": (), "hard_shutdown": (), "clean_reboot": (), "hard_reboot": (),
    "pause": (), "unpause": (), "suspend": (), "resume": (False, False), "clone": ("twin",), "snapshot": ("s",),
    "destroy": (), "provision": (),
}  # fmt: skip


def _of_kind(sim: Simulation, kind: str) -> Row:
    if kind == "template":
        return row(sim, "VM", "Other install media")
    if kind == "control domain":
        return next(rows(sim.hosts[0].database, "VM", is_control_domain=True))
    vm = row(sim, "VM", "roaming" if kind == "running" else "idle")
    if kind in {"paused", "suspended"}:
        assert error(sim, "VM.start", vm.ref, kind == "paused", False) == []
    if kind == "suspended":
        assert error(sim, "VM.suspend", vm.ref) == []
    return vm


@pytest.mark.parametrize("kind", ["running", "halted", "paused", "suspended", "template", "control domain"])
def test_what_a_vm_allows_is_what_the_calls_do(kind: str) -> None:
    """Those that are not listed are refused; one that is listed is done."""
    with calm() as sim:
        vm = _of_kind(sim, kind)
        able = vm.items("allowed_operations")
        assert set(able) <= set(LISTED)
        for operation, rest in ASKED.items():
            if operation not in able:
                assert error(sim, f"VM.{operation}", vm.ref, *rest), operation
        done = next((name for name in ASKED if name in able), None)
        if done:
            assert error(sim, f"VM.{done}", vm.ref, *ASKED[done]) == []


def test_what_a_join_brings_has_its_operations_too(sim: Simulation) -> None:
    joiner, master = sim.hosts
    add_guest(Row(joiner.database, "host", joiner.ref), VmSpec(name="brought", disks=(DiskSpec(name="brought disk"),)))
    joined(sim, joiner, master)
    for cls, name in (("VM", "brought"), ("VDI", "brought disk")):
        found = first(master.database, cls, name_label=name)
        assert found
        assert found.items("allowed_operations"), cls
