"""host.declare_dead and host.destroy: XAPI lets go only of a server that it does not hear and cannot reach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pools import inventories
from pools.operations import asking_around
from pools.operations.context import Context
from pools.operations.removal.leaving import LeavingStep
from pools.operations.step import Stale
from pools.operations.underway import is_underway

DECLARE = "Async.host.declare_dead"
DESTROY = "Async.host.destroy"


@dataclass(frozen=True, kw_only=True)
class DeadStep(LeavingStep):
    """A step that rests on the server being dead: it is asked once more right before the call."""

    @property
    def look_at(self) -> Sequence[str]:
        return (
            f"{self.host_name}: is it certainly off (IPMI, power button, cable)?",
            f"{self.coordinator_name}: “xe host-list uuid={self.host_uuid} params=host-metrics-live,enabled”.",
        )

    def precheck(self, ctx: Context) -> None:
        """Whoever answers is not dead: two servers would run the same VMs."""
        evidence = asking_around.ask(ctx.server(self.host_uuid), ())
        if evidence.answers:
            raise Stale([f"{self.host_name} answers: {evidence.answer}. Nothing was sent."])


@dataclass(frozen=True, kw_only=True)
class DeclareDead(DeadStep):
    """host.declare_dead: its VMs count as halted and can be started elsewhere (xapi_host.ml, declare_dead)."""

    @property
    def title(self) -> str:
        return f"Declare {self.host_name} dead"

    @property
    def call(self) -> str:
        return f"{DECLARE}({self.host_name}, {self.host_uuid}) on {self.coordinator_name}"

    @property
    def xe(self) -> str:
        return self.command("host-declare-dead", {"uuid": self.host_uuid})

    @property
    def interruption(self) -> str:
        return (
            f"If {self.host_name} still runs, its VMs run there and can be started a second time here: "
            "their disks are then destroyed."
        )

    def verify(self, ctx: Context) -> bool:
        snapshot = self.snapshot(ctx, "host", "vm")
        host = self.host(snapshot)
        there = [vm for vm in snapshot.vms.values() if vm.resident_on == host.ref and not vm.is_control_domain]
        ctx.notes.missing = f"The pool still counts {len(there)} VMs as running on {self.host_name}." if there else ""
        return not there and not host.enabled

    def run(self, ctx: Context) -> None:
        xapi = ctx.pool()
        ctx.follow(xapi, xapi.host_declare_dead(xapi.ref_of("host", self.host_uuid)))

    def may_repeat(self, ctx: Context) -> bool:
        """To declare it dead twice is to declare it dead once."""
        return not is_underway(ctx.pool(), DECLARE) and not self.verify(ctx)


@dataclass(frozen=True, kw_only=True)
class ForgetHost(DeadStep):
    """host.destroy: the record goes, and the server, should it come back, finds no pool (xapi_host.ml, destroy).

    ``leaves``: what it leaves behind, names by key; kept for a later cleaning of the pool.
    """

    leaves: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return f"Let the pool forget {self.host_name}"

    @property
    def once(self) -> bool:
        return True

    @property
    def call(self) -> str:
        return f"{DESTROY}({self.host_name}, {self.host_uuid}) on {self.coordinator_name}"

    @property
    def xe(self) -> str:
        return self.command("host-forget", {"uuid": self.host_uuid, "force": "true"})

    @property
    def interruption(self) -> str:
        return f"Should {self.host_name} come back, it has to be installed anew before it can be used."

    def verify(self, ctx: Context) -> bool:
        if ctx.pool().has_host(self.host_uuid):
            ctx.notes.missing = f"{self.coordinator_name} still shows {self.host_name}."
            return False
        ctx.notes.proved = f"The pool does not know {self.host_name} any more."
        if ctx.operation.pool is not None:
            inventories.drop_member(ctx.operation.pool, self.host_uuid)
        return True

    def run(self, ctx: Context) -> None:
        xapi = ctx.pool()
        ctx.follow(xapi, xapi.host_destroy(xapi.ref_of("host", self.host_uuid)))
