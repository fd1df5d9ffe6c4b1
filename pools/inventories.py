"""What a pool's coordinator says, stored: the records, and the servers that belong to the pool."""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from pools import connections
from pools.models import Credential, Grant, Inventory, Pool, Server, User
from pools.xapi.endpoint import Endpoint
from pools.xapi.errors import AddressRefused, AlreadyKnown, XapiError, XapiFailure, XapiUnreachable
from pools.xapi.gateway import Xapi
from pools.xapi.inventory import Snapshot
from pools.xapi.probe import coordinator_of
from pools.xapi.records import HostRecord
from pools.xapi.tables import Tables

LONGEST_UUID = 36
ASKED_AT_ONCE: Final = 16
SYNC_LOCK = 0x70_6F_6F_6C  # advisory: two pools' inventories move servers one after the other


@dataclass(frozen=True, kw_only=True)
class Reading:
    """All that one visit brought: records, the clock, and the certificates of members without a pin."""

    tables: Tables
    snapshot: Snapshot
    endpoint: Endpoint
    as_of: datetime
    clock_skew: float
    pins: dict[str, str] = field(default_factory=dict)
    moved_here: frozenset[str] = frozenset()


def refresh(pool: Pool) -> Inventory:
    """Read the pool and store what it says; when it cannot be read, the old records stay and the reason is stored."""
    try:
        with connections.connect_pool(pool) as xapi:
            reading = read(xapi, pool)
    except XapiError as error:
        return store_failure(pool, error)
    return store(pool, reading)


def snapshot_of(pool: Pool) -> Snapshot:
    """Return the records as they were last read; empty when they never were."""
    inventory = Inventory.objects.filter(pool=pool).first()
    return Snapshot.from_wire(inventory.records) if inventory else Snapshot()


def adopt(xapi: Xapi, *, user: User) -> Pool:
    """Read a pool that is seen for the first time, and make its rows."""
    return take_in(read(xapi, None), user=user)


def take_in(reading: Reading, *, user: User) -> Pool:
    """Make the rows of a pool that is seen for the first time; who connects it has confirmed the certificate.

    A pool or server that is known already is not taken over: XENWEB_POOL_KNOWN, XENWEB_SERVER_KNOWN.
    """
    uuid = reading.snapshot.pool.uuid
    with transaction.atomic():
        lock_servers()
        if Pool.objects.current().filter(uuid=uuid).exists():
            raise AlreadyKnown("XENWEB_POOL_KNOWN", (reading.endpoint.address,))
        pool = Pool.objects.create(uuid=uuid)
        claim_coordinator(pool, reading, user)
        store(pool, reading)
    pool.refresh_from_db()
    return pool


def claim_coordinator(pool: Pool, reading: Reading, user: User) -> None:
    """Pin the server that was connected; one that left another pool is taken only with its old certificate."""
    host, endpoint = reading.snapshot.master, reading.endpoint
    known = Server.objects.filter(uuid=host.uuid).first()
    if known and known.pin and known.pin != endpoint.pin:
        raise AlreadyKnown("XENWEB_SERVER_KNOWN", (host.name_label,))
    left = [known.pool_id] if known else []
    values = {"pool": pool, "name_label": host.name_label, "address": endpoint.address, "port": endpoint.port}
    pinned = {"pin": endpoint.pin, "pinned_at": timezone.now(), "pinned_by": user, "refused_pin": ""}
    Server.objects.update_or_create(uuid=host.uuid, defaults=values | pinned)
    retire_if_empty(left)


def read(xapi: Xapi, pool: Pool | None) -> Reading:
    """Fetch all records in one call, the clock, and what is needed of members that are new."""
    as_of = shared_clock()
    tables = xapi.snapshot()
    snapshot = Snapshot.from_wire(tables)
    assert_a_pool(snapshot, xapi.endpoint)
    known = {
        server.uuid: server for server in Server.objects.filter(uuid__in=[h.uuid for h in snapshot.hosts.values()])
    }
    return Reading(
        tables=tables,
        snapshot=snapshot,
        endpoint=xapi.endpoint,
        as_of=as_of,
        clock_skew=xapi.clock_skew(),
        pins=new_pins(xapi, snapshot, known),
        moved_here=moved_here(snapshot, xapi.endpoint, known, pool),
    )


