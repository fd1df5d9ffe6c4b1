"""Drives of VMs and what stands in them (xapi_vbd.ml)."""

from simulator.xapi.accessors import generated_create
from simulator.xapi.errors import XapiError
from simulator.xapi.exclusive import exclusively
from simulator.xapi.operations import recompute, refuse_if_not_allowed
from simulator.xapi.operations_refresh import refresh_vm
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import NULL, Row, rows

PLACES = [str(number) for number in range(16)]
AUTODETECT = "autodetect"


@message("VBD", "create")
def vbd_create(call: Call, record: dict[str, object]) -> str:
    """A drive for a disk; only one for CDs may be empty, and it is read-only (xapi_vbd.ml: create)."""
    database = call.host.database
    vm, vdi = Row(database, "VM", str(record.get("VM", NULL))), str(record.get("VDI", NULL))
    database.get("VM", vm.ref)
    if not record.get("empty"):
        database.get("VDI", vdi)
    elif record.get("type") != "CD":
        raise XapiError("VBD_NOT_REMOVABLE_MEDIA", NULL)
    if record.get("type") == "CD" and record.get("mode") != "RO":
        raise XapiError("VBD_CDS_MUST_BE_READONLY")
    with database.locked():
        place = _place(vm, str(record.get("userdevice", "")))
        disk = NULL if record.get("empty") else vdi
        vbd = Row(database, "VBD", str(generated_create("VBD")(call, record | {"userdevice": place, "VDI": disk})))
        vbd.set(device=f"xvd{chr(ord('a') + int(place))}", currently_attached=False)
    refresh_vm(vm)
    return vbd.ref


def _place(vm: Row, wanted: str) -> str:
    used = {vbd.text("userdevice") for vbd in vm.all("VBDs", "VBD")}
    if wanted == AUTODETECT:
        wanted = next((place for place in PLACES if place not in used), AUTODETECT)
    if wanted not in PLACES:
        raise XapiError("INVALID_DEVICE", wanted)
    if wanted in used:
        raise XapiError("DEVICE_ALREADY_EXISTS", wanted)
    return wanted


def _vbd(call: Call, ref: str, operation: str) -> Row:
    vbd = Row(call.host.database, "VBD", ref)
    call.host.database.get("VBD", ref)
    refuse_if_not_allowed(vbd, operation)
    return vbd


@message("VBD", "plug")
def vbd_plug(call: Call, ref: str) -> None:
    vbd = Row(call.host.database, "VBD", ref)
    with exclusively(vbd, "plug", _assert_may_be_plugged, call):
        vbd.set(currently_attached=True)
    refresh_vm(vbd.to("VM", "VM"))


def _assert_may_be_plugged(vbd: Row, operation: str) -> None:
    """A disk that somebody writes to stands in one drive only, unless it may be shared."""
    refuse_if_not_allowed(vbd, operation)
    vdi = vbd.to("VDI", "VDI")
    if vbd.flag("empty") or vdi.flag("sharable"):
        return
    others = rows(vbd.database, "VBD", VDI=vdi.ref, currently_attached=True)
    if any("RW" in {other.text("mode"), vbd.text("mode")} for other in others):
        raise XapiError("VDI_IN_USE", vdi.ref, "attach")


@message("VBD", "unplug")
def vbd_unplug(call: Call, ref: str) -> None:
    _unplug(call, ref, "unplug")


@message("VBD", "unplug_force")
def vbd_unplug_force(call: Call, ref: str) -> None:
    _unplug(call, ref, "unplug_force")


def _unplug(call: Call, ref: str, operation: str) -> None:
    vbd = Row(call.host.database, "VBD", ref)
    with exclusively(vbd, operation, refuse_if_not_allowed, call):
        vbd.set(currently_attached=False)
    refresh_vm(vbd.to("VM", "VM"))


@message("VBD", "insert")
def vbd_insert(call: Call, ref: str, vdi: str) -> None:
    vbd, disc = _vbd(call, ref, "insert"), Row(call.host.database, "VDI", vdi)
    if disc.to("SR", "SR").text("content_type") != "iso":
        raise XapiError("VDI_IS_NOT_ISO", vdi, disc.text("type"))
    vbd.set(VDI=vdi, empty=False)
    refresh_vm(vbd.to("VM", "VM"))


@message("VBD", "eject")
def vbd_eject(call: Call, ref: str) -> None:
    vbd = _vbd(call, ref, "eject")
    disc = vbd.to("VDI", "VDI")
    vbd.set(VDI=NULL, empty=True)
    recompute(disc)
    refresh_vm(vbd.to("VM", "VM"))


@message("VBD", "destroy")
def vbd_destroy(call: Call, ref: str) -> None:
    vbd = Row(call.host.database, "VBD", ref)
    vm, vdi = vbd.to("VM", "VM"), vbd.to("VDI", "VDI")
    if vbd.flag("currently_attached"):
        raise XapiError("OPERATION_NOT_ALLOWED", f"VBD '{vbd.uuid}' still attached to '{vm.uuid}'")
    vbd.database.delete("VBD", ref)
    recompute(vdi)
    refresh_vm(vm)


@message("VBD", "set_mode")
def vbd_set_mode(call: Call, ref: str, value: str) -> None:
    """Not while the VM runs (xapi_vbd.ml: set_mode)."""
    vbd = Row(call.host.database, "VBD", ref)
    state = vbd.to("VM", "VM").text("power_state")
    if state != "Halted":
        raise XapiError("VM_BAD_POWER_STATE", vbd.text("VM"), "halted", state.lower())
    vbd.set(mode=value)
