"""A session on one server: typed methods that echo XAPI's messages. The only way to a server."""

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

from pools.xapi import tables as shapes
from pools.xapi import tls
from pools.xapi.calls.building import BuildingCalls
from pools.xapi.calls.caller import Param
from pools.xapi.calls.emergency import EmergencyCalls
from pools.xapi.calls.fixing import FixingCalls
from pools.xapi.calls.ha import HaCalls
from pools.xapi.calls.membership import MembershipCalls
from pools.xapi.calls.network import NetworkCalls
from pools.xapi.calls.storage import StorageCalls
from pools.xapi.calls.vm import VMCalls
from pools.xapi.channel import Channel
from pools.xapi.endpoint import Endpoint, Login, PeerCertificate, Secret
from pools.xapi.errors import XapiError, XapiFailure, XapiUnreachable, without_frames
from pools.xapi.inventory import CLASSES, SPELLED
from pools.xapi.limits import LIMITS, Deadline, Limits
from pools.xapi.records import TaskRecord
from pools.xapi.tables import Delta, Tables, Wire

T = TypeVar("T")

ON_DEMAND = frozenset({"vif", "vdi", "vbd", "vm_metrics"})  # a pool of 5,000 VMs has many more of them
DEFAULT = tuple(name for name in CLASSES if name not in ON_DEMAND)
OF_JOINERS = (*DEFAULT, "vif")  # servers that join have few
WITH_DISKS = tuple(CLASSES)  # what is lost with a server is known only from all of it
FROM_THE_BEGINNING = ""
SNAPSHOT_SECONDS = 10.0
TASK_POLL_SECONDS = 10.0
MOST_HOPS = 3
PENDING = "pending"
HALF_A_SECOND = timedelta(seconds=0.5)  # host.get_servertime has whole seconds
DATETIME = "%Y%m%dT%H:%M:%SZ"
TASK_REF = re.compile(r"OpaqueRef:[0-9A-Za-z-]{1,60}")


class WriteHooks(Protocol):
    """Where the owner of a changing call records what he intends, before it leaves, and what came of it."""

    def before_write(self, method: str, arguments: tuple[str, ...]) -> None:
        """The server is reached, nothing is sent yet; secrets are masked; raising prevents the call."""

    def after_write(self, method: str, task_ref: str) -> None:
        """XAPI took the call; ``task_ref`` is empty for a call without a task."""


Follow = Callable[[str], Endpoint | None]


@dataclass(frozen=True, kw_only=True)
class HostState:
    """What the pool says of one member."""

    uuid: str
    enabled: bool
    live: bool
    address: str


