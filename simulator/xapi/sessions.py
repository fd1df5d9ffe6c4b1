"""Sessions: rows of the pool's database, and local ones that live in one host's memory."""

import threading

from simulator.database import Database, new_ref
from simulator.schema.types import EPOCH
from simulator.xapi.decoding import wire_time
from simulator.xapi.errors import XapiError
from simulator.xapi.registry import Call, HostView, SessionRow, message

LIMIT = {"": 400}  # anonymous logins; with an originator:
LIMIT_PER_ORIGINATOR = 500
IDLE_LIMIT = 24 * 3600
REFRESH = 600
SLAVE = "slave:"


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


def coordinator_address(host: HostView) -> str | None:
    """Where a member sends its callers; None on the master."""
    return host.role.removeprefix(SLAVE) if host.role.startswith(SLAVE) else None


def open_session(host: HostView, user: str, originator: str) -> str:
    database = host.database
    with database.locked():
        _evict(database, originator)
        return database.create(
            "session",
            this_host=host.ref,
            this_user="OpaqueRef:NULL",
            last_active=wire_time(host.now()),
            is_local_superuser=True,
            auth_user_name=user,
            originator=originator,
            validation_time=EPOCH,
        )


def _evict(database: Database, originator: str) -> None:
    """Beyond the limit the least recently active sessions of the same originator are destroyed."""
    limit = LIMIT.get(originator, LIMIT_PER_ORIGINATOR)
    mine = database.find("session", originator=originator)
    if len(mine) < limit:
        return
    mine.sort(key=lambda ref: str(database.field("session", ref, "last_active")))
    for ref in mine[: len(mine) - limit + 1]:
        database.delete("session", ref)


def find_session(host: HostView, ref: str) -> SessionRow:
    """SESSION_INVALID for a stranger; HOST_IS_SLAVE for a pool session used on a member."""
    if host.sessions.is_local(ref):
        return SessionRow(ref, "root", True, frozenset(), local=True)
    if not host.database.has("session", ref):
        raise XapiError("SESSION_INVALID", ref)
    address = coordinator_address(host)
    if address is not None:
        raise XapiError("HOST_IS_SLAVE", address)
    try:
        row = host.database.get("session", ref)
    except XapiError:
        raise XapiError("SESSION_INVALID", ref) from None
    _refresh(host, ref, str(row["last_active"]))
    permissions = row["rbac_permissions"]
    return SessionRow(
        ref,
        str(row["auth_user_name"]),
        bool(row["is_local_superuser"]),
        frozenset(permissions) if isinstance(permissions, list) else frozenset(),
    )


def _refresh(host: HostView, ref: str, last_active: str) -> None:
    """last_active moves at most every ten minutes; a day of silence ends the session."""
    now = host.now()
    if last_active <= wire_time(now - IDLE_LIMIT):
        host.database.delete("session", ref)
        raise XapiError("SESSION_INVALID", ref)
    if last_active <= wire_time(now - REFRESH):
        host.database.set("session", ref, last_active=wire_time(now))


@message("session", "login_with_password")
def login_with_password(call: Call, user: str, password: str, _version: str, originator: str) -> str:
    """A member answers from its own configuration, before it looks at the password."""
    address = coordinator_address(call.host)
    if address is not None:
        raise XapiError("HOST_IS_SLAVE", address)
    _check_password(call.host, user, password)
    return open_session(call.host, user, originator)


def _check_password(host: HostView, user: str, password: str) -> None:
    if not host.check_password(user, password):
        raise XapiError("SESSION_AUTHENTICATION_FAILED", user, "Authentication failure")


@message("session", "slave_local_login_with_password")
def slave_local_login_with_password(call: Call, user: str, password: str) -> str:
    """Works on any host in any state; the session lives in that host's memory."""
    _check_password(call.host, user, password)
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


@message("session", "get_all_subject_identifiers")
def get_all_subject_identifiers(_call: Call) -> list[str]:
    """Without external authentication there is none."""
    return []
