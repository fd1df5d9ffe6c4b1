"""Connecting servers: look at addresses, let a person confirm certificates, add what answers."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.template.defaultfilters import pluralize
from django.utils import timezone

from pools import vault
from pools.models import AuditEntry, Probe, ProbeState, User
from pools.services import audit, rings
from pools.services.errors import TooOften
from pools.xapi.endpoint import Login
from pools.xapi.errors import LoginMissing

LOGIN_REFUSED = {
    "SESSION_AUTHENTICATION_FAILED",
    "SESSION_AUTHORIZATION_FAILED",
    "RBAC_PERMISSION_DENIED",
    "XENWEB_LOGIN_UNREADABLE",
}
ASKING = ["servers.examined", "login.tried", "server.sought"]
MOST_A_MINUTE = 10
BUSY = [ProbeState.WAITING, ProbeState.PROBING, ProbeState.ADDING]


@dataclass(frozen=True, kw_only=True)
class Target:
    """An address to look at, with its login; ``led_from`` names the member whose answer led here."""

    address: str
    port: int | None
    login: Login
    led_from: str = ""


@transaction.atomic
def begin(*, user: User, targets: Sequence[Target]) -> uuid.UUID:
    """Start looking at the given addresses, all at once; returns the batch to watch. Raises TooOften."""
    assert_not_too_often(user)
    batch = uuid.uuid4()
    distinct = {(target.address, target.port or default_port()): target for target in reversed(targets)}
    for target in reversed(distinct.values()):
        new_probe(user=user, batch=batch, target=target)
    rings.probe_batch(batch)
    count = len(distinct)
    audit.record(actor=user, action="servers.examined", subject=f"{count} address{pluralize(count, 'es')}")
    return batch


def assert_not_too_often(user: User) -> None:
    """A typed password goes to servers: whoever guesses has to wait."""
    since = timezone.now() - timedelta(minutes=1)
    if AuditEntry.objects.filter(actor_id=user.pk, action__in=ASKING, at__gt=since).count() >= MOST_A_MINUTE:
        raise TooOften("That was often. Wait a minute before you look at more servers; nothing was sent.")


def new_probe(*, user: User, batch: uuid.UUID, target: Target) -> Probe:
    """Store one address to look at; the caller rings."""
    port = target.port or default_port()
    probe = Probe(owner=user, batch=batch, address=target.address, port=port, led_from=target.led_from)
    probe.login = seal(probe, target.login)
    probe.save()
    return probe


def look_at(probe: Probe) -> None:
    """Ring for one address."""
    rings.probe(probe)


def default_port() -> int:
    """443, or the practice lab's port while the lab is the estate."""
    return int(lab_hosts()[0]["port"]) if lab_hosts() else settings.HOST_PORTS[0]


def lab_hosts() -> list[dict[str, str]]:
    """Return the practice lab's servers; none outside practice mode."""
    hosts = (settings.LAB or {}).get("hosts", [])
    return hosts if isinstance(hosts, list) else []


@transaction.atomic
def trust(*, user: User, probes: Sequence[Probe]) -> int:
    """A person confirms the certificates shown; only now is a password sent."""
    trusted = [probe for probe in probes if confirmed(probe)]
    for probe in trusted:
        audit.record(actor=user, action="certificate.trusted", subject=probe.address, data={"sha256": probe.pin})
    for batch in {probe.batch for probe in trusted}:
        rings.probe_batch(batch)
    return len(trusted)


def confirmed(probe: Probe) -> bool:
    """Let an address wait for a worker again, if it still shows the certificate that the person saw."""
    shown = Probe.objects.filter(pk=probe.pk, state=ProbeState.TRUST, pin=probe.pin)
    return bool(shown.update(trusted=True, state=ProbeState.WAITING, changed_at=timezone.now()))


@transaction.atomic
def add(*, user: User, probes: Sequence[Probe]) -> int:
    """Add what was examined; the task reads everything and makes the rows."""
    added = [probe for probe in probes if chosen(probe)]
    rings.probes(added)
    return len(added)


def chosen(probe: Probe) -> bool:
    """Let an address that was examined wait to be added."""
    ready = Probe.objects.filter(pk=probe.pk, state=ProbeState.READY)
    return bool(ready.update(state=ProbeState.ADDING, changed_at=timezone.now()))


@transaction.atomic
def try_again(*, user: User, probe: Probe) -> None:
    """Look at a failed address once more; another certificate than the confirmed one is shown to be confirmed."""
    failed = Probe.objects.filter(pk=probe.pk, state=ProbeState.FAILED)
    trusted = probe.trusted and probe.error_code != "XENWEB_CERTIFICATE_CHANGED"
    if failed.update(state=ProbeState.WAITING, trusted=trusted, error_code="", error_params=[]):
        rings.probe(probe)


@transaction.atomic
def try_login(*, user: User, probe: Probe, login: Login) -> bool:
    """Look once more at an address that refused its login, with another one; it goes to the same certificate.

    Raises TooOften.
    """
    assert_not_too_often(user)
    refused = Probe.objects.filter(pk=probe.pk, state=ProbeState.FAILED, error_code__in=LOGIN_REFUSED)
    if not refused.update(login=seal(probe, login)):
        return False
    audit.record(actor=user, action="login.tried", subject=probe.address)
    try_again(user=user, probe=probe)
    return True


def username_of(probe: Probe) -> str:
    """Return the user name that was tried, for the form that asks for another login."""
    try:
        return unseal(probe).username
    except LoginMissing:
        return ""


def seal(probe: Probe, login: Login) -> bytes:
    """Encrypt the login for this batch and address."""
    payload = {"username": login.username, "password": login.password}
    return vault.encrypt(payload, purpose="probe", owner=seal_owner(probe))


def unseal(probe: Probe) -> Login:
    """Return the login of this probe, or raise LoginMissing."""
    try:
        payload = vault.decrypt(bytes(probe.login), purpose="probe", owner=seal_owner(probe))
    except vault.VaultError:
        raise LoginMissing("XENWEB_LOGIN_UNREADABLE", (probe.address,)) from None
    return Login(username=payload["username"], password=payload["password"])


def seal_owner(probe: Probe) -> str:
    return json.dumps([str(probe.batch), probe.address, probe.port])
