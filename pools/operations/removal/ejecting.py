"""The point of no return: pool.eject, sent at most once for one approval, whatever happens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pools.checks.host_remove import last_look
from pools.operations.context import Context
from pools.operations.removal.leaving import LeavingStep
from pools.operations.step import Differs
from pools.xapi.gateway import WITH_DISKS
from pools.xapi.inventory import Snapshot

EJECT = "Async.pool.eject"


@dataclass(frozen=True, kw_only=True)
class ProveNothingElseIsLost(LeavingStep):
    """A last look: nobody runs there, and nothing is lost that was not decided about. Nothing is changed.

    ``known``: the rows of loss that were decided about, by key, with their names.
    """

    known: Mapping[str, str]

    @property
    def title(self) -> str:
        return f"Prove that nothing else is lost with {self.host_name}"

    @property
    def look_at(self) -> Sequence[str]:
        return (f"{self.coordinator_name}: “xe vm-list resident-on={self.host_uuid}”, “xe vdi-list”.",)

    def verify(self, ctx: Context) -> bool:
        return not last_look.findings(self.seen(ctx), self.host_uuid, self.known)

    def seen(self, ctx: Context) -> Snapshot:
        xapi = ctx.pool()
        tables = xapi.snapshot(WITH_DISKS)
        return Snapshot.from_wire(tables, xapi.unread)

    def run(self, ctx: Context) -> None:
        """What was found is for a person: nothing is decided here."""
        if found := last_look.findings(self.seen(ctx), self.host_uuid, self.known):
            raise Differs("XENWEB_NOT_ALL_DECIDED", (self.host_name, str(len(found))), found)


@dataclass(frozen=True, kw_only=True)
class EjectHost(ProveNothingElseIsLost):
    """pool.eject: the server erases its local storage, forgets the pool, and reboots (xapi_pool.ml, eject_self)."""

    @property
    def title(self) -> str:
        return f"Remove {self.host_name} from the pool"

    @property
    def call(self) -> str:
        return f"{EJECT}({self.host_name}, {self.host_uuid}) on {self.coordinator_name}"

    @property
    def xe(self) -> str:
        return self.command("pool-eject", {"host-uuid": self.host_uuid, "force": "true"})

    @property
    def once(self) -> bool:
        return True

    @property
    def interruption(self) -> str:
        return f"{self.host_name} loses everything on its local storage, and reboots. It answers again after minutes."

    @property
    def expected_seconds(self) -> float:
        return 20.0

    @property
    def look_at(self) -> Sequence[str]:
        return (
            f"{self.coordinator_name}: does “xe host-list” still show {self.host_name} ({self.host_uuid})?",
            f"{self.coordinator_name}: does “xe task-list” show a pool.eject that still runs?",
            f"{self.host_name}: does it reboot, or answer as a pool of its own (“xe pool-list”)?",
        )

    def precheck(self, ctx: Context) -> None:
        """The last look once more: a VM may have been started since."""
        super().run(ctx)

    def verify(self, ctx: Context) -> bool:
        """The pool destroys the host's record at the very end of the call (xapi_pool.ml, eject)."""
        if ctx.pool().has_host(self.host_uuid):
            ctx.notes.missing = f"{self.coordinator_name} still shows {self.host_name} as a member."
            return False
        ctx.notes.proved = f"The pool does not know {self.host_name} any more."
        return True

    def run(self, ctx: Context) -> None:
        xapi = ctx.pool()
        ctx.follow(xapi, xapi.pool_eject(xapi.ref_of("host", self.host_uuid)))


@dataclass(frozen=True, kw_only=True)
class AwaitForgotten(LeavingStep):
    """The pool collects what is left of the server's records within half a minute (db_gc_util.ml)."""

    @property
    def title(self) -> str:
        return f"Wait until the pool has forgotten {self.host_name}"

    @property
    def parks(self) -> bool:
        return True

    @property
    def expected_seconds(self) -> float:
        return 30.0

    @property
    def look_at(self) -> Sequence[str]:
        return (f"{self.coordinator_name}: “xe pif-list params=uuid,host-uuid,device”, “xe pbd-list”.",)

    def verify(self, ctx: Context) -> bool:
        """A record whose host is gone was the server's."""
        snapshot = self.snapshot(ctx, "host", "pif", "pbd")
        owners = [pif.host for pif in snapshot.pifs.values()] + [pbd.host for pbd in snapshot.pbds.values()]
        left = sum(owner not in snapshot.hosts for owner in owners)
        ctx.notes.missing = f"{left} records of {self.host_name} are left." if left else ""
        return not left

    def run(self, ctx: Context) -> None:
        """There is nothing to send."""