class Xapi(StorageCalls, NetworkCalls, HaCalls, VMCalls, FixingCalls, MembershipCalls, EmergencyCalls, BuildingCalls):
    """One session. Not for two threads at once; end it by leaving ``open_session``."""

    def __init__(self, channel: Channel, hooks: WriteHooks | None = None) -> None:
        self._channel = channel
        self._hooks = hooks
        self._this_host = ""
        self.unread: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"<session on {self.endpoint.netloc}>"

    @property
    def endpoint(self) -> Endpoint:
        return self._channel.endpoint

    def recorded_by(self, hooks: WriteHooks) -> "Xapi":
        """Return the same session, whose changing calls these hooks hear of."""
        return Xapi(self._channel, hooks)

    @property
    def session_ref(self) -> str:
        return self._channel.session_ref

    def snapshot(self, classes: Collection[str] = DEFAULT) -> Tables:
        """Read every record of these classes in one call; ``unread`` then names what did not come."""
        changes, _ = self._events(classes, FROM_THE_BEGINNING, SNAPSHOT_SECONDS, seconds=self._channel.limits.read)
        tables = {name: changes.records.get(name, {}) for name in classes}
        self.unread = shapes.unread(tables, changes.counts, classes)
        if "pool" in tables and "host" in tables:
            self._this_host = self._understood(shapes.master_of, tables)
        return tables

    def wait_for_change(self, classes: Collection[str], token: str, timeout: float) -> tuple[Delta, str]:
        """Wait until something of these classes changes; an empty token gives all there is, at once."""
        return self._events(classes, token, timeout, seconds=timeout + self._channel.limits.event_margin)

    def _events(self, classes: Collection[str], token: str, timeout: float, seconds: float) -> tuple[Delta, str]:
        reply = self._channel.read("event.from", list(classes), token, float(timeout), seconds=seconds)
        return self._understood(shapes.delta, reply)

    def this_host(self) -> str:
        """Return the reference of the host that serves this session."""
        if not self._this_host:
            self._this_host = self._text("session.get_this_host", self.session_ref)
        return self._this_host

    def clock(self) -> datetime:
        """host.get_servertime: whole seconds, UTC."""
        said = self._text("host.get_servertime", self.this_host())
        return self._understood(lambda text: datetime.strptime(text, DATETIME).replace(tzinfo=UTC), said)

    def clock_skew(self) -> float:
        """Seconds that the server's clock is ahead of ours, to about half a second."""
        before = datetime.now(UTC)
        said = self.clock() + HALF_A_SECOND
        after = datetime.now(UTC)
        return (said - (before + (after - before) / 2)).total_seconds()

    def pool_uuid(self) -> str:
        pools = self._understood(shapes.records, self._channel.read("pool.get_all_records"))
        return str(next(iter(pools.values()), {}).get("uuid", ""))

    def records(self, name: str) -> dict[str, Wire]:
        """Read every record of one class: cheaper than events, which XAPI gathers for 50 ms, where none follow."""
        return self._understood(shapes.records, self._channel.read(f"{SPELLED.get(name, name)}.get_all_records"))

    def has_host(self, uuid: str) -> bool:
        """Whether the pool has a member of this uuid."""
        try:
            return bool(self._text("host.get_by_uuid", uuid))
        except XapiFailure as failure:
            if failure.code != "UUID_INVALID":
                raise
            return False

    def pool_join(self, address: str, login: Login) -> str:
        """Async.pool.join of this server to the pool at ``address``; returns the task's reference."""
        return self._submit("Async.pool.join", address, login.username, Secret(login.password))

    def pool_join_force(self, address: str, login: Login) -> str:
        """Async.pool.join_force: as pool_join, without XAPI's check of software versions and processors' vendors."""
        return self._submit("Async.pool.join_force", address, login.username, Secret(login.password))

    def pool_set_name_label(self, text: str) -> None:
        self._write("pool.set_name_label", self._pool_ref(), text)

    def pool_set_name_description(self, text: str) -> None:
        self._write("pool.set_name_description", self._pool_ref(), text)

    def _pool_ref(self) -> str:
        refs = self._understood(shapes.texts, self._channel.read("pool.get_all"))
        return refs[0] if refs else ""

    def vms_which_prevent_evacuation(self, host: str) -> dict[str, tuple[str, ...]]:
        """host.get_vms_which_prevent_evacuation: by reference of each VM, the error that would stop an evacuation."""
        return self._understood(shapes.errors, self._channel.read("host.get_vms_which_prevent_evacuation", host))

    def vm_assert_can_boot_here(self, vm: str, host: str) -> None:
        """VM.assert_can_boot_here: raises why this VM cannot run on this host now."""
        self._channel.read("VM.assert_can_boot_here", vm, host)

    def task(self, ref: str) -> TaskRecord:
        return self._task(ref, self._record("task", ref))

    def _task(self, ref: str, wire: Wire) -> TaskRecord:
        task = self._understood(lambda given: TaskRecord.from_wire(ref, given), wire)
        return replace(task, error_info=self._channel.masked(task.error_info))

    def wait_task(
        self, ref: str, timeout: float, on_progress: Callable[[TaskRecord], None] | None = None
    ) -> TaskRecord:
        """Return the task as soon as it has ended, or as it is (pending) when the time is up.

        A task that is gone before its result was read leaves the outcome unknown: XENWEB_TASK_GONE.
        """
        deadline = Deadline(timeout)
        task = self.task(ref)
        token = FROM_THE_BEGINNING
        while task.status == PENDING:
            try:
                wait = min(deadline.left(), TASK_POLL_SECONDS)
            except TimeoutError:
                break
            changes, token = self.wait_for_change([f"task/{ref}"], token, wait)
            task = self._newer(task, changes)
            if on_progress:
                on_progress(task)
        return task

    def _newer(self, task: TaskRecord, changes: Delta) -> TaskRecord:
        if task.ref in changes.deleted.get("task", frozenset()):
            raise XapiUnreachable("XENWEB_TASK_GONE", (self.endpoint.netloc,), sent=True)
        wire = changes.records.get("task", {}).get(task.ref)
        return self._task(task.ref, wire) if wire else task

    def task_destroy(self, ref: str) -> None:
        """Forget a finished task; XAPI collects what is left after 65 minutes by itself."""
        self._channel.read("task.destroy", ref)

    def ref_of(self, name: str, uuid: str) -> str:
        """Return the reference of an object now, or raise UUID_INVALID."""
        return self._text(f"{name}.get_by_uuid", uuid)

    def found(self, name: str, uuid: str) -> tuple[str, Wire] | None:
        """Return the reference and the record of an object now, or nothing when there is none of this uuid."""
        try:
            ref = self.ref_of(name, uuid)
            return ref, self._record(name, ref)
        except XapiFailure as failure:
            if failure.code not in {"UUID_INVALID", "HANDLE_INVALID"}:
                raise
            return None

    def server_certificate(self, host_ref: str) -> PeerCertificate:
        """Return the certificate that this member shows to clients, learnt over our trusted connection."""
        return self._understood(tls.describe_pem, self._text("host.get_server_certificate", host_ref))

    def hide(self, secret: str) -> None:
        """Mask a text, should this server echo it."""
        self._channel.hide(secret)

    def _record(self, name: str, ref: str) -> Wire:
        return self._understood(shapes.struct, self._channel.read(f"{name}.get_record", ref))

    def _text(self, method: str, *params: str) -> str:
        return self._understood(shapes.text, self._channel.read(method, *params))

    def _understood(self, read: Callable[..., T], value: object) -> T:
        """Read a value's shape; a reply of another shape does not come from XAPI."""
        try:
            return read(value)
        except (ValueError, OverflowError):
            pass
        raise self._channel.not_xapi()

    @without_frames
    def _submit(self, method: str, *params: Param) -> str:
        """Send an Async call, at most once."""
        answer = self._send(method, params, self._channel.limits.submit)
        if not isinstance(answer, str) or not TASK_REF.fullmatch(answer):
            raise XapiUnreachable("XENWEB_NOT_XAPI", (self.endpoint.netloc,), sent=True)
        self._tell(method, answer)
        return answer

    @without_frames
    def _write(self, method: str, *params: Param) -> None:
        """Send a changing call without a task, at most once."""
        self._send(method, params, self._channel.limits.read)
        self._tell(method, "")

    def _send(self, method: str, params: tuple[Param, ...], seconds: float) -> object:
        def before(shown: tuple[str, ...]) -> None:
            if self._hooks:
                self._hooks.before_write(method, shown)

        return self._channel.write(method, params, seconds, before)

    def _tell(self, method: str, task_ref: str) -> None:
        if self._hooks:
            self._hooks.after_write(method, task_ref)


