"""Sessions: rows of the pool's database, and local ones that live in one host's memory."""

import threading
from dataclasses import dataclass

from simulator.database import Database, new_ref
from simulator.schema.types import EPOCH, NULL
from simulator.world.role import master_address
from simulator.xapi.access.revalidation import still_valid
from simulator.xapi.decoding import wire_time
from simulator.xapi.errors import XapiError
from simulator.xapi.registry import Call, HostView, SessionRow, message

LIMIT_ANONYMOUS = 400
LIMIT_OF_POOL = 400
LIMIT_PER_ORIGINATOR = 500
LIMIT_PER_USER = 500
IDLE_LIMIT = 24 * 3600
REFRESH = 600


class SessionStore:
    """What one host remembers of sessions; a restart of its toolstack forgets them all."""

    def __init__(self, host: HostView) -> None:
        self._host = host
        self._lock = threading.Lock()
        self._local: dict[str, str] = {}

    def open_local(self, name: str) -> str:
        ref = new_ref()
        with self._lock:
            self._local[ref] = name
        return ref

    def is_local(self, ref: str) -> bool:
        return ref in self._local

    def close_local(self, ref: str) -> None:
        with self._lock:
            if self._local.pop(ref, None) is None:
                raise XapiError("SESSION_INVALID", ref)

    def clear(self) -> None:
        """Sessions and tasks are not persisted: on the master all of the pool's are gone."""
        with self._lock:
            self._local.clear()
        if self._host.role == "master":
            forget_all(self._host.database)


def forget_all(database: Database) -> None:
    for cls in ("session", "task"):
        for ref in database.refs(cls):
            database.delete(cls, ref)


@dataclass(frozen=True, kw_only=True)
class Who:
    """Root, or a subject of the directory with what its roles permit; `pool` is another host of the pool."""

    user: str
    originator: str = ""
    subject: str = NULL
    identifier: str = ""
    permissions: tuple[str, ...] = ()
    pool: bool = False

    @property
    def is_root(self) -> bool:
        return self.subject == NULL

    @property
    def counted_with(self) -> tuple[dict[str, object], int]:
        """The sessions that share a limit with this one, and the limit (xapi_session.ml)."""
        if self.pool:
            return {"pool": True}, LIMIT_OF_POOL
        if not self.is_root:
            return {"is_local_superuser": False, "auth_user_name": self.user}, LIMIT_PER_USER
        limit = LIMIT_PER_ORIGINATOR if self.originator else LIMIT_ANONYMOUS
        return {"is_local_superuser": True, "pool": False, "originator": self.originator}, limit


def open_session(host: HostView, who: Who) -> str:
    database = host.database
    with database.locked():
        _expire(host)
        _evict(database, who)
        return database.create(
            "session",
            this_host=host.ref,
            this_user=NULL,
            last_active=wire_time(host.now()),
            is_local_superuser=who.is_root,
            auth_user_name=who.user,
            auth_user_sid=who.identifier,
            subject=who.subject,
            rbac_permissions=list(who.permissions),
            originator=who.originator,
            pool=who.pool,
            validation_time=EPOCH if who.is_root else wire_time(host.now()),
        )


def _expire(host: HostView) -> None:
    """A day of silence ends a session, unless a task of it still runs."""
    dead, database = wire_time(host.now() - IDLE_LIMIT), host.database
    for ref in database.refs("session"):
        if str(database.field("session", ref, "last_active")) <= dead and not _is_busy(database, ref):
            database.delete("session", ref)


def _evict(database: Database, who: Who) -> None:
    """Beyond the limit the least recently active ones of the same kind go, but none whose tasks still run."""
    kind, limit = who.counted_with
    mine = database.find("session", **kind)
    if len(mine) < limit:
        return
    idle = [ref for ref in mine if not _is_busy(database, ref)]
    idle.sort(key=lambda ref: str(database.field("session", ref, "last_active")))
    for ref in idle[: len(mine) - limit + 1]:
        database.delete("session", ref)


def _is_busy(database: Database, ref: str) -> bool:
    tasks = database.field("session", ref, "tasks")
    pending = set(database.find("task", status="pending"))
    return isinstance(tasks, list) and not pending.isdisjoint(tasks)


def find_session(host: HostView, ref: str) -> SessionRow:
    """SESSION_INVALID for a stranger; HOST_IS_SLAVE for a pool session used on a member."""
    if host.sessions.is_local(ref):
        return SessionRow(ref, "root", True, frozenset(), local=True)
    if not host.database.has("session", ref):
        raise XapiError("SESSION_INVALID", ref)
    if master_address(host.role):
        raise XapiError("HOST_IS_SLAVE", _master_of_pool(host.database))
    found = session_row(host, ref)
    if found is None:
        raise XapiError("SESSION_INVALID", ref)
    return found


def session_row(host: HostView, ref: str) -> SessionRow | None:
    """A session of the pool, on whichever of its hosts it is used."""
    try:
        row = host.database.get("session", ref)
        _refresh(host, ref, str(row["last_active"]))
        if not still_valid(host, ref):
            return None
    except XapiError:
        return None
    permissions = row["rbac_permissions"]
    return SessionRow(
        ref,
        str(row["auth_user_name"]),
        bool(row["is_local_superuser"]),
        frozenset(permissions) if isinstance(permissions, list) else frozenset(),
        identifier=str(row["auth_user_sid"]),
    )


def _master_of_pool(database: Database) -> str:
    """Where a session of the pool is used on a member, the database says who leads; pool.conf may say otherwise."""
    pool = database.refs("pool")[0]
    return str(database.field("host", str(database.field("pool", pool, "master")), "address"))


def _refresh(host: HostView, ref: str, last_active: str) -> None:
    """last_active moves at most every ten minutes; a day of silence ends the session, but not with a task running."""
    now = host.now()
    if last_active <= wire_time(now - IDLE_LIMIT) and not _is_busy(host.database, ref):
        host.database.delete("session", ref)
        raise XapiError("SESSION_INVALID", ref)
    if last_active <= wire_time(now - REFRESH):
        host.database.set("session", ref, last_active=wire_time(now))


@message("session", "slave_local_login_with_password")
def slave_local_login_with_password(call: Call, user: str, password: str) -> str:
    """Works on any host in any state; the session lives in that host's memory."""
    if not call.host.check_password(user, password):
        raise XapiError("SESSION_AUTHENTICATION_FAILED", user, "Authentication failure")
    return call.host.sessions.open_local(user)


@message("session", "logout")
def logout(call: Call) -> None:
    if call.session is None:
        raise XapiError("SESSION_INVALID", "")
    if call.session.local:
        call.host.sessions.close_local(call.session.ref)
    elif call.host.database.has("session", call.session.ref):
        call.host.database.delete("session", call.session.ref)


@message("session", "local_logout")
def local_logout(call: Call) -> None:
    call.host.sessions.close_local(call.session.ref if call.session else "")
