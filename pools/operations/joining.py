"""The steps that make a server a member of a pool."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pools import connections
from pools.operations import facts as live
from pools.operations import forcing
from pools.operations.attempts import Outcome
from pools.operations.context import Context
from pools.operations.forcing import JOIN_BY_FORCE, SKIPPED
from pools.operations.step import Differs, PoolChanged, Stale, Step
from pools.operations.watch import Watch
from pools.operations.xe import SECRET, xe
from pools.xapi.errors import XapiError, XapiFailure
from pools.xapi.gateway import HostState
from pools.xapi.inventory import Snapshot
from pools.xapi.probe import NOBODY, coordinator_of, probe_server
from pools.xapi.records import TaskRecord

JOIN: Final = "Async.pool.join"
JOINS: Final = frozenset({JOIN, JOIN_BY_FORCE})
UNKNOWN_TO_POOL: Final = "HOST_UNKNOWN_TO_MASTER"
WATCH_SLICE: Final = 2.0
LOOK_AGAIN_AFTER: Final = 0.5
PATIENCES_TO_RETURN: Final = 3


@dataclass(frozen=True, kw_only=True)
class JoinPool(Step):
    """pool.join, or pool.join_force with the reason given. No undo: pool.eject would erase its local storage."""

    host_uuid: str
    host_name: str
    host_address: str
    old_pool_uuid: str
    coordinator_uuid: str
    coordinator_name: str
    coordinator_address: str
    username: str
    host_username: str
    facts: Mapping[str, str]
    forced_reason: str = ""
    forced_difference: str = ""

    @property
    def title(self) -> str:
        return f"Join {self.host_name} to the pool" + (" by force" if self.forced_reason else "")

    @property
    def call(self) -> str:
        method = JOIN_BY_FORCE if self.forced_reason else JOIN
        call = f'{method}("{self.coordinator_address}", "{self.username}", "{SECRET}")'
        coordinator = f"{self.coordinator_name} ({self.coordinator_address})"
        return f"{call} on {self.host_name} ({self.host_address}), coordinator: {coordinator}"

    @property
    def xe(self) -> str:
        force = {"force": "true"} if self.forced_reason else {}
        values = {"master-address": self.coordinator_address, "master-username": self.username} | force
        return xe(self.host_address, self.host_username, "pool-join", values) + f" master-password={SECRET}"

    @property
    def interruption(self) -> str:
        forced = f"{SKIPPED} " if self.forced_reason else ""
        return f"{forced}The toolstack of {self.host_name} restarts; it cannot be managed for one to three minutes."

    @property
    def lane(self) -> str:
        return self.host_uuid

    @property
    def parks(self) -> bool:
        return True

    @property
    def expected_seconds(self) -> float:
        return 10.0

    @property
    def look_at(self) -> Sequence[str]:
        return (
            f"{self.coordinator_name}: does “xe host-list” show {self.host_name} ({self.host_uuid})?",
            f"{self.host_name}: does it answer, and is it a pool of its own (“xe pool-list”)?",
            f"{self.host_name}: does “xe task-list” show a pool.join that still runs?",
        )

    def precheck(self, ctx: Context) -> None:
        """The server and the pool's coordinator are still what the plan was made for."""
        self.assert_coordinator(ctx)
        now = live.own(live.read_own(ctx.server(self.host_uuid), ctx.xapi(self.host_uuid)))
        if changes := live.difference({"servers": {"": self.facts}}, {"servers": {"": now}}):
            raise Stale(changes)
        if self.forced_reason:
            forcing.prove(ctx, self.host_uuid, self.coordinator_uuid, self.forced_difference)
        ctx.notes.proved = f"{self.host_name} answered as a pool of its own, as planned."

    def assert_coordinator(self, ctx: Context) -> None:
        """A join is sent to the coordinator that was approved: to a member it would be sent in vain."""
        xapi = ctx.pool()
        if xapi.ref_of("host", self.coordinator_uuid) != xapi.this_host():
            raise PoolChanged("XENWEB_COORDINATOR_MOVED", self.coordinator_name, xapi.endpoint.address)

    def verify(self, ctx: Context) -> bool:
        """The coordinator's record of the host is made before the call returns (xapi_pool.ml, join_common)."""
        if not ctx.pool().has_host(self.host_uuid):
            ctx.notes.missing = f"{self.coordinator_name} does not show {self.host_name} as a member."
            if ctx.attempt.intent_at:
                self.tell_apart(ctx)
            return False
        ctx.notes.proved = f"{self.coordinator_name} shows {self.host_name} as a member."
        return True

    def tell_apart(self, ctx: Context) -> None:
        """A member whose record was lost says so itself, in emergency mode, although its join said success."""
        try:
            probe_server(connections.endpoint_of(ctx.server(self.host_uuid)), NOBODY)
        except XapiFailure as failure:
            if failure.code == UNKNOWN_TO_POOL:
                ctx.settle_doubt(Outcome.DONE)
                raise Differs(failure.code, failure.params) from None
        except XapiError:
            return

    def run(self, ctx: Context) -> None:
        xapi = ctx.xapi(self.host_uuid)
        join = xapi.pool_join_force if self.forced_reason else xapi.pool_join
        task = join(self.coordinator_address, ctx.pool_login())
        ctx.follow(xapi, task)

    def may_repeat(self, ctx: Context) -> bool:
        """Proved not to have happened: no join runs or has succeeded on the host, it is its own pool, and no member.

        The coordinator is asked last: the host answers as before for some seconds after a join (xapi_fuse.ml).
        """
        tables = ctx.xapi(self.host_uuid).snapshot(["pool", "task"])
        records = [TaskRecord.from_wire(ref, wire) for ref, wire in tables.get("task", {}).items()]
        joins = [task for task in records if task.name_label in JOINS and task.status in {"pending", "success"}]
        own_pool = Snapshot.from_wire(tables).pool.uuid == self.old_pool_uuid
        return own_pool and not joins and not self.verify(ctx)


