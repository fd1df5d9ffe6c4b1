"""What a worker does with the addresses of the Connect page: look at all of them at once, add what was chosen."""

from collections.abc import Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from pools import connections, inventories
from pools.models import Pool, Probe, ProbeState, Server
from pools.services import audit, connect
from pools.xapi.endpoint import Endpoint, Login, PeerCertificate
from pools.xapi.errors import XapiError
from pools.xapi.gate import LONGEST_NAME
from pools.xapi.gateway import open_session
from pools.xapi.probe import ServerAnswer, probe_server
from pools.xapi.tls import fetch_certificate

MOST_AT_ONCE = 32

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
    """Become the one who looks at an address."""
    waiting = Probe.objects.filter(pk=probe.pk, state=ProbeState.WAITING)
    return bool(waiting.update(state=ProbeState.PROBING, changed_at=timezone.now()))


def pinned_servers() -> Pinned:
    """Return which certificates are trusted where; one that shows its own again needs no second confirmation."""
    pinned: dict[tuple[str, int], set[str]] = {}
    for address, port, pin in Server.objects.exclude(pin="").values_list("address", "port", "pin"):
        pinned.setdefault((address, port), set()).add(pin)
    return pinned


def look_at(probe: Probe, pinned: Pinned) -> Sight:
    """Ask one address; runs in a thread of its own, without the database."""
    trusted = probe.pin if probe.trusted else ""
    login = connect.unseal(probe)
    return Question(address=probe.address, port=probe.port, trusted=trusted, login=login, pinned=pinned).ask()


def take_in(probe: Probe, future: Future[Sight]) -> None:
    """Store what was seen of one address."""
    try:
        sight = future.result()
    except XapiError as error:
        fail(probe, error)
        return
    if sight.certificate is not None:
        probe.pin, probe.result = sight.certificate.sha256, {"subject": sight.certificate.subject}
        settle(probe, ProbeState.TRUST)
    elif sight.answer is not None:
        probe.pin, probe.trusted = sight.pin, True
        describe(probe, sight.answer)


def describe(probe: Probe, answer: ServerAnswer) -> None:
    """Store what the server says of itself; a member's address leads to its pool."""
    probe.result = answer.to_json()
    if answer.role == "member":
        lead_to_coordinator(probe, answer)
        return
    probe.pool = Pool.objects.current().filter(uuid=answer.pool_uuid).first()
    if probe.pool is None:
        settle(probe, ProbeState.READY)
    else:
        forget_login(probe, ProbeState.ADDED)


@transaction.atomic
def lead_to_coordinator(probe: Probe, answer: ServerAnswer) -> None:
    """Examine the member's coordinator in the same batch, through the same gate."""
    address, login = answer.coordinator_address[:LONGEST_NAME], connect.unseal(probe)
    forget_login(probe, ProbeState.MEMBER)
    if not Probe.objects.filter(batch=probe.batch, address=address, port=probe.port).exists():
        target = connect.Target(address=address, port=probe.port, login=login, led_from=probe.address)
        connect.look_at(connect.new_probe(user=probe.owner, batch=probe.batch, target=target))


def add(probe: Probe) -> None:
    """Read everything the coordinator knows and make the pool's and servers' rows, with the login encrypted."""
    try:
        adopt(probe)
    except XapiError as error:
        if Probe.objects.filter(pk=probe.pk, state=ProbeState.ADDING).exists():
            fail(probe, error)


def adopt(probe: Probe) -> None:
    login = connect.unseal(probe)
    endpoint = Endpoint(address=connections.allowed_address(probe.address, probe.port), port=probe.port, pin=probe.pin)
    with open_session(endpoint, login) as xapi, transaction.atomic():
        if not Probe.objects.select_for_update().filter(pk=probe.pk, state=ProbeState.ADDING).exists():
            return  # a message that came twice: another worker was faster
        pool = inventories.adopt(xapi, user=probe.owner)
        connections.save_login(pool, login, probe.owner)
        audit.record(actor=probe.owner, action="pool.connected", subject=str(pool), pool=pool)
        probe.pool = pool
        forget_login(probe, ProbeState.ADDED)


def settle(probe: Probe, state: ProbeState) -> None:
    """Store how far an address has come."""
    probe.state = state
    probe.save()


def forget_login(probe: Probe, state: ProbeState) -> None:
    """Erase a login that is of no use here any more."""
    probe.login = b""
    settle(probe, state)


def fail(probe: Probe, error: XapiError) -> None:
    """Store why an address could not be used."""
    probe.error_code, probe.error_params = error.code, list(error.params)
    settle(probe, ProbeState.FAILED)