def assert_a_pool(snapshot: Snapshot, endpoint: Endpoint) -> None:
    """A pool has a record, a coordinator among its hosts, and uuids; what says otherwise is not XAPI."""
    uuids = [snapshot.pool.uuid, snapshot.master.uuid, *(host.uuid for host in snapshot.hosts.values())]
    if not all(0 < len(uuid) <= LONGEST_UUID for uuid in uuids) or len(set(uuids[1:])) < len(snapshot.hosts):
        raise XapiUnreachable("XENWEB_NOT_XAPI", (endpoint.netloc,))


def new_pins(xapi: Xapi, snapshot: Snapshot, known: dict[str, Server]) -> dict[str, str]:
    """Ask the coordinator, over its trusted connection, for the certificates of members without a pin.

    A member that is down cannot be asked for: it stays without a pin, unreachable, until a later visit.
    """
    pins: dict[str, str] = {}
    for host in snapshot.hosts.values():
        server = known.get(host.uuid)
        if (server and server.pin) or host.ref == snapshot.pool.master:
            continue
        try:
            pins[host.uuid] = xapi.server_certificate(host.ref).sha256
        except XapiFailure:
            continue
    return pins


def moved_here(snapshot: Snapshot, endpoint: Endpoint, known: dict[str, Server], pool: Pool | None) -> frozenset[str]:
    """Servers of another pool that say themselves, under their own pins, that this coordinator is theirs.

    The word of a pool alone moves no server: a hostile one could claim everybody's.
    """
    strangers = [server for server in known.values() if pool is None or server.pool_id != pool.pk]
    coordinator = {snapshot.master.address, endpoint.address}
    with ThreadPoolExecutor(max_workers=ASKED_AT_ONCE, thread_name_prefix="moved") as threads:
        said = list(threads.map(named_coordinator, strangers))
    return frozenset(server.uuid for server, address in zip(strangers, said, strict=True) if address in coordinator)


def named_coordinator(server: Server) -> str | None:
    """Ask a server for its coordinator; one that is restarting is asked again at the next visit."""
    try:
        return coordinator_of(connections.endpoint_of(server)) or None
    except XapiError:
        return None


def store_failure(pool: Pool, error: XapiError) -> Inventory:
    """Keep the old records and say why there are no new ones."""
    values = {"error_code": error.code, "error_params": list(error.params), "tried_at": shared_clock()}
    inventory, _ = Inventory.objects.update_or_create(pool=pool, defaults=values)
    return inventory


@transaction.atomic
def store(pool: Pool, reading: Reading) -> Inventory:
    """Store one reading; an older one that arrives late changes nothing, nor does one of a pool that ended."""
    lock_servers()
    pool.refresh_from_db()
    inventory, _ = Inventory.objects.get_or_create(pool=pool)
    now = shared_clock()
    if pool.retired_at or (inventory.as_of and reading.as_of <= inventory.as_of <= now):
        return inventory
    inventory.records, inventory.as_of, inventory.clock_skew = reading.tables, reading.as_of, reading.clock_skew
    inventory.error_code, inventory.error_params, inventory.tried_at = "", [], now
    inventory.save()
    sync_servers(pool, reading)
    sync_pool(pool, reading)
    return inventory


def shared_clock() -> datetime:
    """Ask the database for the time: workers' clocks differ, and what they read is put in order by time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def lock_servers() -> None:
    """Take the lock of this transaction under which servers change pools."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SYNC_LOCK])


def sync_pool(pool: Pool, reading: Reading) -> None:
    """Take over the pool's name and coordinator."""
    record = reading.snapshot.pool
    pool.coordinator = Server.objects.filter(pool=pool, uuid=reading.snapshot.master.uuid).first() or pool.coordinator
    pool.name_label, pool.name_description = record.name_label, record.name_description
    pool.save(update_fields=["coordinator", "name_label", "name_description"])


def sync_servers(pool: Pool, reading: Reading) -> None:
    """Make, rename and move the rows of the pool's members."""
    hosts = {host.uuid: host for host in reading.snapshot.hosts.values()}
    known = {server.uuid: server for server in Server.objects.filter(uuid__in=hosts)}
    members = [server for server in known.values() if server.pool_id == pool.pk or server.uuid in reading.moved_here]
    left = {server.pool_id for server in members} - {pool.pk}
    for server in members:
        update_member(pool, server, hosts[server.uuid], reading)
    Server.objects.bulk_update(members, ["pool", "name_label", "address", "pin", "pinned_at", "pinned_by"])
    for uuid in hosts.keys() - known.keys():
        add_member(pool, hosts[uuid], reading)
    retire_if_empty(left)


