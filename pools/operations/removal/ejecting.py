"""The point of no return: pool.eject, sent at most once for one approval, whatever happens."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from pools.checks.finding import listed
from pools.checks.host_remove import last_look
from pools.operations import attempts
from pools.operations.context import Context
from pools.operations.removal.leaving import LeavingStep
from pools.operations.step import Differs
from pools.operations.underway import is_underway
from pools.xapi.errors import XapiError, XapiFailure
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
    """pool.eject: the server erases its local storage, forgets the pool, and reboots (xapi_pool.ml, eject_self).

    ``storage``: what only this server is connected to, names by uuid. ``elsewhere``: of VMs, by uuid, where the data
    of disks stays that only go out of reach; kept for a later cleaning of the pool.
    """

    old_pool_uuid: str
    storage: Mapping[str, str]
    elsewhere: Mapping[str, str] = field(default_factory=dict)

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
        unplugged = f"“xe pbd-list host-uuid={self.host_uuid} currently-attached=false”"
        return (
            f"{self.coordinator_name}: does “xe host-list” still show {self.host_name} ({self.host_uuid})?",
            f"{self.coordinator_name}: does “xe task-list” show a pool.eject that still runs?",
            f"{self.host_name}: does it reboot, or answer as a pool of its own (“xe pool-list”)?",
            f"{self.coordinator_name}: is it to stay after all? Plug in what {unplugged} names: “xe pbd-plug uuid=…”.",
        )

    def precheck(self, ctx: Context) -> None:
        """The last look once more: a VM may have been started since."""
        super().run(ctx)
        ctx.notes.proved = f"Nothing else is lost with {self.host_name}."

    def verify(self, ctx: Context) -> bool:
        """The pool destroys the host's record at the very end of the call (message_forwarding.ml, Pool.eject)."""
        if not ctx.pool().has_host(self.host_uuid):
            ctx.notes.proved = f"The pool does not know {self.host_name} any more."
            return True
        return attempts.was_sent(ctx.row) and self.left_unheard(ctx)

    def left_unheard(self, ctx: Context) -> bool:
        """The server has left, and the pool was never told: it lost its reply, or its own toolstack."""
        ctx.notes.proved = self.signs(ctx)
        own = self.own_pool(ctx)
        if own is not None and own.pool.uuid != self.old_pool_uuid:
            ctx.notes.proved = f"{self.host_name} is a pool of its own, though the pool still shows it."
            return True
        ctx.notes.missing = f"{self.coordinator_name} still shows {self.host_name} as a member."
        return False

    def signs(self, ctx: Context) -> str:
        """What speaks for it that an eject has begun: it unplugs all storage, then forgets its own (eject_self)."""
        snapshot = self.snapshot(ctx, "host", "host_metrics", "pbd", "sr")
        host, there = self.host(snapshot), {sr.uuid for sr in snapshot.srs.values()}
        gone = [name for uuid, name in self.storage.items() if uuid not in there]
        mine = [pbd for pbd in snapshot.pbds.values() if pbd.host == host.ref]
        unplugged = sum(not pbd.currently_attached for pbd in mine)
        reports = "reports" if snapshot.is_live(host) else "does not report"
        if is_underway(ctx.pool(), EJECT):
            return f"The pool still works on it: a task of {EJECT} has not ended."
        if gone or unplugged:
            lost = f"{listed(gone)} forgotten, " if gone else ""
            return f"It began: {lost}{unplugged} of {len(mine)} connections unplugged. {self.host_name} {reports}."
        return f"Nothing shows that it began: {self.host_name} {reports}, and all its storage is connected."

    def run(self, ctx: Context) -> None:
        """What fails half-way stays half done (eject_self): say how far it came."""
        xapi = ctx.pool()
        task = xapi.pool_eject(xapi.ref_of("host", self.host_uuid))
        try:
            ctx.follow(xapi, task)
        except XapiFailure:
            with suppress(XapiError):
                ctx.notes.proved = self.signs(ctx)
            raise
