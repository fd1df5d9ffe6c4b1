"""Virtual disks (xapi_vdi.ml): made, copied, moved and thrown away on storage that is plugged."""

import uuid as uuids

from simulator.schema import schema
from simulator.world.disks import assert_room
from simulator.world.host import HostMachine
from simulator.xapi.accessors import generated_create
from simulator.xapi.errors import XapiError
from simulator.xapi.forwarding import forwarded
from simulator.xapi.machines import machine_of_call
from simulator.xapi.operations import operating, recompute, refuse_if_not_allowed
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import NULL, Row, rows
from simulator.xapi.storage.repositories import assert_plugged_somewhere
from simulator.xapi.storage.rows import plugged_srs
from simulator.xapi.storage.sr_operations import abilities

COPIED = (
    "name_label", "name_description", "virtual_size", "physical_utilisation", "type", "sharable", "read_only",
    "other_config", "xenstore_data", "sm_config", "managed", "missing", "tags",
)  # fmt: skip


def add_to_sr(sr: Row, **fields: object) -> Row:
    """A disk, and the room it takes."""
    vdi = Row(sr.database, "VDI", sr.database.create("VDI", ref=None, SR=sr.ref, **fields))
    vdi.set(location=vdi.uuid)
    _take_room(sr, vdi.number("physical_utilisation"), vdi.number("virtual_size"))
    recompute(vdi)
    recompute(sr)
    return vdi


def _take_room(sr: Row, used: int, size: int) -> None:
    with sr.database.locked():
        sr.set(
            physical_utilisation=max(0, sr.number("physical_utilisation") + used),
            virtual_allocation=max(0, sr.number("virtual_allocation") + size),
        )


def throw_away(vdi: Row) -> None:
    """The disk, and the drives that it was in: CDs become empty, others go with it."""
    sr = vdi.to("SR", "SR")
    for vbd in vdi.all("VBDs", "VBD"):
        if vbd.text("type") == "CD":
            vbd.set(VDI=NULL, empty=True)
        else:
            vbd.database.delete("VBD", vbd.ref)
    used, size = vdi.number("physical_utilisation"), vdi.number("virtual_size")
    vdi.database.delete("VDI", vdi.ref)
    for vm in list(rows(vdi.database, "VM", suspend_VDI=vdi.ref)):
        vm.set(suspend_VDI=NULL)
    if sr.database.has("SR", sr.ref):
        _take_room(sr, -used, -size)
        recompute(sr)


def copy_of(vdi: Row, sr: Row, **changed: object) -> Row:
    return add_to_sr(sr, **(vdi.fields(*COPIED) | changed))


def _vdi(call: Call, ref: str) -> Row:
    return Row(call.host.database, "VDI", ref)


def _to(call: Call, sr: Row) -> HostMachine:
    """The host that does it: one that has the storage plugged, the one that was called if it has."""
    assert_plugged_somewhere(sr)
    plugged = [pbd for pbd in sr.all("PBDs", "PBD") if pbd.flag("currently_attached")]
    near = [pbd for pbd in plugged if pbd.text("host") == call.host.ref]
    return forwarded(call, (near or plugged)[0].text("host"), lambda machine: machine) or machine_of_call(call)


@message("VDI", "create")
def vdi_create(call: Call, record: dict[str, object]) -> str:
    if "SR" not in record:
        raise XapiError("INTERNAL_ERROR", "missing field", "SR", "")
    sr = Row(call.host.database, "SR", str(record["SR"]))
    refuse_if_not_allowed(sr, "vdi_create")
    machine, size = _to(call, sr), int(str(record.get("virtual_size", 0)))
    assert_room(machine, sr, size)
    vdi = Row(sr.database, "VDI", str(generated_create("VDI")(call, record)))
    vdi.set(managed=True, location=vdi.uuid, physical_utilisation=size)
    _take_room(sr, size, size)
    recompute(vdi)
    recompute(sr)
    return vdi.ref


@message("VDI", "destroy")
def vdi_destroy(call: Call, ref: str) -> None:
    vdi = _vdi(call, ref)
    refuse_if_not_allowed(vdi, "destroy")
    _to(call, vdi.to("SR", "SR"))
    throw_away(vdi)


@message("VDI", "forget")
def vdi_forget(call: Call, ref: str) -> None:
    """The row goes, the data stays."""
    vdi = _vdi(call, ref)
    refuse_if_not_allowed(vdi, "forget")
    throw_away(vdi)


@message("VDI", "snapshot")
def vdi_snapshot(call: Call, ref: str, options: dict[str, str]) -> str:
    vdi = _vdi(call, ref)
    refuse_if_not_allowed(vdi, "snapshot")
    _to(call, vdi.to("SR", "SR"))
    return snapshot_of(vdi).ref


def snapshot_of(vdi: Row) -> Row:
    return copy_of(vdi, vdi.to("SR", "SR"), is_a_snapshot=True, snapshot_of=vdi.ref, physical_utilisation=0)


