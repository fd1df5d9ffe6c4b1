"""A server is emptied before it leaves: nothing new starts on it, and what runs on it moves to the others."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pools.checks.finding import Finding, listed
from pools.checks.host_remove import last_look
from pools.checks.host_remove.emptying import VM, named
from pools.operations.context import Context
from pools.operations.removal.leaving import LeavingStep
from pools.operations.step import Differs, ReversibleStep
from pools.operations.underway import is_underway
from pools.xapi.errors import XapiError, XapiFailure
from pools.xapi.inventory import Snapshot
from pools.xapi.records import TaskRecord, VMRecord

DISABLE = "Async.host.disable"
EVACUATE = "Async.host.evacuate"
SECONDS_A_VM = 20.0


@dataclass(frozen=True, kw_only=True)
class DisableHost(LeavingStep, ReversibleStep):
    """host.disable: no VM starts there any more (xapi_host.ml, disable)."""

    @property
    def title(self) -> str:
        return f"Let nothing new start on {self.host_name}"

    @property
    def call(self) -> str:
        return f"{DISABLE}({self.host_name}, {self.host_uuid}, auto_enable=false) on {self.coordinator_name}"

    @property
    def xe(self) -> str:
        return self.command("host-disable", {"uuid": self.host_uuid})

    @property
    def undo_text(self) -> str:
        return "The server is enabled again; no VM that was moved away comes back by that."

    def verify(self, ctx: Context) -> bool:
        return not self.host(self.snapshot(ctx, "host")).enabled

    def run(self, ctx: Context) -> None:
        xapi = ctx.pool()
        ctx.follow(xapi, xapi.host_disable(xapi.ref_of("host", self.host_uuid)))

    def undo(self, ctx: Context) -> None:
        xapi = ctx.pool()
        if not self.host(self.snapshot(ctx, "host")).enabled:
            ctx.follow(xapi, xapi.host_enable(xapi.ref_of("host", self.host_uuid)))

    def may_repeat(self, ctx: Context) -> bool:
        """No such call is under way, and the server is still enabled."""
        return not is_underway(ctx.pool(), DISABLE) and not self.verify(ctx)


@dataclass(frozen=True, kw_only=True)
class EvacuateHost(LeavingStep, ReversibleStep):
    """host.evacuate: every running VM moves live to another server (xapi_host.ml, evacuate).

    ``guests``: how many there were when the plan was made.
    """

    guests: int = 0

    @property
    def title(self) -> str:
        return f"Move what runs on {self.host_name} to the other servers"

    @property
    def call(self) -> str:
        return f"{EVACUATE}({self.host_name}, {self.host_uuid}) on {self.coordinator_name}"

    @property
    def xe(self) -> str:
        return self.command("host-evacuate", {"uuid": self.host_uuid})

    @property
    def undo_text(self) -> str:
        return "Nothing is moved back: the VMs run on where they are then."

    @property
    def interruption(self) -> str:
        return "Each VM pauses for a moment while it moves."

    @property
    def expected_seconds(self) -> float:
        return 10.0 + SECONDS_A_VM * self.guests

    @property
    def patience(self) -> float:
        """Large VMs take minutes each, and move a few at a time."""
        return super().patience * (1 + self.guests)

    @property
    def look_at(self) -> Sequence[str]:
        return (f"{self.coordinator_name}: “xe vm-list resident-on={self.host_uuid} is-control-domain=false”.",)

    def verify(self, ctx: Context) -> bool:
        left = self.left(ctx)
        ctx.notes.missing = f"Still on {self.host_name}: {listed([vm.name_label for vm in left])}." if left else ""
        return not left

    def left(self, ctx: Context) -> list[VMRecord]:
        """The VMs that still run there."""
        snapshot = self.snapshot(ctx, "host", "vm")
        return running_on(snapshot, self.host(snapshot).ref)

    def run(self, ctx: Context) -> None:
        """All or nothing at first; later a VM that refuses ends the call, and those that moved stay where they are."""
        xapi = ctx.pool()
        task = xapi.host_evacuate(xapi.ref_of("host", self.host_uuid))
        try:
            ctx.follow(xapi, task, lambda: self.say_left(ctx))
        except XapiFailure as failure:
            raise self.stopped(ctx, failure) from None

    def say_left(self, ctx: Context) -> None:
        """Name the VMs that are still to move, with how far each is."""
        with suppress(XapiError):
            left, tasks = self.left(ctx), ctx.pool().records("task")
            ctx.notes.waiting_for(still_to_move(left, {ref: TaskRecord.from_wire(ref, tasks[ref]) for ref in tasks}))

    def stopped(self, ctx: Context, failure: XapiFailure) -> Differs:
        """Which VM refused, why, and who is still there."""
        snapshot = self.snapshot(ctx, "host", "vm", "sr", "network")
        left = running_on(snapshot, self.host(snapshot).ref)
        said = (self.host_name, refusing(snapshot, failure) or "a VM", failure.code, str(len(left)))
        there = [last_look.still_there(self.host_uuid, vm) for vm in left]
        return Differs("XENWEB_EVACUATION_STOPPED", said, [refusal(snapshot, self.host_uuid, failure), *there])

    def undo(self, ctx: Context) -> None:
        """A VM that moved live is as well where it is now."""

    def may_repeat(self, ctx: Context) -> bool:
        """No evacuation is under way: another one moves only what is still there."""
        return not is_underway(ctx.pool(), EVACUATE) and not self.verify(ctx)


def still_to_move(left: Sequence[VMRecord], tasks: Mapping[str, TaskRecord]) -> str:
    """Those on their way first; each move is a task of its own (xapi_host.ml, evacuate)."""
    if not left:
        return "The last VM has moved"
    moving = {vm.uuid: f"{vm.name_label} ({done:.0%})" for vm in left if (done := moved(vm, tasks)) is not None}
    waiting = [vm.name_label for vm in left if vm.uuid not in moving]
    said = [f"moving {listed([*moving.values()], 10)}"] if moving else []
    said += [f"waiting {listed(waiting, 6)}"] if waiting else []
    return f"{len(left)} still to move: {'; '.join(said)}"


def moved(vm: VMRecord, tasks: Mapping[str, TaskRecord]) -> float | None:
    """How far a VM's own move is; nothing when it does not move now, or XAPI does not tell."""
    ways = [ref for ref, operation in vm.current_operations.items() if operation == "pool_migrate"]
    return next((tasks[ref].progress for ref in ways if ref in tasks), None)


def refusing(snapshot: Snapshot, failure: XapiFailure) -> str:
    """The VM that a failure names."""
    return next((snapshot.vms[ref].name_label for ref in failure.params if ref in snapshot.vms), "")


def refusal(snapshot: Snapshot, host_uuid: str, failure: XapiFailure) -> Finding:
    """XAPI's own reason, with names in place of references."""
    uuid = next((snapshot.vms[ref].uuid for ref in failure.params if ref in snapshot.vms), "")
    return Finding(
        code=failure.code,
        subject=host_uuid,
        params=tuple(named(snapshot, param) for param in failure.params),
        theirs=refusing(snapshot, failure),
        values={VM: uuid} if uuid else {},
    )


def running_on(snapshot: Snapshot, host_ref: str) -> list[VMRecord]:
    """The guests that keep a server in its pool: not halted, and resident there (xapi_pool.ml, eject_self)."""
    guests = (vm for vm in snapshot.vms.values() if not vm.is_control_domain and vm.resident_on == host_ref)
    return sorted((vm for vm in guests if vm.power_state != "Halted"), key=lambda vm: vm.name_label)
