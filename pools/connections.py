"""From stored servers and logins to open sessions. Nothing goes to a server whose certificate is not pinned."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager

from django.conf import settings

from pools import vault
from pools.models import Credential, Pool, Server, User
from pools.xapi.endpoint import Endpoint, Login
from pools.xapi.errors import AddressRefused, CertificateChanged, LoginMissing, XapiError, XapiUnreachable
from pools.xapi.gate import check_address
from pools.xapi.gateway import Follow, Xapi, open_local_session, open_session

PURPOSE = "login"
MOST_MEMBERS_ASKED = 4


def allowed_address(text: str, port: int) -> str:
    """Return the address to connect to, or raise AddressRefused: one gate for every address, whoever names it."""
    if settings.LAB:
        return check_address(text, only=lab_addresses(settings.LAB), networks=(), ports=(), port=port)
    return check_address(text, only=None, networks=settings.HOST_NETWORKS, ports=settings.HOST_PORTS, port=port)


def lab_addresses(lab: Mapping[str, object]) -> set[tuple[str, int]]:
    """In practice mode only the lab's own servers can be reached."""
    hosts = lab.get("hosts")
    return {(str(host["address"]), int(host["port"])) for host in hosts} if isinstance(hosts, list) else set()


def endpoint_of(server: Server) -> Endpoint:
    """Return where the server answers and which certificate it must show, or raise AddressRefused.

    What may be reached can have become less since the server was stored.
    """
    return Endpoint(address=allowed_address(server.address, server.port), port=server.port, pin=server.pin)


def login_of(pool: Pool) -> Login:
    """Return the pool's stored login, or raise LoginMissing."""
    return _unsealed(pool, Credential.objects.filter(pool=pool).first())


def ways_to(servers: Collection[Server]) -> dict[str, tuple[Endpoint, Login] | XapiError]:
    """Look up address, pin and login of many servers at once, by uuid: threads must not use the database."""
    pools = {server.pool_id for server in servers}
    stored = {credential.pool_id: credential for credential in Credential.objects.filter(pool__in=pools)}
    return {server.uuid: _way_to(server, stored.get(server.pool_id)) for server in servers}


def _way_to(server: Server, stored: Credential | None) -> tuple[Endpoint, Login] | XapiError:
    try:
        return endpoint_of(server), _unsealed(server.pool, stored)
    except XapiError as error:
        return error


def _unsealed(pool: Pool, stored: Credential | None) -> Login:
    if stored is None:
        raise LoginMissing("XENWEB_LOGIN_MISSING", (str(pool),))
    try:
        payload = vault.decrypt(stored.ciphertext, purpose=PURPOSE, owner=pool.resource)
    except vault.VaultError:
        payload = {}
    if not payload:
        raise LoginMissing("XENWEB_LOGIN_UNREADABLE", (str(pool),))
    return Login(username=payload["username"], password=payload["password"])


def save_login(pool: Pool, login: Login, user: User | None) -> Credential:
    """Store a pool's login, replacing the old one."""
    payload = {"username": login.username, "password": login.password}
    blob = vault.encrypt(payload, purpose=PURPOSE, owner=pool.resource)
    values = {"ciphertext": blob, "username": login.username, "saved_by": user}
    credential, _ = Credential.objects.update_or_create(pool=pool, defaults=values)
    return credential


@contextmanager
def connect(server: Server) -> Iterator[Xapi]:
    """Open a session on this very server: a member's HOST_IS_SLAVE is an error here."""
    login = login_of(server.pool)
    with ExitStack() as stack:
        yield opened(stack, server, login)


@contextmanager
def connect_locally(server: Server) -> Iterator[Xapi]:
    """Open a session on a member alone, with its pool's login; its coordinator is not asked (root only)."""
    with open_local_session(endpoint_of(server), login_of(server.pool)) as xapi:
        yield xapi


@contextmanager
def connect_pool(pool: Pool) -> Iterator[Xapi]:
    """Open a session on the pool's coordinator, wherever it is now.

    The stored coordinator is asked first, then other members; they lead to the coordinator, which must be pinned too.
    """
    login = login_of(pool)
    with ExitStack() as stack:
        yield first_opened(stack, pool, login)


def candidates(pool: Pool) -> list[Server]:
    """Return the pinned servers of a pool, the coordinator first."""
    servers = [server for server in pool.servers.all() if server.pin]
    return sorted(servers, key=lambda server: server.pk != pool.coordinator_id)


def first_opened(stack: ExitStack, pool: Pool, login: Login) -> Xapi:
    """Ask one after the other; when none leads to the pool, the first one's error says why."""
    servers = candidates(pool)
    failed: dict[int, XapiError] = {}
    for server in servers[:MOST_MEMBERS_ASKED]:
        try:
            xapi = opened(stack, server, login, follow=follow_to(servers, failed))
            return of_this_pool(xapi, pool)
        except XapiError as error:
            failed[server.pk] = error
            if not worth_asking_others(error):
                break
    raise next(iter(failed.values()), XapiUnreachable("XENWEB_NO_PINNED_SERVER", (str(pool),)))


def of_this_pool(xapi: Xapi, pool: Pool) -> Xapi:
    """A server that left the pool coordinates its own new one: what it says is not about this pool."""
    if xapi.pool_uuid() != pool.uuid:
        raise XapiUnreachable("XENWEB_OTHER_POOL", (xapi.endpoint.netloc,))
    return xapi


def worth_asking_others(error: XapiError) -> bool:
    """A wrong password is wrong everywhere; a dead server, or a member whose coordinator moved, is not the pool."""
    of_one_server = isinstance(error, XapiUnreachable | CertificateChanged | AddressRefused)
    return of_one_server or error.code.startswith("HOST_")


def follow_to(servers: list[Server], failed: Collection[int]) -> Follow:
    """Follow a member's word only to a server of this pool whose certificate is pinned, and that has not failed."""
    known = {server.address: server for server in servers if server.pk not in failed}

    def follow(address: str) -> Endpoint | None:
        return endpoint_of(known[address]) if address in known else None

    return follow


def opened(stack: ExitStack, server: Server, login: Login, follow: Follow | None = None) -> Xapi:
    """Open a session that ends with the stack; a changed certificate is kept for a person to look at."""
    endpoint = endpoint_of(server)
    try:
        xapi = stack.enter_context(open_session(endpoint, login, follow=follow))
    except CertificateChanged as error:
        remember_changed(server, error)
        raise
    if server.refused_pin and xapi.endpoint == endpoint:
        Server.objects.filter(pk=server.pk, pin=endpoint.pin).update(refused_pin="")  # the trusted one is back
    return xapi


def remember_changed(server: Server, error: CertificateChanged) -> None:
    """Keep the refused certificate's fingerprint, to be shown beside the trusted one."""
    if error.code == "XENWEB_CERTIFICATE_CHANGED":
        pinned, seen = error.params
        Server.objects.filter(pool_id=server.pool_id, pin=pinned).update(refused_pin=seen)
