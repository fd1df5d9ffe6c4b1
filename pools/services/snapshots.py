"""Network snapshots: every night of every server, and when somebody asks."""

import logging
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from pools import access, archive, connections
from pools.archive import Occasion
from pools.checks.finding import listed
from pools.models import NetworkSnapshot, Pool, Role, Server, SnapshotReason, User
from pools.operations import doorbell
from pools.services import audit, rings
from pools.services.errors import NotAllowed
from pools.xapi.errors import XapiError

RING_AGAIN_AFTER = timedelta(seconds=5)
GIVE_UP_AFTER = timedelta(seconds=90)
OVERDUE = "XENWEB_NOT_READ"

log = logging.getLogger(__name__)
one_at_a_time = threading.Lock()


@transaction.atomic
def ask(*, user: User, servers: Sequence[Server]) -> list[NetworkSnapshot]:
    """Have a worker save the network of servers of one pool, now; what is being read already is not asked twice."""
    pool = servers[0].pool
    if not access.has_role(user, Role.OPERATOR, pool):
        raise NotAllowed("A network snapshot needs the role Operator here.")
    waiting = set(waiting_of(pool).values_list("server_uuid", flat=True))
    occasion = Occasion(reason=SnapshotReason.ASKED, by=user)
    rows = [archive.asked(server, occasion) for server in servers if server.uuid not in waiting]
    NetworkSnapshot.objects.bulk_create(rows)
    rings.take_snapshots(pool)
    audit.record(actor=user, action="snapshot.asked", subject=listed([row.server_name for row in rows]), pool=pool)
    return rows


def waiting_of(pool: Pool) -> QuerySet[NetworkSnapshot]:
    """What somebody waits for."""
    return NetworkSnapshot.objects.filter(pool=pool, digest="", error_code="")


def take_asked(pool_id: int) -> None:
    """Read the pool once, and fill every snapshot that waits for it."""
    pool = Pool.objects.filter(pk=pool_id).first()
    rows = list(waiting_of(pool)) if pool else []
    if not pool or not rows:
        return
    try:
        with connections.connect_pool(pool) as xapi:
            seen = archive.read(xapi)
    except XapiError as error:
        waiting_of(pool).filter(pk__in=[row.pk for row in rows]).update(
            error_code=error.code, error_params=list(error.params)
        )
    else:
        for row in rows:
            archive.filled(row, seen).save()
    archive.forget_old([row.server_uuid for row in rows])


def ring_waiting() -> None:
    """A lost ring is rung again; nobody waits for ever."""
    waiting, now = NetworkSnapshot.objects.filter(digest="", error_code=""), timezone.now()
    waiting.filter(taken_at__lt=now - GIVE_UP_AFTER).update(error_code=OVERDUE)
    for pool in Pool.objects.filter(pk__in=waiting.filter(taken_at__lt=now - RING_AGAIN_AFTER).values("pool")):
        if doorbell.not_rung_lately(f"take_snapshots:{pool.pk}", RING_AGAIN_AFTER // timedelta(milliseconds=1)):
            rings.take_snapshots(pool)


def nightly() -> int:
    """Save the networks of every server that this night has not come to yet; one round at a time is enough."""
    if not one_at_a_time.acquire(blocking=False):
        return 0
    try:
        return sum(save_night(pool) for pool in due(last_night(timezone.now())))
    finally:
        one_at_a_time.release()


def last_night(now: datetime) -> datetime:
    """The moment at which the current night's round began."""
    today = now.replace(hour=settings.SNAPSHOT_HOUR, minute=0, second=0, microsecond=0)
    return today if today <= now else today - timedelta(days=1)


def due(since: datetime) -> list[Pool]:
    """Pools with a server that has no snapshot of this night."""
    saved = NetworkSnapshot.objects.filter(
        server=OuterRef("pk"), pool=OuterRef("pool"), reason=SnapshotReason.NIGHTLY, confirmed_at__gte=since
    )
    missing = Server.objects.filter(~Exists(saved))
    return list(Pool.objects.current().filter(servers__in=missing).distinct())


def save_night(pool: Pool) -> int:
    """Read one pool, and keep the network of each of its servers; a pool that does not answer is tried again later."""
    servers = list(pool.servers.all())
    try:
        with connections.connect_pool(pool) as xapi:
            seen = archive.read(xapi)
    except XapiError as error:
        log.warning("no network snapshots of %s: %s", pool.uuid, error.code)
        return 0
    for server in servers:
        archive.keep(seen, server, Occasion(reason=SnapshotReason.NIGHTLY))
    archive.forget_old([server.uuid for server in servers])
    return len(servers)