@dataclass(frozen=True, kw_only=True)
class AwaitMember(Step):
    """A join is finished when the member is live and enabled, and sends logins to its coordinator."""

    host_uuid: str
    host_name: str
    coordinator_uuid: str
    coordinator_name: str

    @property
    def title(self) -> str:
        return f"Wait until {self.host_name} is at work in the pool"

    @property
    def lane(self) -> str:
        return self.host_uuid

    @property
    def parks(self) -> bool:
        return True

    @property
    def expected_seconds(self) -> float:
        return 90.0

    @property
    def patience(self) -> float:
        """A toolstack restarts in one to three minutes; a host with much storage takes longer."""
        return super().patience * PATIENCES_TO_RETURN

    @property
    def look_at(self) -> Sequence[str]:
        return (
            f"{self.host_name}: is it on, and does its console show an address?",
            f"{self.host_name}: /var/log/xensource.log; “xe-toolstack-restart” repeats the start.",
            f"{self.coordinator_name}: “xe host-param-get uuid={self.host_uuid} param-name=enabled”.",
        )

    def verify(self, ctx: Context) -> bool:
        watch = Watch.look(ctx.pool())
        return not self._missing(ctx, watch.state(self.host_uuid)) and self._is_member(ctx, watch)

    def run(self, ctx: Context) -> None:
        """Follow the coordinator's events; there is nothing to send."""
        watch = Watch()
        while missing := self._look(ctx, watch):
            ctx.notes.waiting_for(missing)
            ctx.pause(0)

    def _look(self, ctx: Context, watch: Watch) -> str:
        """Wait for the next change and say what is missing then; without an answer, the next look is a new one."""
        try:
            watch.wait(ctx.pool(), WATCH_SLICE)
        except XapiError as error:
            ctx.disconnect()
            watch.forget()
            ctx.pause(LOOK_AGAIN_AFTER)
            return f"Waiting for {self.coordinator_name} to answer ({error.code})"
        return self._missing(ctx, watch.state(self.host_uuid))

    def _missing(self, ctx: Context, state: HostState | None) -> str:
        """Say what the coordinator does not show yet; nothing when the member is at work."""
        if state is None:
            return f"Waiting for {self.coordinator_name} to show {self.host_name}"
        if not state.live:
            return f"Waiting for {self.host_name} to restart and report to {self.coordinator_name}"
        ctx.notes.proved = f"{self.coordinator_name} hears {self.host_name}."
        return "" if state.enabled else f"Waiting for {self.host_name} to plug its storage and be enabled"

    def _is_member(self, ctx: Context, watch: Watch) -> bool:
        """Ask the member itself whose it is; no password is sent for that."""
        coordinator = watch.state(self.coordinator_uuid)
        wanted = {ctx.server(self.coordinator_uuid).address, coordinator.address if coordinator else ""}
        try:
            said = coordinator_of(connections.endpoint_of(ctx.server(self.host_uuid)))
        except XapiError as error:
            ctx.notes.missing = f"{self.host_name} does not answer ({error.code})."
            return False
        ctx.notes.missing = f"{self.host_name} names {said or 'no other server'} as its coordinator."
        return said != "" and said in wanted
