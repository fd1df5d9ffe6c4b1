"""What servers that left leave in the pool's database: storage without a connection, and VMs without disks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from pools.forecast.leftovers import LeftKind, leftovers_of
from pools.operations.context import Context
from pools.operations.forgetting.recorded import lost_of
from pools.operations.removal.leaving import LeavingStep
from pools.operations.step import LeftOut, Stale
from pools.operations.underway import is_underway
from pools.xapi.gateway import WITH_DISKS
from pools.xapi.inventory import Snapshot

FORGET = "Async.SR.forget"
DESTROY = "Async.VM.destroy"


@dataclass(frozen=True, kw_only=True)
class LeftoverStep(LeavingStep):
    """Something that is of no use any more; other lanes and leftovers go on without it.

    ``host``: the server that left it, or the coordinator where it is the pool's.
    """

    kinds: ClassVar[frozenset[LeftKind]]

    uuid: str
    name: str

    @property
    def parks(self) -> bool:
        return True

    @property
    def is_aside(self) -> bool:
        return True

    @property
    def keys(self) -> frozenset[str]:
        """What it may be among the leftovers."""
        return frozenset(f"{kind.name.lower()}:{self.uuid}" for kind in self.kinds)

    @property
    def done_by(self) -> str:
        """The call that is not to be sent while another one of its kind is under way; empty for one without a task."""
        return ""

    def precheck(self, ctx: Context) -> None:
        """What somebody mended meanwhile is left as it is."""
        xapi = ctx.pool()
        pool = Snapshot.from_wire(xapi.snapshot(WITH_DISKS), xapi.unread)
        if pool.unread:
            raise Stale([f"The pool could not be read whole ({', '.join(sorted(pool.unread))}). Nothing was sent."])
        left = leftovers_of(pool, lost_of(pool.pool.uuid))
        if not self.keys & {each.key for each in left}:
            raise LeftOut(f"{self.name} is not left over any more: somebody uses or mended it. It stays as it is.")

    def may_repeat(self, ctx: Context) -> bool:
        """No such call is under way, and it is not done."""
        if self.done_by and is_underway(ctx.pool(), self.done_by):
            return False
        return not self.verify(ctx)


@dataclass(frozen=True, kw_only=True)
class ForgetLeftStorage(LeftoverStep):
    """SR.forget of storage to which no server is connected: the records go, no data is touched (xapi_sr.ml).

    ``vms``: those all of whose disks lie there, names by uuid; they have none then.
    """

    kinds: ClassVar = frozenset({LeftKind.SR})

    vms: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return f"Forget the storage {self.name}"

    @property
    def done_by(self) -> str:
        return FORGET

    @property
    def call(self) -> str:
        return f"{FORGET}({self.name}, {self.uuid}) on {self.coordinator_name}"

    @property
    def xe(self) -> str:
        return self.command("sr-forget", {"uuid": self.uuid})

    def verify(self, ctx: Context) -> bool:
        return ctx.pool().found("SR", self.uuid) is None

    def run(self, ctx: Context) -> None:
        """Its connection is collected within half a minute (db_gc_util.ml)."""
        xapi = ctx.pool()
        sr = xapi.ref_of("SR", self.uuid)
        while any(sr == pbd.SR for pbd in self.snapshot(ctx, "pbd").pbds.values()):
            ctx.notes.waiting_for(f"Waiting until the pool has let the connection of {self.name} go")
            ctx.pause(1.0)
        ctx.follow(xapi, xapi.sr_forget(sr))


@dataclass(frozen=True, kw_only=True)
class RemoveLeftVM(LeftoverStep):
    """VM.destroy of a halted VM, a template or a snapshot all of whose disks are gone."""

    kinds: ClassVar = frozenset({LeftKind.VM, LeftKind.TEMPLATE, LeftKind.SNAPSHOT})

    what: str = "VM"

    @property
    def title(self) -> str:
        return f"Remove the record of the {self.what} {self.name}"

    @property
    def done_by(self) -> str:
        return DESTROY

    @property
    def call(self) -> str:
        return f"{DESTROY}({self.name}, {self.uuid}) on {self.coordinator_name}"

    @property
    def xe(self) -> str:
        return self.command("vm-destroy", {"uuid": self.uuid})

    def verify(self, ctx: Context) -> bool:
        return ctx.pool().found("VM", self.uuid) is None

    def run(self, ctx: Context) -> None:
        xapi = ctx.pool()
        ctx.follow(xapi, xapi.vm_destroy(xapi.ref_of("VM", self.uuid)))
