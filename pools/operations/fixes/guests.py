"""VMs that keep a server from being emptied: a disc leaves its drive, a paused one runs on, any of them is stopped."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final

from pools import connections
from pools.checks.facts import Facts, ServerFacts
from pools.checks.finding import Finding
from pools.checks.registry import refusal
from pools.forecast.losses.capacity import memory
from pools.forecast.places import Places
from pools.models import Server
from pools.operations.context import Context
from pools.operations.fixes.fix import NOTHING_TO_FIX, Fix, FixStep, target
from pools.operations.fixes.vms import CLEAN, HARD, MIGRATE, SUSPEND, MigrateVM, StopVM, chosen, minutes_of
from pools.operations.kind import Choices
from pools.operations.step import ReversibleStep, Step
from pools.xapi.gateway import OF_JOINERS, Xapi
from pools.xapi.inventory import Snapshot
from pools.xapi.records import NULL, HostRecord, VMRecord

EJECT, UNPAUSE = "eject", "unpause"
WAYS: Final = (EJECT, UNPAUSE, MIGRATE, SUSPEND, CLEAN, HARD)


@dataclass(frozen=True, kw_only=True)
class EjectDisc(FixStep, ReversibleStep):
    """VBD.eject: the disc leaves the VM's drive. Undo puts it in again."""

    vm_name: str
    vbd_uuid: str
    disc_uuid: str
    disc_name: str

    @property
    def title(self) -> str:
        return f"Take {self.disc_name} out of the drive of {self.vm_name}"

    @property
    def call(self) -> str:
        return f"Async.VBD.eject({self.vbd_uuid}) {self.at}"

    @property
    def xe(self) -> str:
        return self.command("vbd-eject", uuid=self.vbd_uuid)

    @property
    def undo_text(self) -> str:
        return "The disc is put into the drive again, as long as the VM is where the disc can be reached."

    @property
    def interruption(self) -> str:
        return f"{self.vm_name} runs on without the disc."

    def verify(self, ctx: Context) -> bool:
        found = self.xapi(ctx).found("VBD", self.vbd_uuid)
        return found is None or found[1].get("VDI") == NULL

    def run(self, ctx: Context) -> None:
        xapi = self.xapi(ctx)
        ctx.follow(xapi, xapi.vbd_eject(xapi.ref_of("VBD", self.vbd_uuid)))

    def may_repeat(self, ctx: Context) -> bool:
        """The disc is still in, and only an empty drive refuses."""
        return not self.verify(ctx)

    def undo(self, ctx: Context) -> None:
        xapi = self.xapi(ctx)
        drive, disc = xapi.found("VBD", self.vbd_uuid), xapi.found("VDI", self.disc_uuid)
        if drive is not None and disc is not None and drive[1].get("VDI") == NULL:
            ctx.follow(xapi, xapi.vbd_insert(drive[0], disc[0]))


@dataclass(frozen=True, kw_only=True)
class UnpauseVM(FixStep, ReversibleStep):
    """VM.unpause: only what runs can move. Undo pauses it again."""

    vm_uuid: str
    vm_name: str

    @property
    def title(self) -> str:
        return f"Let {self.vm_name} run on"

    @property
    def call(self) -> str:
        return f"Async.VM.unpause({self.vm_name}, {self.vm_uuid}) {self.at}"

    @property
    def xe(self) -> str:
        return self.command("vm-unpause", uuid=self.vm_uuid)

    @property
    def undo_text(self) -> str:
        return "The VM is paused again."

    def state(self, ctx: Context) -> tuple[str, str]:
        found = self.xapi(ctx).found("VM", self.vm_uuid)
        return (found[0], str(found[1].get("power_state"))) if found else ("", "")

    def verify(self, ctx: Context) -> bool:
        return self.state(ctx)[1] != "Paused"

    def run(self, ctx: Context) -> None:
        xapi = self.xapi(ctx)
        ctx.follow(xapi, xapi.vm_unpause(xapi.ref_of("VM", self.vm_uuid)))

    def may_repeat(self, ctx: Context) -> bool:
        """It is paused still: running on once more is running on."""
        return not self.verify(ctx)

    def undo(self, ctx: Context) -> None:
        ref, state = self.state(ctx)
        if state == "Running":
            ctx.follow(self.xapi(ctx), self.xapi(ctx).vm_pause(ref))


