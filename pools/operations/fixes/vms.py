"""Running VMs: shut each down, suspend it, or move it to another host of its pool. Row 9 counts "Running" alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pools.checks.facts import Facts, ServerFacts
from pools.checks.finding import Finding
from pools.checks.registry import refusal
from pools.operations.context import Context
from pools.operations.fixes.fix import Fix, FixStep, target
from pools.operations.kind import Choices
from pools.operations.step import ReversibleStep, Step
from pools.xapi.records import HostRecord, VMRecord

CLEAN, HARD, SUSPEND, MIGRATE = "clean", "hard", "suspend", "migrate"
METHODS: Final = {CLEAN: "clean_shutdown", HARD: "hard_shutdown", SUSPEND: "suspend"}
TITLES: Final = {CLEAN: "Shut down", HARD: "Cut the power of", SUSPEND: "Suspend"}
XE: Final = {CLEAN: "vm-shutdown", HARD: "vm-shutdown", SUSPEND: "vm-suspend"}
DEFAULT_MINUTES: Final = 10
HERE: Final = frozenset({"Running", "Paused"})


@dataclass(frozen=True, kw_only=True)
class StopVM(FixStep, ReversibleStep):
    """VM.clean_shutdown, hard_shutdown or suspend. Undo starts or resumes it: nothing but its uptime is lost."""

    vm_uuid: str
    vm_name: str
    how: str
    minutes: int = DEFAULT_MINUTES

    @property
    def title(self) -> str:
        return f"{TITLES[self.how]} {self.vm_name}"

    @property
    def call(self) -> str:
        return f"Async.VM.{METHODS[self.how]}({self.vm_name}, {self.vm_uuid}) {self.at}"

    @property
    def xe(self) -> str:
        force = {"force": "true"} if self.how == HARD else {}
        return self.command(XE[self.how], uuid=self.vm_uuid, **force)

    @property
    def undo_text(self) -> str:
        return "The VM is resumed." if self.how == SUSPEND else "The VM is started again."

    @property
    def interruption(self) -> str:
        lost = " As if its power was cut: what the guest has not written is lost." if self.how == HARD else ""
        until = "resumed" if self.how == SUSPEND else "started"
        return f"{self.vm_name} does not run until it is {until} again.{lost}"

    @property
    def expected_seconds(self) -> float:
        return 30.0

    @property
    def patience(self) -> float:
        """A guest takes its time; after the limit a person is asked, and nothing is forced."""
        return self.minutes * 60.0 if self.how == CLEAN else super().patience

    @property
    def look_at(self) -> Sequence[str]:
        return (
            f"{self.host}: “xe vm-list uuid={self.vm_uuid} params=power-state”.",
            f"The console of {self.vm_name}: does it ask something before it shuts down?",
        )

    def verify(self, ctx: Context) -> bool:
        vm = self._vm(ctx)
        ctx.notes.proved = f"{self.vm_name} is {vm.power_state.lower() if vm else 'gone'}."
        return vm is None or vm.power_state not in HERE

    def run(self, ctx: Context) -> None:
        xapi = self.xapi(ctx)
        send = {CLEAN: xapi.vm_clean_shutdown, HARD: xapi.vm_hard_shutdown, SUSPEND: xapi.vm_suspend}[self.how]
        ctx.follow(xapi, send(xapi.ref_of("VM", self.vm_uuid)))

    def may_repeat(self, ctx: Context) -> bool:
        """It runs, and nothing is under way with it: the call did not happen."""
        vm = self._vm(ctx)
        return vm is not None and vm.power_state == "Running" and not vm.current_operations

    def undo(self, ctx: Context) -> None:
        """Start what is halted, resume what is suspended; what runs already is left alone."""
        vm, xapi = self._vm(ctx), self.xapi(ctx)
        if vm is not None and vm.power_state == "Suspended":
            ctx.follow(xapi, xapi.vm_resume(vm.ref))
        elif vm is not None and vm.power_state == "Halted":
            ctx.follow(xapi, xapi.vm_start(vm.ref))

    def _vm(self, ctx: Context) -> VMRecord | None:
        found = self.xapi(ctx).found("VM", self.vm_uuid)
        return VMRecord.from_wire(*found) if found else None


@dataclass(frozen=True, kw_only=True)
class MigrateVM(FixStep):
    """VM.pool_migrate, live, to another host of the same pool."""

    vm_uuid: str
    vm_name: str
    to_uuid: str
    to_name: str

    @property
    def title(self) -> str:
        return f"Move {self.vm_name} to {self.to_name}"

    @property
    def call(self) -> str:
        return f"Async.VM.pool_migrate({self.vm_name}, {self.to_name}, live=true) {self.at}"

    @property
    def xe(self) -> str:
        return self.command("vm-migrate", uuid=self.vm_uuid, host_uuid=self.to_uuid, live="true")

    @property
    def undo_text(self) -> str:
        return ""

    @property
    def expected_seconds(self) -> float:
        return 60.0

    def verify(self, ctx: Context) -> bool:
        xapi = self.xapi(ctx)
        found = xapi.found("VM", self.vm_uuid)
        here = xapi.found("host", self.target["host_uuid"])
        return found is None or here is None or found[1].get("resident_on") != here[0]

    def run(self, ctx: Context) -> None:
        xapi = self.xapi(ctx)
        task = xapi.vm_pool_migrate(xapi.ref_of("VM", self.vm_uuid), xapi.ref_of("host", self.to_uuid))
        ctx.follow(xapi, task)

    def may_repeat(self, ctx: Context) -> bool:
        """It is still here, and nothing is under way with it."""
        found = self.xapi(ctx).found("VM", self.vm_uuid)
        return found is not None and not VMRecord.from_wire(*found).current_operations


class RunningVMs(Fix):
    """No running VM on a server that joins (assert_no_running_vms_on_me)."""

    kind = "fix_vms"
    title = "Stop the running VMs"
    solves = "Stop its VMs"
    about = "A server may not run any VM while it joins. Its VMs stay what they are, and can be started in the pool."
    steps = (StopVM, MigrateVM)

    def rests_on(self, server: ServerFacts) -> Mapping[str, str]:
        return {"running VMs": ", ".join(f"{vm.name_label} ({vm.uuid})" for vm in running(server))}

    def is_needed(self, server: ServerFacts) -> bool:
        return bool(running(server))

    def obstacles(self, server: ServerFacts, choices: Choices) -> list[Finding]:
        """Moving needs another host of the same pool; a hard shutdown needs its own yes."""
        ways = {way_of(vm, choices) for vm in running(server)}
        if MIGRATE in ways and other_host(server) is None:
            return [refusal("XENWEB_FIX_NO_OTHER_HOST", server, server.name_label, theirs="the only host", ours="two")]
        return []

    def plan(self, facts: Facts, choices: Choices) -> Sequence[Step]:
        server = facts.coordinator
        other = other_host(server)
        steps: list[Step] = []
        for vm in running(server):
            way, common = way_of(vm, choices), {"vm_uuid": vm.uuid, "vm_name": vm.name_label}
            if way == MIGRATE and other is not None:
                to = {"to_uuid": other.uuid, "to_name": other.name_label}
                steps.append(MigrateVM(target=target(facts, choices), **common, **to))
            else:
                steps.append(StopVM(target=target(facts, choices), how=way, minutes=minutes_of(choices), **common))
        return steps


def running(server: ServerFacts) -> list[VMRecord]:
    """The VMs that XAPI would count, by name."""
    vms = [vm for vm in server.snapshot.vms.values() if vm.power_state == "Running" and not vm.is_control_domain]
    return sorted(vms, key=lambda vm: (vm.name_label, vm.uuid))


def other_host(server: ServerFacts) -> HostRecord | None:
    """A live host of the same pool that takes VMs."""
    hosts = [host for host in server.snapshot.hosts.values() if host.uuid != server.uuid and host.enabled]
    return next((host for host in hosts if server.snapshot.is_live(host)), None)


def chosen(choices: Choices) -> Mapping[str, object]:
    found = choices.chosen.get("fix", {})
    return found if isinstance(found, Mapping) else {}


def way_of(vm: VMRecord, choices: Choices) -> str:
    """What was chosen for this VM, or for all; one that nobody saw on the page is never stopped hard."""
    single = chosen(choices).get("vms", {})
    own = single.get(vm.uuid, "") if isinstance(single, Mapping) else ""
    return str(own or chosen(choices).get("how") or CLEAN)


def minutes_of(choices: Choices) -> int:
    return int(str(chosen(choices).get("minutes", DEFAULT_MINUTES)))
