"""Moving everybody away (pool.md 5.2, 5.3)."""

from simulator.xapi.rows import first
from tests.simulator.hosts.lab import POOL, calm, error, pool, row
from tests.simulator.rpc import Rpc
from tests.simulator.waiting import until

MOVABLE = POOL.replace("disks: [{name: rooted disk}]", "disks: [{name: rooted disk, sr: filer}]")
CROWD = """
name: crowd
hosts:
  - name: one
    srs: [{name: filer, type: nfs, shared: true}]
    vms: [VMS]
  - name: two
pools: [{name: Pool, master: one, members: [two]}]
""".replace("VMS", ", ".join(f"{{name: vm{n}, power_state: Running}}" for n in range(25)))


def test_a_guest_on_local_storage_is_in_the_way() -> None:
    with calm() as sim:
        vm, host = row(sim, "VM", "rooted"), row(sim, "host", "one")
        sr = row(sim, "VDI", "rooted disk").text("SR")
        found = Rpc(sim.hosts[0]).call("host.get_vms_which_prevent_evacuation", host.ref)
        assert found == {vm.ref: ["VM_REQUIRES_SR", vm.ref, sr]}
        told = ["CANNOT_EVACUATE_HOST", f"VM_REQUIRES_SR,{vm.ref},{sr}"]
        assert error(sim, "host.assert_can_evacuate", host.ref) == told
        assert error(sim, "host.evacuate", host.ref) == ["VM_REQUIRES_SR", vm.ref, sr]
        assert row(sim, "VM", "roaming").text("resident_on") == host.ref, "all or nothing"


def test_an_evacuation_takes_memory_along_and_does_not_disable() -> None:
    with pool(MOVABLE) as sim:
        one, two = row(sim, "host", "one"), row(sim, "host", "two")
        before = two.to("metrics", "host_metrics").number("memory_free")
        assert error(sim, "host.evacuate", one.ref) == []
        assert {row(sim, "VM", name).text("resident_on") for name in ("roaming", "rooted")} == {two.ref}
        assert two.to("metrics", "host_metrics").number("memory_free") < before
        assert one.flag("enabled")


def test_progress_is_what_is_finished_of_all() -> None:
    with pool(CROWD) as sim:
        rpc, host = Rpc(sim.hosts[0]), row(sim, "host", "one")
        task = rpc.call("Async.host.evacuate", host.ref, "OpaqueRef:NULL", 3)
        seen = set()

        def ended() -> bool:
            record = rpc.record("task", task)
            seen.add(record["progress"])
            return record["status"] != "pending"

        until(ended)
        assert rpc.record("task", task)["status"] == "success"
        assert rpc.record("task", task)["progress"] == 1.0
        assert all(0 <= float(str(progress)) <= 1 for progress in seen)
        assert not [vm for vm in host.all("resident_VMs", "VM") if not vm.flag("is_control_domain")]


def test_a_failed_migration_stops_the_evacuation_with_its_code() -> None:
    with pool(MOVABLE) as sim:
        one, two, vm = row(sim, "host", "one"), row(sim, "host", "two"), row(sim, "VM", "roaming")
        sim.fault("vm_migration_fails", host="one", data={"vm": "roaming"})
        told = ["VM_MIGRATE_FAILED", vm.ref, one.ref, two.ref, "The connection was lost"]
        assert error(sim, "host.evacuate", one.ref) == told
        assert vm.text("resident_on") == one.ref
        assert one.mapping("current_operations") == {}


def test_nobody_starts_a_guest_on_a_host_that_is_being_emptied() -> None:
    with calm() as sim:
        host, vm = row(sim, "host", "one"), row(sim, "VM", "idle")
        host.set(current_operations={"OpaqueRef:a-task": "evacuate"})
        told = error(sim, "VM.start_on", vm.ref, host.ref, False, False)
        assert told == ["HOST_EVACUATE_IN_PROGRESS", host.ref]
        host.set(current_operations={})
        assert error(sim, "VM.start_on", vm.ref, host.ref, False, False) == []


def test_a_migration_network_needs_a_plugged_address_on_both_ends() -> None:
    with pool(MOVABLE) as sim:
        one, network = row(sim, "host", "one"), row(sim, "network", "Pool-wide network 1")
        pif = first(one.database, "PIF", host=one.ref, network=network.ref)
        assert pif
        assert error(sim, "host.evacuate", one.ref, network.ref) == ["INTERFACE_HAS_NO_IP", pif.ref]
        pif.set(currently_attached=False)
        assert error(sim, "host.evacuate", one.ref, network.ref) == ["REQUIRED_PIF_IS_UNPLUGGED", pif.ref]
        one.database.delete("PIF", pif.ref)
        assert error(sim, "host.evacuate", one.ref, network.ref) == ["PIF_NOT_PRESENT", one.ref, network.ref]
        assert error(sim, "host.evacuate", one.ref, row(sim, "network", "Pool-wide network 0").ref) == []
