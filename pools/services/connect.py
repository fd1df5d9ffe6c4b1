"""Connecting servers: look at addresses, let a person confirm certificates, add what answers."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from pools import connections, inventories, vault
from pools.models import Pool, Probe, ProbeState, Server, User
from pools.services import audit, rings
from pools.xapi.endpoint import Endpoint, Login
from pools.xapi.errors import XapiError
from pools.xapi.gateway import open_session
from pools.xapi.probe import ServerAnswer, probe_server
from pools.xapi.tls import fetch_certificate

KEEP_UNFINISHED = timedelta(hours=1)
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
    """Start looking at the given addresses, all at once; returns the batch to watch."""
    Probe.objects.filter(owner=user, created_at__lt=timezone.now() - KEEP_UNFINISHED).delete()
    batch = uuid.uuid4()
    distinct = {(target.address, target.port or default_port()): target for target in reversed(targets)}
    for target in reversed(distinct.values()):
        new_probe(user=user, batch=batch, target=target)
    audit.record(actor=user, action="servers.examined", subject=f"{len(distinct)} addresses")
    return batch


def new_probe(*, user: User, batch: uuid.UUID, target: Target) -> Probe:
    """Store one address to look at and ring for it."""
    port = target.port or default_port()
    probe = Probe(owner=user, batch=batch, address=target.address, port=port, led_from=target.led_from)
    probe.login = seal(probe, target.login)
    probe.save()
    rings.probe(probe)
    return probe


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
    trusted = 0
    for probe in probes:
        waiting = Probe.objects.filter(pk=probe.pk, state=ProbeState.TRUST, pin=probe.pin)
        if waiting.update(trusted=True, state=ProbeState.WAITING):
            trusted += 1
            audit.record(actor=user, action="certificate.trusted", subject=probe.address, data={"sha256": probe.pin})
            rings.probe(probe)
    return trusted


@transaction.atomic
def add(*, user: User, probes: Sequence[Probe]) -> int:
    """Add what was examined; the task reads everything and makes the rows."""
    added = 0
    for probe in probes:
        if Probe.objects.filter(pk=probe.pk, state=ProbeState.READY).update(state=ProbeState.ADDING):
            added += 1
            rings.probe(probe)
    return added


@transaction.atomic
def try_again(*, user: User, probe: Probe) -> None:
    """Look at a failed address once more."""
    failed = Probe.objects.filter(pk=probe.pk, state=ProbeState.FAILED)
    if failed.update(state=ProbeState.WAITING, error_code="", error_params=[]):
        rings.probe(probe)


def examine(probe_id: int) -> None:
    """Do the next thing an address needs; called by a task, so every error becomes a row that says it."""
    probe = Probe.objects.select_related("owner").filter(pk=probe_id, state__in=BUSY).first()
    if probe is None:
        return
    try:
        if probe.state == ProbeState.ADDING:
            adopt(probe)
        elif Probe.objects.filter(pk=probe.pk, state=ProbeState.WAITING).update(state=ProbeState.PROBING):
            look(probe)
    except XapiError as error:
        fail(probe, error)


def look(probe: Probe) -> None:
    """Fetch the certificate; when it is trusted, sign in and see what the server is."""
    address = connections.allowed_address(probe.address, probe.port)
    if not probe.trusted:
        certificate = fetch_certificate(address, probe.port)
        known = Server.objects.filter(address=address, port=probe.port, pin=certificate.sha256).exists()
        probe.pin, probe.result = certificate.sha256, {"subject": certificate.subject}
        if not known:
            settle(probe, ProbeState.TRUST)
            return
        probe.trusted = True
    answer = probe_server(Endpoint(address=address, port=probe.port, pin=probe.pin), unseal(probe))
    probe.result = answer.to_json()
    if answer.role == "member":
        lead_to_coordinator(probe, answer)
    else:
        probe.pool = Pool.objects.current().filter(uuid=answer.pool_uuid).first()
        settle(probe, ProbeState.ADDED if probe.pool else ProbeState.READY)


def lead_to_coordinator(probe: Probe, answer: ServerAnswer) -> None:
    """A member's address leads to its pool: its coordinator is examined in the same batch, through the same gate."""
    settle(probe, ProbeState.MEMBER)
    batch = Probe.objects.filter(batch=probe.batch)
    if not batch.filter(address=answer.coordinator_address, port=probe.port).exists():
        address, login = answer.coordinator_address, unseal(probe)
        target = Target(address=address, port=probe.port, login=login, led_from=probe.address)
        new_probe(user=probe.owner, batch=probe.batch, target=target)


def adopt(probe: Probe) -> None:
    """Read everything the coordinator knows and make the pool's and servers' rows, with the login encrypted."""
    login = unseal(probe)
    endpoint = Endpoint(address=connections.allowed_address(probe.address, probe.port), port=probe.port, pin=probe.pin)
    with open_session(endpoint, login) as xapi, transaction.atomic():
        pool = inventories.adopt(xapi, user=probe.owner)
        connections.save_login(pool, login, probe.owner)
        audit.record(actor=probe.owner, action="pool.connected", subject=str(pool), pool=pool)
        probe.pool, probe.login = pool, b""
        settle(probe, ProbeState.ADDED)


def settle(probe: Probe, state: ProbeState) -> None:
    """Store what was found."""
    probe.state = state
    probe.save()


def fail(probe: Probe, error: XapiError) -> None:
    """Store why an address could not be used."""
    probe.error_code, probe.error_params = error.code, list(error.params)
    settle(probe, ProbeState.FAILED)


def seal(probe: Probe, login: Login) -> bytes:
    """Encrypt the login for this batch and address."""
    payload = {"username": login.username, "password": login.password}
    return vault.encrypt(payload, purpose="probe", owner=seal_owner(probe))


def unseal(probe: Probe) -> Login:
    """Return the login of this probe."""
    payload = vault.decrypt(bytes(probe.login), purpose="probe", owner=seal_owner(probe))
    return Login(username=payload["username"], password=payload["password"])


def seal_owner(probe: Probe) -> str:
    return json.dumps([str(probe.batch), probe.address, probe.port])