@message("VDI", "clone")
def vdi_clone(call: Call, ref: str, options: dict[str, str]) -> str:
    vdi = _vdi(call, ref)
    refuse_if_not_allowed(vdi, "clone")
    _to(call, vdi.to("SR", "SR"))
    return copy_of(vdi, vdi.to("SR", "SR")).ref


@message("VDI", "copy")
def vdi_copy(call: Call, ref: str, sr: str, *into: str) -> str:
    """To another storage; into: a base disk and a disk to write into, of which only the second counts here."""
    vdi, target = _vdi(call, ref), into[1]
    refuse_if_not_allowed(vdi, "copy")
    if target != NULL:
        if sr != NULL:
            raise XapiError("OPERATION_NOT_ALLOWED", "Cannot specify both an SR and a VDI to copy into")
        vdi.database.get("VDI", target)
        return target
    place = Row(vdi.database, "SR", sr)
    vdi.database.get("SR", sr)
    assert_room(_to(call, place), place, vdi.number("virtual_size"))
    with operating(vdi, "copy", call):
        return copy_of(vdi, place).ref


@message("VDI", "resize")
def vdi_resize(call: Call, ref: str, size: int) -> None:
    """Disks only grow."""
    vdi = _vdi(call, ref)
    refuse_if_not_allowed(vdi, "resize")
    old, sr = vdi.number("virtual_size"), vdi.to("SR", "SR")
    if size < old:
        raise XapiError("VDI_TOO_SMALL", ref, str(old))
    assert_room(_to(call, sr), sr, size - old)
    vdi.set(virtual_size=size, physical_utilisation=size)
    _take_room(sr, size - old, size - old)


@message("VDI", "pool_migrate")
def vdi_pool_migrate(call: Call, ref: str, sr: str, options: dict[str, str]) -> str:
    """Live: a disk of a running VM moves to storage that its host sees, and is a new object there."""
    vdi, place = _vdi(call, ref), Row(call.host.database, "SR", sr)
    vdi.database.get("SR", sr)
    vm = _running_user(vdi)
    if "VDI_MIRROR" not in abilities(vdi.to("SR", "SR")):
        raise XapiError("SR_DOES_NOT_SUPPORT_MIGRATION", vdi.text("SR"), "VDI_MIRROR")
    host = vm.to("resident_on", "host")
    if sr not in plugged_srs(host):
        raise XapiError("VM_REQUIRES_SR", vm.ref, sr)
    machine = _to(call, place)
    assert_room(machine, place, vdi.number("virtual_size"))
    with operating(vdi, "mirror", call):
        machine.life.pause(machine.world.timing.migration)
        moved = copy_of(vdi, place)
    for vbd in vdi.all("VBDs", "VBD"):
        vbd.set(VDI=moved.ref)
    throw_away(vdi)
    recompute(moved)
    return moved.ref


def _running_user(vdi: Row) -> Row:
    for vbd in vdi.all("VBDs", "VBD"):
        vm = vbd.to("VM", "VM")
        if vbd.flag("currently_attached") and vm.text("power_state") == "Running":
            return vm
    raise XapiError("VDI_NEEDS_VM_FOR_MIGRATE", vdi.ref)


def _sets(name: str, field: str) -> None:
    @message("VDI", name)
    def set_field(call: Call, ref: str, value: object) -> None:
        vdi = _vdi(call, ref)
        vdi.set(**{field: value})
        _refresh_users(vdi)


for _field in ("on_boot", "read_only", "sharable", "allow_caching"):
    _sets(f"set_{_field}", _field)


def _refresh_users(vdi: Row) -> None:
    """What is allowed with a VM depends on its disks too."""
    recompute(vdi)
    for vbd in vdi.all("VBDs", "VBD"):
        recompute(vbd.to("VM", "VM"))


@message("VDI", "introduce")
def vdi_introduce(call: Call, *about: object) -> str:
    """A row for a disk that lies on the storage already."""
    names = [parameter.name for parameter in schema().classes["VDI"].messages["introduce"].parameters]
    given = dict(zip(names, about, strict=True))
    sr = Row(call.host.database, "SR", str(given["SR"]))
    refuse_if_not_allowed(sr, "vdi_introduce")
    assert_plugged_somewhere(sr)
    if any(other.text("location") == given["location"] for other in rows(sr.database, "VDI", SR=sr.ref)):
        raise XapiError("LOCATION_NOT_UNIQUE", sr.ref, str(given["location"]))
    known = schema().classes["VDI"].fields
    fields = {name: value for name, value in given.items() if name in known and name != "SR" and value != ""}
    location = str(given["location"])
    vdi = add_to_sr(sr, **(fields | {"uuid": given["uuid"] or str(uuids.uuid4())}))
    vdi.set(location=location)
    return vdi.ref
