"""The call that each operation of `allowed_operations` stands for: what is listed and what it does must agree."""

from dataclasses import dataclass

from tests.simulator.invariants import UNANSWERED, Lab
from tests.simulator.operations import One, Picks

# By class and operation: the message, and its arguments after the reference.
CALLS: dict[tuple[str, str], tuple[object, ...]] = {
    ("VM", "start"): ("VM.start", False, False),
    ("VM", "hard_shutdown"): ("VM.hard_shutdown",),
    ("VM", "clean_shutdown"): ("VM.clean_shutdown",),
    ("VM", "hard_reboot"): ("VM.hard_reboot",),
    ("VM", "suspend"): ("VM.suspend",),
    ("VM", "resume"): ("VM.resume", False, False),
    ("VM", "pause"): ("VM.pause",),
    ("VM", "unpause"): ("VM.unpause",),
    ("VM", "clone"): ("VM.clone", "a clone"),
    ("VM", "snapshot"): ("VM.snapshot", "a snapshot"),
    ("VM", "destroy"): ("VM.destroy",),
    ("VM", "pool_migrate"): ("VM.pool_migrate", One("host"), {}),
    ("host", "evacuate"): ("host.evacuate",),
    ("host", "reboot"): ("host.reboot",),
    ("host", "shutdown"): ("host.shutdown",),
    ("host", "power_on"): ("host.power_on",),
    ("SR", "forget"): ("SR.forget",),
    ("SR", "scan"): ("SR.scan",),
    ("VDI", "snapshot"): ("VDI.snapshot", {}),
    ("VDI", "clone"): ("VDI.clone", {}),
    ("VDI", "destroy"): ("VDI.destroy",),
    ("VDI", "forget"): ("VDI.forget",),
    ("VBD", "plug"): ("VBD.plug",),
    ("VBD", "unplug"): ("VBD.unplug",),
}
# Codes that say "not now": whoever reads allowed_operations need not expect them.
NOT_NOW = frozenset({
    "VM_BAD_POWER_STATE", "VM_IS_TEMPLATE", "VM_IS_SNAPSHOT", "OPERATION_NOT_ALLOWED", "OPERATION_BLOCKED",
    "OTHER_OPERATION_IN_PROGRESS", "HOST_NOT_DISABLED", "HOST_IS_LIVE", "HOST_POWER_ON_MODE_DISABLED", "SR_HAS_PBD",
    "VDI_IN_USE", "SR_OPERATION_NOT_SUPPORTED", "DEVICE_ALREADY_ATTACHED", "DEVICE_ALREADY_DETACHED",
})  # fmt: skip


@dataclass(frozen=True)
class Agreement:
    """What the object said, and what came of the call."""

    what: str
    ref: str
    allowed: bool
    refused: list[str]

    @property
    def holds(self) -> bool:
        if self.refused == UNANSWERED:
            return True
        return not self.is_about_itself if self.allowed else bool(self.refused)

    @property
    def is_about_itself(self) -> bool:
        """Refused for what the object is or does, and not for the state of another one that the call looks at."""
        others = [word for word in self.refused if word.startswith("OpaqueRef:") and word != self.ref]
        return bool(self.refused) and self.refused[0] in NOT_NOW and (self.ref in self.refused or not others)


def try_out(lab: Lab, operation: tuple[str, str], picks: Picks) -> Agreement:
    """Do it whether it is allowed or not."""
    (cls, name), (method, *arguments) = operation, CALLS[operation]
    database, ref = lab.coordinator.database, str(One(cls).value(lab, picks))
    if not database.has(cls, ref):
        return Agreement(name, ref, allowed=False, refused=UNANSWERED)
    listed = database.field(cls, ref, "allowed_operations")
    values = [each.value(lab, picks) if isinstance(each, One) else each for each in arguments]
    refused = lab.call(lab.coordinator, str(method), ref, *values)
    what = f"{method} of {database.field(cls, ref, 'name_label') if cls != 'VBD' and database.has(cls, ref) else ref}"
    return Agreement(what, ref, allowed=isinstance(listed, list) and name in listed, refused=refused)
