"""Users of an outside directory that a pool lets in, and with which roles (xapi_subject.ml, xapi_auth.ml)."""

from collections.abc import Callable

from simulator.world.directory import SERVICE, Directory, Person
from simulator.world.host import HostMachine
from simulator.xapi.access import roles
from simulator.xapi.errors import XapiError
from simulator.xapi.machines import machine_of_call
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import Row, add, first

KIND = "AD"


def install(machine: HostMachine, host: Row) -> None:
    """What a scene says of a server's subjects; the server then belongs to the directory."""
    if not machine.spec.subjects:
        return
    host.set(external_auth_type=KIND, external_auth_service_name=SERVICE)
    for spec in machine.spec.subjects:
        person = machine.world.directory.named(spec.name)
        if person:
            fields = {"subject_identifier": person.identifier, "other_config": described(person)}
            add(host.database, "subject", roles=[roles.ref_of(role) for role in spec.roles], **fields)


def described(person: Person) -> dict[str, str]:
    return {
        "subject-name": person.name,
        "subject-upn": f"{person.name}@{SERVICE}",
        "subject-sid": person.identifier,
        "subject-is-group": "false",
    }


def authenticated(machine: HostMachine, host: Row, user: str, password: str) -> Row:
    """The subject of a user of the directory: password, then whether the pool knows him, then whether he has a role."""
    person = machine.world.directory.named(user) if host.text("external_auth_type") else None
    if person is None or person.password != password:
        machine.life.pause(machine.world.timing.refused_login)
        raise XapiError("SESSION_AUTHENTICATION_FAILED", user, "Authentication failure")
    subject = first(host.database, "subject", subject_identifier=person.identifier)
    if subject is None:
        raise XapiError("SESSION_AUTHORIZATION_FAILED", user, f"Subject {person.name} is not in the pool's access list")
    if not subject.items("roles"):
        text = f"Subject {person.identifier} has no roles"
        raise XapiError("RBAC_PERMISSION_DENIED", "session.login_with_password", text)
    return subject


def permissions_of(subject: Row) -> list[str]:
    """Of all its roles together, without repetition."""
    return list(
        dict.fromkeys(name for ref in subject.items("roles") for name in roles.permissions_of(roles.name_of(ref)))
    )


@message("subject", "create")
def subject_create(call: Call, given: dict[str, object]) -> str:
    """One row per identifier; who is given no role is a pool-admin (the default of the field)."""
    identifier = given.get("subject_identifier", "")
    fields = {"subject_identifier": identifier, "other_config": given.get("other_config", {})}
    with call.host.database.locked():
        if first(call.host.database, "subject", subject_identifier=identifier):
            raise XapiError("SUBJECT_ALREADY_EXISTS")
        return add(call.host.database, "subject", **fields).ref


@message("subject", "add_to_roles")
def subject_add_to_roles(call: Call, ref: str, role: str) -> None:
    subject = Row(call.host.database, "subject", ref)
    if role not in roles.table() or roles.name_of(role) not in roles.DESCRIPTIONS:
        raise XapiError("ROLE_NOT_FOUND")
    with subject.database.locked():
        held = subject.items("roles")
        if role in held:
            raise XapiError("ROLE_ALREADY_EXISTS")
        subject.set(roles=[*held, role])


@message("subject", "remove_from_roles")
def subject_remove_from_roles(call: Call, ref: str, role: str) -> None:
    subject = Row(call.host.database, "subject", ref)
    with subject.database.locked():
        held = subject.items("roles")
        if role not in held:
            raise XapiError("ROLE_NOT_FOUND")
        subject.set(roles=[each for each in held if each != role])


@message("subject", "get_permissions_name_label")
def subject_get_permissions_name_label(call: Call, ref: str) -> list[str]:
    return permissions_of(Row(call.host.database, "subject", ref))


def _person(call: Call, find: Callable[[Directory], Person | None]) -> Person:
    machine = machine_of_call(call)
    if not first(call.host.database, "host", external_auth_type=KIND):
        raise XapiError("AUTH_IS_DISABLED")
    person = find(machine.world.directory)
    if person is None:
        raise XapiError("SUBJECT_CANNOT_BE_RESOLVED")
    return person


@message("auth", "get_subject_identifier")
def auth_get_subject_identifier(call: Call, name: str) -> str:
    return _person(call, lambda directory: directory.named(name)).identifier


@message("auth", "get_subject_information_from_identifier")
def auth_get_subject_information(call: Call, identifier: str) -> dict[str, str]:
    return described(_person(call, lambda directory: directory.with_identifier(identifier)))


@message("auth", "get_group_membership")
def auth_get_group_membership(call: Call, identifier: str) -> list[str]:
    """The directory has no groups."""
    _person(call, lambda directory: directory.with_identifier(identifier))
    return []
