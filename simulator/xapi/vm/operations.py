"""What may be done with a VM now: the first rule that objects decides (xapi_vm_lifecycle.ml: check_operation_error)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from simulator.xapi.errors import XapiError
from simulator.xapi.operations import Verdicts, allowed
from simulator.xapi.rows import Row

H, P, S, R = "Halted", "Paused", "Suspended", "Running"
STATES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("start", "start_on", "provision", "make_into_template"), (H,)),
    **dict.fromkeys(("changing_static_range", "changing_shadow_memory", "changing_NVRAM", "create_vtpm"), (H,)),
    "changing_dynamic_range": (H, R),
    **dict.fromkeys(("clone", "copy"), (H,)),
    **dict.fromkeys(("export", "destroy"), (H, S)),
    **dict.fromkeys(("resume", "resume_on"), (S,)),
    "unpause": (P,),
    **dict.fromkeys(("pause", "clean_shutdown", "clean_reboot", "suspend", "pool_migrate"), (R,)),
    **dict.fromkeys(("changing_VCPUs_live", "send_sysrq", "send_trigger", "call_plugin", "sysprep"), (R,)),
    "migrate_send": (H, S, R),
    "hard_reboot": (P, R),
    **dict.fromkeys(("checkpoint", "hard_shutdown", "shutdown", "get_boot_record"), (P, S, R)),
    **dict.fromkeys(("snapshot", "revert", "metadata_export", "power_state_reset"), (H, P, S, R)),
}
LISTED = (
    "snapshot", "copy", "clone", "revert", "checkpoint", "start", "start_on", "pause", "unpause", "clean_shutdown",
    "clean_reboot", "hard_shutdown", "hard_reboot", "suspend", "resume", "resume_on", "export", "destroy",
    "provision", "changing_VCPUs_live", "pool_migrate", "migrate_send", "make_into_template",
    "changing_static_range", "changing_shadow_memory", "changing_dynamic_range", "changing_NVRAM", "create_vtpm",
)  # fmt: skip
OF_TEMPLATES = {
    "changing_dynamic_range", "changing_static_range", "changing_shadow_memory", "changing_NVRAM", "clone", "copy",
    "export", "metadata_export", "provision", "create_vtpm",
}  # fmt: skip
OF_SNAPSHOTS = {"revert", "clone", "copy", "export", "destroy", "hard_shutdown", "metadata_export", "create_vtpm"}
OF_CONTROL_DOMAINS = {"changing_dynamic_range", "metadata_export", "start"}
TOGETHER = ({"clone", "copy", "export"}, {"snapshot", "checkpoint"})
MOVES = {"suspend", "checkpoint", "pool_migrate", "migrate_send"}
# What the guest's tools must promise for an operation, and where they say that it cannot be.
FEATURES = {
    "clean_shutdown": "feature-shutdown",
    "clean_reboot": "feature-shutdown",
    "changing_VCPUs_live": "feature-vcpu-hotplug",
    **dict.fromkeys(MOVES, "feature-suspend"),
}
NO_SUSPEND = "data-cant-suspend-reason"
SELF = "<self>"
Words = tuple[str, ...]
NOTHING: Words = ()


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that the rules look at; equal facts have equal verdicts, whichever VM it is."""

    state: str
    blocked: tuple[tuple[str, str], ...]
    running: tuple[tuple[str, str], ...]
    kind: frozenset[str]  # template, default template, snapshot, control domain
    obstacles: frozenset[str]  # immobile, nested, reset disk, cached reset disk, pci, vgpu, vusb
    tools: tuple[tuple[str, str], ...] | None  # None: nothing is known of the guest, which then counts as able


def facts(vm: Row) -> Facts:
    return Facts(
        state=vm.text("power_state"),
        blocked=tuple(vm.mapping("blocked_operations").items()),
        running=tuple(vm.mapping("current_operations").items()),
        kind=frozenset(name for name in KINDS if vm.flag(name)),
        obstacles=frozenset(_obstacles(vm)),
        tools=_tools(vm),
    )


KINDS = ("is_a_template", "is_default_template", "is_a_snapshot", "is_control_domain")


def _obstacles(vm: Row) -> list[str]:
    metrics = vm.to("metrics", "VM_metrics")
    known = vm.database.has("VM_metrics", metrics.ref)
    found = [name for name in ("nomigrate", "nested_virt") if known and metrics.flag(name)]
    found += [name for name in ("attached_PCIs", "VGPUs", "VUSBs") if vm.items(name)]
    for vbd in vm.all("VBDs", "VBD"):
        vdi = vbd.to("VDI", "VDI")
        if vm.database.has("VDI", vdi.ref) and vdi.text("on_boot") == "reset":
            found += ["reset", "cached"] if vdi.flag("allow_caching") else ["reset"]
    return found