class Guests(Fix):
    """Every VM on a member can move away (xapi_host.ml, compute_evacuation_plan_no_wlb); read through its pool."""

    kind = "fix_guests"
    title = "Get VMs out of the way"
    solves = "Move, suspend or shut down"
    about = (
        "A server is emptied only when every VM on it can move. Take from a VM what keeps it, move it by itself, or "
        "stop it; what you leave as it is moves with the others, if it can. All but a move can be undone."
    )
    steps = (EjectDisc, UnpauseVM)
    reads = (*OF_JOINERS, "vdi", "vbd")

    def connect(self, server: Server) -> AbstractContextManager[Xapi]:
        return connections.connect_pool(server.pool)

    def rests_on(self, server: ServerFacts) -> Mapping[str, str]:
        return {"VMs on it": ", ".join(f"{vm.name_label} ({vm.power_state})" for vm in there(server))}

    def is_needed(self, server: ServerFacts) -> bool:
        return bool(there(server))

    def obstacles(self, server: ServerFacts, choices: Choices) -> list[Finding]:
        """What was chosen for nobody who is there needs no plan; a move needs a server that can take the VM."""
        ways = {vm.ref: way_of(vm, choices) for vm in there(server)}
        if not any(ways.values()):
            return [refusal(NOTHING_TO_FIX, server, server.name_label)]
        stuck = [vm for vm in there(server) if ways[vm.ref] == MIGRATE and place_of(server, vm) is None]
        return [refusal("XENWEB_NO_PLACE", server, vm.name_label or vm.uuid, theirs=vm.name_label) for vm in stuck]

    def plan(self, facts: Facts, choices: Choices) -> Sequence[Step]:
        through, minutes = by_coordinator(facts, choices), minutes_of(choices)
        steps: list[Step] = []
        for vm in there(facts.coordinator):
            way, name = way_of(vm, choices), vm.name_label or vm.uuid
            if way == EJECT:
                steps += ejections(facts.pool, vm, through)
            elif way == MIGRATE:
                steps += moves(facts.coordinator, vm, through)
            elif way == UNPAUSE:
                steps.append(UnpauseVM(target=through, vm_uuid=vm.uuid, vm_name=name))
            elif way:
                steps.append(StopVM(target=through, vm_uuid=vm.uuid, vm_name=name, how=way, minutes=minutes))
        return steps


def ejections(pool: Snapshot, vm: VMRecord, through: Mapping[str, str]) -> Iterator[Step]:
    """Every disc in the drives of a VM."""
    for vbd in pool.vbds.values():
        disc = pool.vdis.get(vbd.VDI)
        if vm.ref == vbd.VM and vbd.type == "CD" and disc is not None:
            yield EjectDisc(
                target=through,
                vm_name=vm.name_label or vm.uuid,
                vbd_uuid=vbd.uuid,
                disc_uuid=disc.uuid,
                disc_name=disc.name_label or disc.uuid,
            )


def moves(server: ServerFacts, vm: VMRecord, through: Mapping[str, str]) -> Iterator[Step]:
    """To the roomiest server that can take it."""
    to, name = place_of(server, vm), vm.name_label or vm.uuid
    if to is not None:
        yield MigrateVM(target=through, vm_uuid=vm.uuid, vm_name=name, to_uuid=to.uuid, to_name=to.name_label)


def place_of(server: ServerFacts, vm: VMRecord) -> HostRecord | None:
    pool = server.snapshot
    places = Places(pool=pool, staying=[host.uuid for host in pool.hosts.values() if host.uuid != server.uuid])
    found = [host for host in places.ready if places.takes(host, vm)]
    return max(found, key=lambda host: memory(pool, host)[1], default=None)


def there(server: ServerFacts) -> list[VMRecord]:
    """The guests on the server that are not halted, by name."""
    vms = [vm for vm in server.snapshot.vms.values() if vm.resident_on == server.host.ref and not vm.is_control_domain]
    return sorted((vm for vm in vms if vm.power_state != "Halted"), key=lambda vm: (vm.name_label, vm.uuid))


def way_of(vm: VMRecord, choices: Choices) -> str:
    """What was chosen for this VM; nothing for one that nobody saw."""
    single = chosen(choices).get("vms", {})
    way = str(single.get(vm.uuid) or "") if isinstance(single, Mapping) else ""
    return way if way in WAYS else ""


def by_coordinator(facts: Facts, choices: Choices) -> dict[str, str]:
    """A member's VMs are changed through its pool's coordinator."""
    coordinator = facts.pool.master
    through = {"through": coordinator.name_label, "address": coordinator.address}
    return target(facts, choices) | through