@contextmanager
def open_session(
    endpoint: Endpoint,
    login: Login,
    *,
    follow: Follow | None = None,
    limits: Limits = LIMITS,
) -> Iterator[Xapi]:
    """Sign in, and out at the end. ``follow`` turns the address of a HOST_IS_SLAVE into a pinned endpoint, or None."""
    channel = sign_in(endpoint, login, follow, limits)
    try:
        yield Xapi(channel)
    finally:
        channel.close()


@contextmanager
def open_local_session(endpoint: Endpoint, login: Login, limits: Limits = LIMITS) -> Iterator[Xapi]:
    """Sign in to a member itself (session.slave_local_login_with_password): its coordinator is not asked.

    Only root can; such a session may send what XAPI allows in an emergency.
    """
    channel = Channel(endpoint, limits)
    try:
        channel.login_locally(login.username, Secret(login.password))
        yield Xapi(channel)
    finally:
        channel.close()


@without_frames
def sign_in(endpoint: Endpoint, login: Login, follow: Follow | None, limits: Limits) -> Channel:
    """Log in where the coordinator is; a member names it before it looks at any password."""
    for _ in range(MOST_HOPS):
        channel = Channel(endpoint, limits)
        try:
            channel.login(login.username, Secret(login.password))
        except XapiError as error:
            channel.close()
            target = redirected(error, follow)
            if target is None or target == endpoint:
                raise
            refused, endpoint = error, target
        else:
            return channel
    raise refused


def redirected(error: XapiError, follow: Follow | None) -> Endpoint | None:
    """Where a member sends us, if that is a server whose certificate is pinned."""
    if follow is None or error.code != "HOST_IS_SLAVE" or not error.params:
        return None
    return follow(error.params[0])


@without_frames
def prove_local_login(endpoint: Endpoint, login: Login, limits: Limits = LIMITS) -> None:
    """Have a member itself look at a password (session.slave_local_login_with_password), or raise what it says.

    An ordinary login is sent on to the coordinator before any password is looked at.
    """
    channel = Channel(endpoint, limits)
    try:
        channel.login_locally(login.username, Secret(login.password))
    finally:
        channel.close()


@without_frames
def logout(endpoint: Endpoint, session_ref: str, limits: Limits = LIMITS) -> None:
    """End a session that another owner left: its next call fails, so it can change nothing any more."""
    channel = Channel(endpoint, limits)
    channel.hide(session_ref)
    try:
        channel.call("session.logout", Secret(session_ref), seconds=limits.login)
    except XapiFailure as failure:
        with suppress(XapiFailure):  # it may be a session of this member alone
            channel.call("session.local_logout", Secret(session_ref), seconds=limits.login)
        if failure.code != "SESSION_INVALID":
            raise
    finally:
        channel.close()