def add_member(pool: Pool, host: HostRecord, reading: Reading) -> None:
    """A member seen for the first time, pinned through its coordinator; an address that the gate refuses is skipped."""
    try:
        address = recorded_address(host, reading.endpoint.port)
    except AddressRefused:
        return
    pin = reading.pins.get(host.uuid, "")
    Server.objects.create(
        uuid=host.uuid,
        pool=pool,
        name_label=host.name_label,
        address=address,
        port=reading.endpoint.port,
        pin=pin,
        pinned_at=timezone.now() if pin else None,
    )


def update_member(pool: Pool, server: Server, host: HostRecord, reading: Reading) -> None:
    """Bring a known server's row up to date; the caller stores it. Nobody confirmed its pin at another address."""
    server.pool, server.name_label = pool, host.name_label
    address = new_address(server, host)
    if address != server.address:
        server.address, server.pinned_by = address, None
    if not server.pin and host.uuid in reading.pins:
        server.pin, server.pinned_at = reading.pins[host.uuid], timezone.now()


def new_address(server: Server, host: HostRecord) -> str:
    """Follow a changed management address; the pin stays, so nobody else can take its place."""
    if host.address in {"", server.address}:
        return server.address
    try:
        return recorded_address(host, server.port)
    except AddressRefused:
        return server.address


def recorded_address(host: HostRecord, port: int) -> str:
    """Ask the gate for the address in a record; a name is none, and nothing here may wait for a name service."""
    try:
        ip_address(host.address)
    except ValueError:
        raise AddressRefused("XENWEB_ADDRESS_INVALID", (host.address[:100],)) from None
    return connections.allowed_address(host.address, port)


@transaction.atomic
def take_member(pool: Pool, server: Server) -> None:
    """A server proved itself to be a member: the pool's login is its own from now on, its old pool ends."""
    lock_servers()
    left = Server.objects.get(pk=server.pk).pool_id
    if left != pool.pk:
        Server.objects.filter(pk=server.pk).update(pool=pool)
        retire_if_empty([left])


def take_leaver(server: Server) -> Pool:
    """A server that left its pool is a pool of its own: the old login opens it, and who saw it sees it still."""
    login, old = connections.login_of(server.pool), server.pool
    with connections.connect(server) as xapi:
        reading = read(xapi, None)
    with transaction.atomic():
        lock_servers()
        pool, _ = Pool.objects.get_or_create(uuid=reading.snapshot.pool.uuid, retired_at=None)
        Server.objects.filter(pk=server.pk, pool=old).update(pool=pool)
        connections.save_login(pool, login, None)
        for grant in Grant.objects.filter(pool=old):
            Grant.objects.get_or_create(user=grant.user, team=grant.team, pool=pool, defaults={"role": grant.role})
        store(pool, reading)
    server.refresh_from_db()
    return pool


def drop_member(pool: Pool, uuid: str) -> None:
    """The pool was seen to have forgotten a server that is dead: nothing of it is left to look after."""
    Server.objects.filter(pool=pool, uuid=uuid).delete()
    refresh(pool)


def take_coordinator(pool: Pool, uuid: str) -> None:
    """A member proved that it coordinates the pool: the old coordinator may be about to leave."""
    if found := Server.objects.filter(pool=pool, uuid=uuid).first():
        Pool.objects.filter(pk=pool.pk).update(coordinator=found)


def take_address(server: Server, address: str) -> None:
    """A member proved, by its pin, that it answers at its new address; nobody has confirmed the pin there."""
    Server.objects.filter(pk=server.pk).exclude(address=address).update(address=address, pinned_by=None)
    server.refresh_from_db(fields=["address", "pinned_by"])


def retire_if_empty(left: Collection[int]) -> None:
    """A standalone server's own pool ends when the server joins another; its login is of no use any more."""
    empty = Pool.objects.filter(pk__in=left, servers=None)
    Credential.objects.filter(pool__in=empty).delete()
    empty.update(retired_at=timezone.now(), coordinator=None)
