"""People, teams and roles: owners make and end them; nobody touches an account stronger than his own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import ParamSpec, TypeVar

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils.crypto import get_random_string

from pools.access import grants_of
from pools.models import Grant, Pool, Role, Team, User
from pools.services import audit
from pools.services.errors import NotAllowed, WrongState

P = ParamSpec("P")
R = TypeVar("R")

PEOPLE_LOCK = 0x70656F70  # "peop": two owners cannot take each other's role at the same moment
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
LAST_OWNER = "The last owner stays: give the role Owner on the estate to another active person first."


@dataclass(frozen=True)
class NewPassword:
    """A password made for a person: shown once, stored only as a hash."""

    person: User
    password: str = field(repr=False)


def changing_people(service: Callable[P, R]) -> Callable[P, R]:
    """Run as one transaction, one at a time, and undo it all if it would leave no owner."""

    @wraps(service)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PEOPLE_LOCK])
            had_owner = owners().exists()
            result = service(*args, **kwargs)
            if had_owner and not owners().exists():
                raise WrongState(LAST_OWNER)
            return result

    return guarded


def owners() -> QuerySet[User]:
    """Return the active people who own the estate, directly or through a team."""
    owning = Grant.objects.filter(pool__isnull=True, role=Role.OWNER)
    return User.objects.filter(Q(grants__in=owning) | Q(teams__grants__in=owning), is_active=True).distinct()


def strength(user: User) -> tuple[bool, int]:
    """How strong an account is: a superuser above all, then the highest role it holds anywhere."""
    roles = grants_of(user).values_list("role", flat=True)
    return user.is_superuser, max(roles, default=0)


def make_password() -> str:
    """Return twenty letters and digits in groups, none that look alike: about 97 bits."""
    return "-".join(get_random_string(5, LETTERS) for _ in range(4))


@changing_people
def add_person(*, by: User | None, username: str, full_name: str = "", password: str = "") -> NewPassword:
    """Make an account without any role; without a password one is made up."""
    first, _, last = full_name.strip().partition(" ")
    person = User(username=username, first_name=first[:150], last_name=last[:150])
    chosen = _accepted(password, person) if password else make_password()
    person.set_password(chosen)
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError as error:
        raise WrongState("Somebody has this user name already.") from error
    audit.record(actor=by, action="person.added", subject=username)
    return NewPassword(person, chosen)


@changing_people
def add_with_role(
    *, by: User, username: str, full_name: str = "", password: str = "", role: int | None = None
) -> NewPassword:
    """Make an account and give it a first role on the whole estate."""
    made = add_person(by=by, username=username, full_name=full_name, password=password)
    if role:
        give_role(by=by, to=made.person, role=Role(role))
    return made


@changing_people
def set_password(*, by: User, person: User, password: str = "") -> NewPassword:
    """Give a person a new password; it ends all his sessions."""
    _assert_not_stronger(by, person)
    chosen = _accepted(password, person) if password else make_password()
    person.set_password(chosen)
    person.save(update_fields=["password"])
    end_sessions(person)
    audit.record(actor=by, action="password.reset", subject=person.username)
    return NewPassword(person, chosen)


@changing_people
def remove_second_factor(*, by: User, person: User) -> None:
    """Let somebody in who lost the phone and the recovery codes; it ends all his sessions."""
    _assert_not_stronger(by, person)
    if person.pk == by.pk:
        raise NotAllowed("Turn your own second factor off on your account's page.")
    if not has_second_factor(person):
        raise WrongState(f"{person} has no second factor.")
    Authenticator.objects.filter(user=person).delete()
    end_sessions(person)
    audit.record(actor=by, action="second-factor.removed", subject=person.username)


def has_second_factor(person: User) -> bool:
    return bool(Authenticator.objects.filter(user=person).exists())


@changing_people
def disable(*, by: User, person: User) -> None:
    """Keep a person out from now on; his history stays."""
    _assert_not_stronger(by, person)
    if person.pk == by.pk:
        raise NotAllowed("Nobody disables his own account; another owner can.")
    person.is_active = False
    person.save(update_fields=["is_active"])
    end_sessions(person)
    audit.record(actor=by, action="person.disabled", subject=person.username)


@changing_people
def enable(*, by: User, person: User) -> None:
    """Let a person in again, with the roles he had."""
    _assert_not_stronger(by, person)
    person.is_active = True
    person.save(update_fields=["is_active"])
    audit.record(actor=by, action="person.enabled", subject=person.username)


@changing_people
def give_role(*, by: User | None, to: User | Team, role: Role, pool: Pool | None = None) -> Grant:
    """Give a role on a pool or (no pool) the estate; another role held there is replaced."""
    _assert_may_grant(by, to, role)
    holder = {"user": to} if isinstance(to, User) else {"team": to}
    before = Grant.objects.filter(**holder, pool=pool).first()
    if before is not None:
        _assert_may_grant(by, to, Role(before.role))
    grant, _ = Grant.objects.update_or_create(**holder, pool=pool, defaults={"role": role, "given_by": by})
    if before is not None and before.role > role:
        end_sessions(*people_of(to))
    data = {"role": role.label, "on": str(pool or "the estate"), "before": Role(before.role).label if before else ""}
    audit.record(actor=by, action="role.given", subject=str(to), pool=pool, data=data)
    return grant


@changing_people
def take_role(*, by: User, grant: Grant) -> None:
    """Take a role away; it ends the sessions of whoever held it."""
    to = grant.user or grant.team
    if to is None:
        raise WrongState("This role belongs to nobody.")
    _assert_may_grant(by, to, Role(grant.role))
    grant.delete()
    end_sessions(*people_of(to))
    data = {"role": Role(grant.role).label, "on": str(grant.pool or "the estate")}
    audit.record(actor=by, action="role.taken", subject=str(to), pool=grant.pool, data=data)


def people_of(holder: User | Team) -> list[User]:
    """Return the person, or the people of the team."""
    return [holder] if isinstance(holder, User) else list(holder.members.all())


def end_sessions(*people: User) -> None:
    """Sign people out everywhere."""
    for session in UserSession.objects.filter(user__in=people):
        session.end()


def assert_may_change(by: User | None, *people: User) -> None:
    """Refuse who would touch an account stronger than his own; None is the command line of the machine."""
    for person in people:
        if by is not None:
            _assert_not_stronger(by, person)


def _assert_not_stronger(by: User, person: User) -> None:
    if strength(person) > strength(by):
        raise NotAllowed(f"{person}'s account is stronger than yours.")


def _assert_may_grant(by: User | None, to: User | Team, role: Role) -> None:
    """Nobody gives or takes a role above his own, nor changes somebody stronger."""
    assert_may_change(by, *people_of(to))
    if by is not None and not by.is_superuser and role > strength(by)[1]:
        raise NotAllowed(f"Your own role is below {role.label}.")


def _accepted(password: str, person: User) -> str:
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise WrongState(" ".join(error.messages)) from error
    return password
