"""Virtual disks and drives (xapi_vdi.ml, xapi_vbd.ml)."""

import pytest

from simulator.running import Simulation
from simulator.world.hardware import GIB
from simulator.xapi.rows import NULL, Row
from tests.simulator.hosts.lab import calm, error, row
from tests.simulator.rpc import Rpc

RECORD = {
    "name_label": "data", "virtual_size": GIB, "type": "user", "sharable": False, "read_only": False,
    "other_config": {},
}  # fmt: skip


def _made(sim: Simulation, sr: str = "filer") -> Row:
    ref = Rpc(sim.hosts[0]).ref("VDI.create", RECORD | {"SR": row(sim, "SR", sr).ref})
    return Row(sim.hosts[0].database, "VDI", ref)


def test_a_disk_takes_room_on_its_storage_and_gives_it_back() -> None:
    with calm() as sim:
        sr = row(sim, "SR", "filer")
        before = sr.number("physical_utilisation")
        vdi = _made(sim)
        assert sr.number("physical_utilisation") == before + GIB
        assert error(sim, "VDI.destroy", vdi.ref) == []
        assert sr.number("physical_utilisation") == before
        assert sr.ref == row(sim, "SR", "filer").ref


def test_a_disk_in_use_is_neither_destroyed_nor_copied_but_photographed() -> None:
    with calm() as sim:
        vdi, local = row(sim, "VDI", "roaming disk"), row(sim, "SR", "Local storage")
        assert error(sim, "VDI.destroy", vdi.ref) == ["VDI_IN_USE", vdi.ref, "destroy"]
        assert error(sim, "VDI.copy", vdi.ref, local.ref) == ["VDI_IN_USE", vdi.ref, "copy"]
        taken = Rpc(sim.hosts[0]).ref("VDI.snapshot", vdi.ref)
        assert vdi.database.field("VDI", taken, "snapshot_of") == vdi.ref


def test_a_full_storage_takes_nothing_more() -> None:
    with calm() as sim:
        sr = row(sim, "SR", "filer")
        left = sr.number("physical_size") - sr.number("physical_utilisation")
        told = error(sim, "VDI.create", RECORD | {"SR": sr.ref, "virtual_size": left + 1})
        assert told == ["SR_FULL", str(left + 1), str(left)]


def test_the_disk_of_a_running_vm_moves_to_other_storage_as_a_new_object() -> None:
    with calm() as sim:
        vdi, filer = row(sim, "VDI", "rooted disk"), row(sim, "SR", "filer")
        moved = Rpc(sim.hosts[0]).ref("VDI.pool_migrate", vdi.ref, filer.ref, {})
        assert not vdi.database.has("VDI", vdi.ref)
        (vbd,) = row(sim, "VM", "rooted").all("VBDs", "VBD")
        assert (vbd.text("VDI"), vbd.flag("currently_attached")) == (moved, True)
        idle = row(sim, "VDI", "idle disk")
        assert error(sim, "VDI.pool_migrate", idle.ref, filer.ref, {}) == ["VDI_NEEDS_VM_FOR_MIGRATE", idle.ref]


def test_drives_are_plugged_only_in_running_vms() -> None:
    with calm() as sim:
        rpc, vm, halted = Rpc(sim.hosts[0]), row(sim, "VM", "roaming"), row(sim, "VM", "idle")
        record = {
            "VDI": _made(sim).ref, "userdevice": "5", "bootable": False, "mode": "RW", "type": "Disk", "empty": False,
            "other_config": {}, "qos_algorithm_type": "", "qos_algorithm_params": {},
        }  # fmt: skip
        assert error(sim, "VBD.create", record | {"VM": vm.ref, "userdevice": "0"}) == ["DEVICE_ALREADY_EXISTS", "0"]
        assert error(sim, "VBD.create", record | {"VM": vm.ref, "userdevice": "x"}) == ["INVALID_DEVICE", "x"]
        vbd = rpc.ref("VBD.create", record | {"VM": vm.ref})
        assert error(sim, "VBD.plug", vbd) == []
        assert error(sim, "VBD.plug", vbd) == ["DEVICE_ALREADY_ATTACHED", vbd]
        told = error(sim, "VBD.destroy", vbd)
        uuid = vm.database.field("VBD", vbd, "uuid")
        assert told == ["OPERATION_NOT_ALLOWED", f"VBD '{uuid}' still attached to '{vm.uuid}'"]
        other = rpc.ref("VBD.create", record | {"VM": halted.ref})
        assert error(sim, "VBD.plug", other) == ["VM_BAD_POWER_STATE", halted.ref, "running", "halted"]


def test_only_a_drive_for_discs_may_be_empty() -> None:
    with calm() as sim:
        rpc, vm, disk = Rpc(sim.hosts[0]), row(sim, "VM", "idle"), row(sim, "VDI", "idle disk")
        record = {
            "VM": vm.ref, "VDI": NULL, "userdevice": "3", "bootable": False, "mode": "RO", "type": "CD", "empty": True,
            "other_config": {}, "qos_algorithm_type": "", "qos_algorithm_params": {},
        }  # fmt: skip
        assert error(sim, "VBD.create", record | {"mode": "RW"}) == ["VBD_CDS_MUST_BE_READONLY"]
        assert error(sim, "VBD.create", record | {"type": "Disk"}) == ["VBD_NOT_REMOVABLE_MEDIA", NULL]
        drive = rpc.ref("VBD.create", record)
        assert error(sim, "VBD.eject", drive) == ["VBD_IS_EMPTY", drive]
        assert error(sim, "VBD.insert", drive, disk.ref) == ["VDI_IS_NOT_ISO", disk.ref, "user"]


@pytest.mark.parametrize("name", ["roaming disk", "idle disk"])
def test_what_a_disk_allows_is_what_the_calls_do(name: str) -> None:
    with calm() as sim:
        vdi, sr = row(sim, "VDI", name), row(sim, "SR", "Local storage")
        able = vdi.items("allowed_operations")
        for operation, rest in (("snapshot", ()), ("clone", ()), ("copy", (sr.ref,)), ("destroy", ())):
            assert (operation in able) == (error(sim, f"VDI.{operation}", vdi.ref, *rest) == []), operation