def _tools(vm: Row) -> tuple[tuple[str, str], ...] | None:
    guest = vm.to("guest_metrics", "VM_guest_metrics")
    if not vm.database.has("VM_guest_metrics", guest.ref):
        return None
    return tuple(guest.mapping("other").items())


def _blocked(now: Facts, operation: str) -> Words:
    reason = dict(now.blocked).get(operation)
    return NOTHING if reason is None else ("OPERATION_BLOCKED", SELF, reason)


def _wrong_state(now: Facts, operation: str) -> Words:
    if operation not in STATES:
        return NOTHING
    fitting = STATES[operation]
    if operation in {"clone", "copy"} and "is_a_snapshot" in now.kind:
        fitting = (H, S)
    if now.state in fitting:
        return NOTHING
    return ("VM_BAD_POWER_STATE", SELF, ", ".join(fitting).lower(), now.state.lower())


def _busy(now: Facts, operation: str) -> Words:
    names = [name for _key, name in now.running]
    if not names or any(operation in group and group.issuperset(names) for group in TOGETHER):
        return NOTHING
    shown = names[0] if len(names) == 1 else f"{{{','.join(names)}}}"
    return ("OTHER_OPERATION_IN_PROGRESS", "VM", SELF, shown, ",".join(key for key, _name in now.running))


def _wrong_kind(now: Facts, operation: str) -> Words:
    template, snapshot = "is_a_template" in now.kind, "is_a_snapshot" in now.kind
    fitting = OF_TEMPLATES if "is_default_template" in now.kind else OF_TEMPLATES | {"destroy"}
    if template and not snapshot and operation not in fitting:
        return ("VM_IS_TEMPLATE", SELF, operation)
    if snapshot and operation not in OF_SNAPSHOTS:
        return ("VM_IS_SNAPSHOT", SELF, operation)
    if operation == "provision" and not template:
        return ("ONLY_PROVISION_TEMPLATE",)
    if operation == "revert" and not snapshot:
        return ("ONLY_REVERT_SNAPSHOT",)
    if "is_control_domain" in now.kind and operation not in OF_CONTROL_DOMAINS:
        return ("OPERATION_NOT_ALLOWED", "This operation is not allowed on dom0")
    return NOTHING


def _immobile(now: Facts, operation: str) -> Words:
    if operation not in MOVES or now.state != R:
        return NOTHING
    if "nomigrate" in now.obstacles:
        return ("VM_IS_IMMOBILE", SELF)
    return ("VM_IS_USING_NESTED_VIRT", SELF) if "nested_virt" in now.obstacles else NOTHING


def _unable(now: Facts, operation: str) -> Words:
    tools, wanted = now.tools, FEATURES.get(operation)
    if tools is None or wanted is None or now.state != R:
        return NOTHING
    told = dict(tools)
    if operation in MOVES and NO_SUSPEND in told:
        return ("VM_NON_SUSPENDABLE", SELF, told[NO_SUSPEND])
    return NOTHING if told.get(wanted) == "1" else ("VM_LACKS_FEATURE", SELF)


def _disks(now: Facts, operation: str) -> Words:
    resets = operation in {"checkpoint", "snapshot", "suspend"} and "reset" in now.obstacles
    if resets or (operation == "pool_migrate" and "cached" in now.obstacles):
        return ("VDI_ON_BOOT_MODE_INCOMPATIBLE_WITH_OPERATION",)
    return NOTHING


def _devices(now: Facts, operation: str) -> Words:
    if operation in {"suspend", "checkpoint", "pool_migrate", "migrate_send"}:
        for device, code in DEVICES:
            if device in now.obstacles:
                return (code, SELF)
    return NOTHING


DEVICES = (("attached_PCIs", "VM_HAS_PCI_ATTACHED"), ("VGPUs", "VM_HAS_VGPU"), ("VUSBs", "VM_HAS_VUSBS"))
RULES: tuple[Callable[[Facts, str], Words], ...] = (
    _blocked, _wrong_state, _busy, _wrong_kind, _immobile, _unable, _disks, _devices,
)  # fmt: skip


@lru_cache(maxsize=1000)
def _verdicts(now: Facts) -> dict[str, Words]:
    return {name: _verdict(now, name) for name in STATES}


def _verdict(now: Facts, operation: str) -> Words:
    return next((words for rule in RULES if (words := rule(now, operation))), NOTHING)


def _error(vm: Row, words: Words) -> XapiError | None:
    return XapiError(*(vm.ref if word == SELF else word for word in words)) if words else None


@allowed("VM")
def vm_operations(vm: Row) -> Verdicts:
    """Those that xapi lists in allowed_operations."""
    words = _verdicts(facts(vm))
    return {name: _error(vm, words[name]) for name in LISTED}


def refused(vm: Row, operation: str) -> XapiError | None:
    """Why this may not be done now; also for operations that are never listed."""
    return _error(vm, _verdict(facts(vm), operation))


def assert_may(vm: Row, operation: str) -> None:
    error = refused(vm, operation)
    if error:
        raise error
