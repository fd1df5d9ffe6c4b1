"""Leftovers that are no objects of their own: a setting that points nowhere, an HA plan, a lost memory image."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from pools.forecast.leftovers import POOL, SETTINGS, LeftKind
from pools.operations.context import Context
from pools.operations.forgetting.leftovers import LeftoverStep
from pools.operations.step import ReversibleStep
from pools.xapi.inventory import Snapshot
from pools.xapi.records import NULL, VMRecord

SHUTDOWN: Final = "Async.VM.hard_shutdown"
COMMANDS: Final[Mapping[str, str]] = {
    "default_SR": "default-SR",
    "suspend_image_SR": "suspend-image-SR",
    "crash_dump_SR": "crash-dump-SR",
}


@dataclass(frozen=True, kw_only=True)
class SetPoolStorage(LeftoverStep, ReversibleStep):
    """pool.set_default_SR and its like; ``setting``: the field's name, ``sr_uuid``: empty for no storage at all.

    ``uuid``: the pool's own.
    """

    kinds: ClassVar = frozenset(SETTINGS)

    setting: str
    sr_uuid: str
    sr_name: str

    @property
    def label(self) -> LeftKind:
        return next(kind for kind, name in SETTINGS.items() if name == self.setting)

    @property
    def keys(self) -> frozenset[str]:
        return frozenset({f"{self.label.name.lower()}:{POOL}"})

    @property
    def title(self) -> str:
        return f"Let the pool’s {self.label} be {self.sr_name or 'none'}, not {self.name}"

    @property
    def call(self) -> str:
        return f"pool.set_{self.setting}({self.sr_name or 'no storage'}) on {self.coordinator_name}"

    @property
    def xe(self) -> str:
        value = self.sr_uuid or "00000000-0000-0000-0000-000000000000"
        return self.command("pool-param-set", {"uuid": self.uuid, COMMANDS[self.setting]: value})

    @property
    def undo_text(self) -> str:
        return "Nothing to undo: what it named before is not there."

    def verify(self, ctx: Context) -> bool:
        """A setting of no storage is the null reference; one that points nowhere is another one."""
        pool = Snapshot.from_wire({"pool": ctx.pool().records("pool")}).pool
        wanted = ctx.pool().found("SR", self.sr_uuid) if self.sr_uuid else (NULL, {})
        return wanted is not None and getattr(pool, self.setting) == wanted[0]

    def run(self, ctx: Context) -> None:
        xapi = ctx.pool()
        xapi.pool_set_storage(self.setting, xapi.ref_of("SR", self.sr_uuid) if self.sr_uuid else NULL)

    def undo(self, ctx: Context) -> None:
        """A setting that points nowhere is not made again."""


@dataclass(frozen=True, kw_only=True)
class OfVM(LeftoverStep):
    """A step that changes a VM's record, and is done when there is none any more."""

    def vm(self, ctx: Context) -> VMRecord | None:
        found = ctx.pool().found("VM", self.uuid)
        return VMRecord.from_wire(*found) if found else None


@dataclass(frozen=True, kw_only=True)
class ClearHAPlan(OfVM, ReversibleStep):
    """VM.set_ha_restart_priority to nothing: HA plans no memory for a VM that can run nowhere.

    ``priority``: what it was.
    """

    kinds: ClassVar = frozenset({LeftKind.HA_PLAN})

    priority: str

    @property
    def undo_text(self) -> str:
        return f"HA’s plan for it is “{self.priority}” again."

    @property
    def title(self) -> str:
        return f"Take the VM {self.name} out of HA’s plan"

    @property
    def call(self) -> str:
        return f"VM.set_ha_restart_priority({self.name}, {self.uuid}, “”) on {self.coordinator_name}"

    @property
    def xe(self) -> str:
        return self.command("vm-param-set", {"uuid": self.uuid, "ha-restart-priority": ""})

    def verify(self, ctx: Context) -> bool:
        vm = self.vm(ctx)
        return vm is None or not vm.ha_restart_priority

    def run(self, ctx: Context) -> None:
        xapi = ctx.pool()
        xapi.vm_set_ha_restart_priority(xapi.ref_of("VM", self.uuid), "")

    def undo(self, ctx: Context) -> None:
        """As it was, if there still is such a VM."""
        vm = self.vm(ctx)
        if vm is not None and not vm.ha_restart_priority:
            ctx.pool().vm_set_ha_restart_priority(vm.ref, self.priority)


@dataclass(frozen=True, kw_only=True)
class HaltSuspended(OfVM):
    """VM.hard_shutdown of a suspended VM whose memory image is gone: it counts as halted then (xapi_vm.ml)."""

    kinds: ClassVar = frozenset({LeftKind.SUSPENDED})

    @property
    def title(self) -> str:
        return f"Let the suspended VM {self.name}, whose memory is lost, be halted"

    @property
    def done_by(self) -> str:
        return SHUTDOWN

    @property
    def call(self) -> str:
        return f"{SHUTDOWN}({self.name}, {self.uuid}) on {self.coordinator_name}"

    @property
    def xe(self) -> str:
        return self.command("vm-shutdown", {"uuid": self.uuid, "force": "true"})

    def verify(self, ctx: Context) -> bool:
        vm = self.vm(ctx)
        return vm is None or vm.power_state == "Halted"

    def run(self, ctx: Context) -> None:
        xapi = ctx.pool()
        ctx.follow(xapi, xapi.vm_hard_shutdown(xapi.ref_of("VM", self.uuid)))
