"""What a worker does with the addresses of the Connect page: look at all of them at once, add what was chosen."""

from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from django.db import transaction

from pools import connections, inventories
from pools.models import Pool, Probe, ProbeState, Server
from pools.services import audit, connect
from pools.xapi.endpoint import Endpoint, Login, PeerCertificate
from pools.xapi.errors import XapiError
from pools.xapi.gateway import open_session
from pools.xapi.probe import ServerAnswer, probe_server
from pools.xapi.tls import fetch_certificate

MOST_AT_ONCE = 32


@dataclass(frozen=True, kw_only=True)
class Question:
    """One address to look at, without the database. ``trusted`` is the one certificate a password may go to."""

    address: str
    port: int
    trusted: str
    login: Login

    def ask(self) -> "Sight":
        """Fetch the certificate; when it is the trusted one, sign in and see what the server is."""
        address = connections.allowed_address(self.address, self.port)
        if not self.trusted:
            return Sight(certificate=fetch_certificate(address, self.port))
        return Sight(answer=probe_server(Endpoint(address=address, port=self.port, pin=self.trusted), self.login))


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What was seen: a certificate to confirm, or what the server says of itself."""

    certificate: PeerCertificate | None = None
    answer: ServerAnswer | None = None


def examine_batch(batch: str) -> None:
    """Look at every waiting address of a batch at once: one that hangs holds up no other."""
    probes = [probe for probe in Probe.objects.filter(batch=batch).select_related("owner") if claimed(probe)]
    if not probes:
        return
    with ThreadPoolExecutor(min(MOST_AT_ONCE, len(probes))) as threads:
        asked = {threads.submit(question(probe).ask): probe for probe in probes}
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
    return bool(Probe.objects.filter(pk=probe.pk, state=ProbeState.WAITING).update(state=ProbeState.PROBING))


def question(probe: Probe) -> Question:
    """A certificate that a person confirmed, now or when the server was added, need not be confirmed again."""
    trusted = probe.pin if probe.trusted else ""
    return Question(address=probe.address, port=probe.port, trusted=trusted, login=connect.unseal(probe))


def take_in(probe: Probe, future: Future[Sight]) -> None:
    """Store what was seen of one address."""
    try:
        sight = future.result()
    except XapiError as error:
        fail(probe, error)
        return
    if sight.certificate is not None:
        show(probe, sight.certificate)
    elif sight.answer is not None:
        describe(probe, sight.answer)


def show(probe: Probe, certificate: PeerCertificate) -> None:
    """Show the certificate to a person; one that is pinned for this very address goes straight on."""
    probe.pin, probe.result = certificate.sha256, {"subject": certificate.subject}
    if not Server.objects.filter(address=probe.address, port=probe.port, pin=certificate.sha256).exists():
        settle(probe, ProbeState.TRUST)
        return
    probe.trusted = True
    try:
        sight = question(probe).ask()
    except XapiError as error:
        fail(probe, error)
        return
    if sight.answer is not None:
        describe(probe, sight.answer)


def describe(probe: Probe, answer: ServerAnswer) -> None:
    """Store what the server says of itself; a member's address leads to its pool."""
    probe.result = answer.to_json()
    if answer.role == "member":
        lead_to_coordinator(probe, answer)
        return
    probe.pool = Pool.objects.current().filter(uuid=answer.pool_uuid).first()
    settle(probe, ProbeState.ADDED if probe.pool else ProbeState.READY)


@transaction.atomic
def lead_to_coordinator(probe: Probe, answer: ServerAnswer) -> None:
    """Examine the member's coordinator in the same batch, through the same gate."""
    settle(probe, ProbeState.MEMBER)
    address, login = answer.coordinator_address, connect.unseal(probe)
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
    login = connect.unseal(probe)
    endpoint = Endpoint(address=connections.allowed_address(probe.address, probe.port), port=probe.port, pin=probe.pin)
    with open_session(endpoint, login) as xapi, transaction.atomic():
        pool = inventories.adopt(xapi, user=probe.owner)
        connections.save_login(pool, login, probe.owner)
        audit.record(actor=probe.owner, action="pool.connected", subject=str(pool), pool=pool)
        probe.pool, probe.login = pool, b""
        settle(probe, ProbeState.ADDED)


def settle(probe: Probe, state: ProbeState) -> None:
    """Store how far an address has come."""
    probe.state = state
    probe.save()


def fail(probe: Probe, error: XapiError) -> None:
    """Store why an address could not be used."""
    probe.error_code, probe.error_params = error.code, list(error.params)
    settle(probe, ProbeState.FAILED)
