"""Sign-in, sign-out, refusals and second factors go to the audit: allauth, axes and Django tell us by signals."""

from datetime import timedelta
from typing import TypedDict, Unpack

from allauth.account.signals import password_changed
from allauth.mfa import signals as mfa
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest
from django.utils import timezone

from pools.models import AuditEntry, User
from pools.services import audit

LOCKED_FOR = timedelta(minutes=15)


class Told(TypedDict, total=False):
    """What the signals bring; each brings a part of it."""

    request: HttpRequest | None
    user: User | None
    credentials: dict[str, str]
    username: str


def connect() -> None:
    """Called once, when the application is ready."""
    user_logged_in.connect(signed_in, dispatch_uid="audit signed in")
    user_logged_out.connect(signed_out, dispatch_uid="audit signed out")
    user_login_failed.connect(refused, dispatch_uid="audit refused")
    user_locked_out.connect(locked_out, dispatch_uid="audit locked out")
    password_changed.connect(changed_password, dispatch_uid="audit password")
    mfa.authentication_failed.connect(second_factor_refused, dispatch_uid="audit factor refused")
    mfa.authenticator_added.connect(factor_added, dispatch_uid="audit factor added")
    mfa.authenticator_removed.connect(factor_removed, dispatch_uid="audit factor removed")
    mfa.authenticator_reset.connect(factor_reset, dispatch_uid="audit factor reset")


def signed_in(sender: object, **told: Unpack[Told]) -> None:
    _note("person.signed_in", told)


def signed_out(sender: object, **told: Unpack[Told]) -> None:
    if told.get("user"):
        _note("person.signed_out", told)


def refused(sender: object, **told: Unpack[Told]) -> None:
    """A wrong password, or a name nobody has; while the pair is locked out only the lock is noted."""
    if not getattr(told.get("request"), "axes_locked_out", False):
        _note("sign-in.refused", told, told.get("credentials", {}).get("username", ""))


def locked_out(sender: object, **told: Unpack[Told]) -> None:
    """Once a lock: whoever goes on trying meanwhile must not fill the audit."""
    request, name = told.get("request"), told.get("username", "")
    locked = AuditEntry.objects.filter(action="sign-in.locked", subject=name, at__gt=timezone.now() - LOCKED_FOR)
    if not locked.filter(address=request.META.get("REMOTE_ADDR") or None if request else None).exists():
        _note("sign-in.locked", told, name)


def changed_password(sender: object, **told: Unpack[Told]) -> None:
    _note("password.changed", told)


def second_factor_refused(sender: object, **told: Unpack[Told]) -> None:
    _note("second-factor.refused", told)


def factor_added(sender: object, **told: Unpack[Told]) -> None:
    _note("second-factor.added", told)


def factor_removed(sender: object, **told: Unpack[Told]) -> None:
    _note("second-factor.removed", told)


def factor_reset(sender: object, **told: Unpack[Told]) -> None:
    _note("recovery-codes.renewed", told)


def _note(action: str, told: Told, name: str = "") -> None:
    """Write the entry; a refused name is the subject, since nobody proved to be that person."""
    request, user = told.get("request"), told.get("user")
    address = str(request.META.get("REMOTE_ADDR", "")) if request else None
    audit.record(actor=user, action=action, subject=name or (user.username if user else ""), address=address)
