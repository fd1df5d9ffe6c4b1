"""What a worker does with the addresses of the Connect page: look at all of them at once, add what was chosen."""

import logging
from collections.abc import Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from pools import connections, inventories
from pools.models import Pool, Probe, ProbeState, Server
from pools.services import audit, connect
from pools.xapi.endpoint import Endpoint, Login, PeerCertificate
from pools.xapi.errors import XapiError, XapiFailure
from pools.xapi.gate import LONGEST_NAME
from pools.xapi.gateway import open_session
from pools.xapi.probe import ServerAnswer, probe_server
from pools.xapi.tls import fetch_certificate

MOST_AT_ONCE = 32
NO_LOGIN = b""

log = logging.getLogger(__name__)

Pinned = Mapping[tuple[str, int], Collection[str]]


@dataclass(frozen=True, kw_only=True)
class Question:
    """One address to look at, without the database. A password goes only to the ``trusted`` certificate.

    ``pinned``: the certificates that persons confirmed when servers were added, by address and port.
    """

    address: str
    port: int
    trusted: str
    login: Login
    pinned: Pinned

    def ask(self) -> "Sight":
        """Fetch the certificate; when it is a trusted one, sign in and see what the server is."""
        address = connections.allowed_address(self.address, self.port)
        pin = self.trusted
        if not pin:
            certificate = fetch_certificate(address, self.port)
            if certificate.sha256 not in self.pinned.get((address, self.port), ()):
                return Sight(certificate=certificate)
            pin = certificate.sha256
        answer = probe_server(Endpoint(address=address, port=self.port, pin=pin), self.login)
        return Sight(answer=answer, pin=pin)


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What was seen: a certificate to confirm, or what the holder of the certificate ``pin`` says of itself."""

    certificate: PeerCertificate | None = None
    answer: ServerAnswer | None = None
    pin: str = ""


def examine_batch(batch: str) -> None:
    """Look at every waiting address of a batch at once: one that hangs holds up no other."""
    probes = [probe for probe in Probe.objects.filter(batch=batch).select_related("owner") if claimed(probe)]
    if not probes:
        return
    pinned = pinned_servers()
    with ThreadPoolExecutor(min(MOST_AT_ONCE, len(probes))) as threads:
        asked = {threads.submit(look_at, probe, pinned): probe for probe in probes}
        for future in as_completed(asked):
            take_in(asked[future], future)


def examine(probe_id: int) -> None:
    """Add one address that was chosen, or look at one that waits."""
    probe = Probe.objects.select_related("owner").filter(pk=probe_id).first()
    if probe is None:
        return
    if probe.state == ProbeState.ADDING:
        add(probe)
    elif probe.state == ProbeState.WAITING:
        examine_batch(str(probe.batch))


def claimed(probe: Probe) -> bool:
    """Become the one who looks at an address; who takes too long loses it to another worker."""
    waiting = Probe.objects.filter(pk=probe.pk, state=ProbeState.WAITING)
    probe.state, probe.changed_at = ProbeState.PROBING, timezone.now()
    return bool(waiting.update(state=probe.state, changed_at=probe.changed_at))


def pinned_servers() -> Pinned:
    """Return which certificates persons trusted where; one that shows its own again needs no second confirmation.

    What a pool said of its members is not enough to send them a password that somebody typed.
    """
    pinned: dict[tuple[str, int], set[str]] = {}
    confirmed = Server.objects.exclude(pin="").filter(pinned_by__isnull=False)
    for address, port, pin in confirmed.values_list("address", "port", "pin"):
        pinned.setdefault((address, port), set()).add(pin)
    return pinned


def look_at(probe: Probe, pinned: Pinned) -> Sight:
    """Ask one address; runs in a thread of its own, without the database."""
    trusted = probe.pin if probe.trusted else ""
    login = connect.unseal(probe)
    return Question(address=probe.address, port=probe.port, trusted=trusted, login=login, pinned=pinned).ask()


def take_in(probe: Probe, future: Future[Sight]) -> None:
    """Store what was seen of one address; whatever one server does, the others of the batch are not lost."""
    try:
        sight = future.result()
    except XapiError as error:
        fail(probe, error)
    except Exception as error:
        log.exception("looking at %s failed in an unforeseen way", probe.address)
        fail(probe, XapiFailure("XENWEB_INTERNAL", (type(error).__name__,)))
    else:
        store(probe, sight)


def store(probe: Probe, sight: Sight) -> None:
    """A certificate is shown to a person; an answer says what the server is."""
    if sight.certificate is not None:
        seen = {"subject": sight.certificate.subject}
        settle(probe, ProbeState.TRUST, pin=sight.certificate.sha256, result=seen)
    elif sight.answer is not None:
        describe(probe, sight.answer, pin=sight.pin)


def describe(probe: Probe, answer: ServerAnswer, pin: str) -> None:
    """Store what the server says of itself; a member's address leads to its pool."""
    seen = {"pin": pin, "trusted": True, "result": answer.to_json()}
    if answer.role == "member":
        lead_to_coordinator(probe, answer, seen)
        return
    pool = Pool.objects.current().filter(uuid=answer.pool_uuid).first()
    if pool is None:
        settle(probe, ProbeState.READY, **seen)
    else:
        settle(probe, ProbeState.ADDED, pool=pool, login=NO_LOGIN, **seen)


@transaction.atomic
def lead_to_coordinator(probe: Probe, answer: ServerAnswer, seen: Mapping[str, object]) -> None:
    """Examine the member's coordinator in the same batch, through the same gate."""
    address, login = answer.coordinator_address[:LONGEST_NAME], connect.unseal(probe)
    if not settle(probe, ProbeState.MEMBER, login=NO_LOGIN, **seen):
        return
    if not Probe.objects.filter(batch=probe.batch, address=address, port=probe.port).exists():
        target = connect.Target(address=address, port=probe.port, login=login, led_from=probe.address)
        connect.look_at(connect.new_probe(user=probe.owner, batch=probe.batch, target=target))


def add(probe: Probe) -> None:
    """Read everything the coordinator knows and make the pool's and servers' rows, with the login encrypted."""
    try:
        adopt(probe)
    except XapiError as error:
        fail(probe, error)


def adopt(probe: Probe) -> None:
    """The server is read first: no row stays locked for as long as it takes."""
    login = connect.unseal(probe)
    endpoint = Endpoint(address=connections.allowed_address(probe.address, probe.port), port=probe.port, pin=probe.pin)
    with open_session(endpoint, login) as xapi:
        reading = inventories.read(xapi, None)
    with transaction.atomic():
        if not settle(probe, ProbeState.ADDED, login=NO_LOGIN):
            return  # a message that came twice: another worker was faster
        pool = inventories.take_in(reading, user=probe.owner)
        connections.save_login(pool, login, probe.owner)
        audit.record(actor=probe.owner, action="pool.connected", subject=str(pool), pool=pool)
        Probe.objects.filter(pk=probe.pk).update(pool=pool)


def settle(probe: Probe, state: ProbeState, **seen: object) -> bool:
    """Store how far an address has come; false when another worker went on with it meanwhile."""
    mine = Probe.objects.filter(pk=probe.pk, state=probe.state)
    if probe.state == ProbeState.PROBING:
        mine = mine.filter(changed_at=probe.changed_at)
    return bool(mine.update(state=state, changed_at=timezone.now(), **seen))


def fail(probe: Probe, error: XapiError) -> None:
    """Store why an address could not be used."""
    settle(probe, ProbeState.FAILED, error_code=error.code, error_params=list(error.params))
