"""What may be done with a virtual disk or a drive now (xapi_vdi.ml: check_operation_error, xapi_vbd_helpers.ml)."""

from simulator.xapi.errors import XapiError
from simulator.xapi.operations import Verdicts, allowed, refuse
from simulator.xapi.pool.state import ha_is_on
from simulator.xapi.rows import Row
from simulator.xapi.storage.rows import is_attached
from simulator.xapi.storage.sr_operations import abilities

LISTED = (
    "snapshot", "copy", "clone", "resize", "resize_online", "update", "generate_config", "destroy", "forget", "mirror",
)  # fmt: skip
LIVE = ("snapshot", "resize_online", "clone", "mirror")
NEEDS = {
    "destroy": "VDI_DELETE",
    "resize": "VDI_RESIZE",
    "resize_online": "VDI_RESIZE_ONLINE",
    "update": "VDI_UPDATE",
    "generate_config": "VDI_GENERATE_CONFIG",
    "clone": "VDI_CLONE",
    "snapshot": "VDI_SNAPSHOT",
    "mirror": "VDI_MIRROR",
}
OF_HA = ("ha_statefile", "redo_log")
KEPT_BY_HA = ("destroy", "resize", "resize_online", "forget")


@allowed("VDI")
def vdi_operations(vdi: Row) -> Verdicts:
    sr = vdi.to("SR", "SR")
    if not vdi.database.has("SR", sr.ref):
        return {name: XapiError("HANDLE_INVALID", "SR", sr.ref) for name in LISTED}
    verdicts: Verdicts = dict.fromkeys(LISTED)
    for key, name in vdi.mapping("current_operations").items():
        refuse(verdicts, LISTED, "OTHER_OPERATION_IN_PROGRESS", "VDI", vdi.ref, name, key)
    if not is_attached(sr):
        refuse(verdicts, ("resize",), "SR_HAS_NO_PBDS", sr.ref)
    for name in _disturbed(vdi):
        refuse(verdicts, (name,), "VDI_IN_USE", vdi.ref, name)
    _refuse_by_kind(vdi, sr, verdicts)
    able = abilities(sr)
    unable = [name for name, need in NEEDS.items() if need not in able]
    refuse(verdicts, unable, "SR_OPERATION_NOT_SUPPORTED", sr.ref)
    return verdicts


def _disturbed(vdi: Row) -> list[str]:
    """What cannot be done while the disk stands in a drive that is plugged."""
    used = any(vbd.flag("currently_attached") for vbd in vdi.all("VBDs", "VBD"))
    return [name for name in LISTED if used and name not in LIVE]


def _refuse_by_kind(vdi: Row, sr: Row, verdicts: Verdicts) -> None:
    rules = (
        (sr.text("type") == "udev", ("destroy",), ("VDI_IS_A_PHYSICAL_DEVICE", vdi.ref)),
        (sr.flag("is_tools_sr"), ("destroy",), ("SR_OPERATION_NOT_SUPPORTED", sr.ref)),
        (ha_is_on(vdi.database) and vdi.text("type") in OF_HA, KEPT_BY_HA, ("HA_IS_ENABLED",)),
        (vdi.flag("sharable"), ("snapshot",), ("VDI_IS_SHARABLE", vdi.ref)),
        (vdi.text("on_boot") == "reset", ("snapshot",), ("VDI_ON_BOOT_MODE_INCOMPATIBLE_WITH_OPERATION",)),
    )
    for applies, names, words in rules:
        if applies:
            refuse(verdicts, names, *words)


VBD_LISTED = ("attach", "eject", "insert", "plug", "unplug", "unplug_force")


@allowed("VBD")
def vbd_operations(vbd: Row) -> Verdicts:
    verdicts: Verdicts = dict.fromkeys(VBD_LISTED)
    attached, empty, vm = vbd.flag("currently_attached"), vbd.flag("empty"), vbd.to("VM", "VM")
    state = vm.text("power_state") if vbd.database.has("VM", vm.ref) else "Halted"
    rules = (
        (vbd.text("type") != "CD", ("insert", "eject"), ("VBD_NOT_REMOVABLE_MEDIA", vbd.ref)),
        (empty, ("eject",), ("VBD_IS_EMPTY", vbd.ref)),
        (not empty, ("insert",), ("VBD_NOT_EMPTY", vbd.ref)),
        (state != "Running", ("plug", "unplug", "unplug_force"), _not_running(vm, state)),
        (attached, ("plug",), ("DEVICE_ALREADY_ATTACHED", vbd.ref)),
        (not attached, ("unplug", "unplug_force"), ("DEVICE_ALREADY_DETACHED", vbd.ref)),
        (not vbd.flag("unpluggable"), ("unplug", "unplug_force"), ("VBD_NOT_UNPLUGGABLE", vbd.ref)),
    )
    for applies, names, words in rules:
        if applies:
            refuse(verdicts, names, *words)
    return verdicts


def _not_running(vm: Row, state: str) -> tuple[str, ...]:
    return ("VM_BAD_POWER_STATE", vm.ref, "running", state.lower())
