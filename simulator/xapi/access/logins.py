"""Logins over the network, and the end of other people's sessions (xapi_session.ml)."""

from simulator.world.faults import PASSWORD_REJECTED
from simulator.world.host import HostMachine
from simulator.world.role import master_address
from simulator.xapi.access.sessions import Who, open_session
from simulator.xapi.access.subjects import authenticated, permissions_of
from simulator.xapi.errors import XapiError
from simulator.xapi.machines import host_row, machine_of_call
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import NULL, rows


@message("session", "login_with_password")
def login_with_password(call: Call, user: str, password: str, _version: str, originator: str) -> str:
    """A member answers from its own configuration, before it looks at the password."""
    address = master_address(call.host.role)
    if address:
        raise XapiError("HOST_IS_SLAVE", address)
    machine = machine_of_call(call)
    if machine.check_password(user, password):
        return open_session(machine, Who(user=user, originator=originator))
    return open_session(machine, _subject(machine, user, password, originator))


def _subject(machine: HostMachine, user: str, password: str, originator: str) -> Who:
    """Root is never looked for in the directory."""
    host = host_row(machine)
    if user == machine.username or not host.text("external_auth_type"):
        raise XapiError("SESSION_AUTHENTICATION_FAILED", user, "Authentication failure")
    subject = authenticated(machine, host, user, password)
    return Who(
        user=user,
        originator=originator,
        subject=subject.ref,
        identifier=subject.text("subject_identifier"),
        permissions=tuple(permissions_of(subject)),
    )


@message("session", "change_password")
def change_password(call: Call, _old: str, new: str) -> None:
    """Root's, on every server of the pool; the old one is not looked at, since the caller is root."""
    machine = machine_of_call(call)
    if not new or machine.world.faults.happens(PASSWORD_REJECTED, machine.name):
        raise XapiError("CHANGE_PASSWORD_REJECTED", "Authentication token manipulation error")
    for other in machine.world.machines:
        if other is machine or (other.database is machine.database and other.up):
            other.password = new


@message("session", "get_all_subject_identifiers")
def get_all_subject_identifiers(call: Call) -> list[str]:
    """Of the subjects that are logged in."""
    found = [row.text("auth_user_sid") for row in rows(call.host.database, "session", is_local_superuser=False)]
    return list(dict.fromkeys(found))


@message("session", "logout_subject_identifier")
def logout_subject_identifier(call: Call, identifier: str) -> None:
    """All sessions of a subject, but the caller's own."""
    for row in list(rows(call.host.database, "session", auth_user_sid=identifier)):
        if row.text("subject") != NULL and (call.session is None or row.ref != call.session.ref):
            call.host.database.delete("session", row.ref)
