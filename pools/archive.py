"""Network snapshots, kept: read from the pool, stored with the server and the operation that they were taken for."""

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from pools import connections
from pools.forecast.come_back import ComeBack, come_back_of
from pools.forecast.stored import restored, to_json
from pools.models import NetworkSnapshot, Operation, Server, SnapshotReason, User
from pools.snapshots.build import CLASSES, snapshot_of
from pools.snapshots.data import Interface, NetworkData
from pools.xapi.gateway import Xapi
from pools.xapi.inventory import Snapshot

MOST_ASKED: Final = 50
"""Of the snapshots that people took of one server, so many are kept."""


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """Why, for whom and for what a snapshot is taken."""

    reason: SnapshotReason
    by: User | None = None
    operation: Operation | None = None


def take(server: Server, occasion: Occasion) -> NetworkSnapshot:
    """Read the server's pool now, and keep what it says of this server; raises XapiError where it says nothing."""
    with connections.connect_pool(server.pool) as xapi:
        pool = read(xapi)
    return keep(pool, server, occasion)


def read(xapi: Xapi) -> Snapshot:
    """Read the classes that a snapshot is made of; those that did not come are named in it."""
    tables = xapi.snapshot(CLASSES)
    return Snapshot.from_wire(tables, xapi.unread)


@transaction.atomic
def keep(pool: Snapshot, server: Server, occasion: Occasion) -> NetworkSnapshot:
    """Store the server's network; a night in which nothing changed renews the last night's."""
    last = NetworkSnapshot.objects.read().filter(server_uuid=server.uuid, pool=server.pool).first()
    fresh = filled(asked(server, occasion), pool)
    if last and occasion.reason == last.reason == SnapshotReason.NIGHTLY and last.digest == fresh.digest:
        last.data, last.come_back, last.confirmed_at = fresh.data, fresh.come_back, fresh.confirmed_at
        last.save(update_fields=["data", "come_back", "confirmed_at"])
        return last
    fresh.save()
    return fresh


def asked(server: Server, occasion: Occasion) -> NetworkSnapshot:
    """A snapshot that holds nothing yet, not stored."""
    now = timezone.now()
    return NetworkSnapshot(
        server=server,
        server_uuid=server.uuid,
        server_name=server.name_label,
        pool=server.pool,
        operation=occasion.operation,
        reason=occasion.reason,
        taken_by=occasion.by,
        taken_at=now,
        confirmed_at=now,
    )


def filled(row: NetworkSnapshot, pool: Snapshot) -> NetworkSnapshot:
    """Put into it what the pool says of the server; not stored."""
    data = snapshot_of(pool, row.server_uuid)
    row.data, row.come_back = to_json(data), to_json(come_back_of(pool, row.server_uuid))
    row.taken_at = row.confirmed_at = timezone.now()
    row.complete, row.digest, row.error_code = data.complete, digest(data), ""
    return row


def data_of(row: NetworkSnapshot) -> NetworkData:
    return restored(NetworkData, row.data)


def come_back_in(row: NetworkSnapshot) -> ComeBack:
    """What was foretold when the snapshot was taken."""
    return restored(ComeBack, row.come_back)


def of_operation(operation: Operation, server_uuid: str) -> NetworkSnapshot | None:
    """The complete snapshot of a server that an operation rests on."""
    rows = NetworkSnapshot.objects.filter(operation=operation, server_uuid=server_uuid, complete=True)
    return rows.first()


def digest(data: NetworkData) -> str:
    """Tell two snapshots apart by what somebody set up, not by what comes and goes by itself."""
    lasting = replace(data, vifs={}, residents={}, storage={}, interfaces=tuple(settled(data.interfaces)))
    text = json.dumps(to_json(lasting), sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def settled(interfaces: Iterable[Interface]) -> Iterable[Interface]:
    return (replace(each, carrier=None, speed=0, attached=False) for each in interfaces)


def forget_old(server_uuids: Collection[str]) -> int:
    """Delete what the rules of keeping let go: never the newest complete one, nor what an operation rests on."""
    return sum(too_old(uuid).delete()[0] for uuid in server_uuids)


def too_old(server_uuid: str) -> QuerySet[NetworkSnapshot]:
    rows = NetworkSnapshot.objects.filter(server_uuid=server_uuid, operation=None)
    newest = rows.filter(complete=True).values("pk")[:1]
    asked = rows.filter(reason=SnapshotReason.ASKED).values_list("pk", flat=True)
    before = timezone.now() - timedelta(days=settings.SNAPSHOT_NIGHTS)
    passing = [SnapshotReason.NIGHTLY, SnapshotReason.REMOVAL]
    nights = rows.filter(reason__in=passing, confirmed_at__lt=before).values_list("pk", flat=True)
    kept = set(newest.values_list("pk", flat=True))
    return NetworkSnapshot.objects.filter(pk__in={*asked[MOST_ASKED:], *nights} - kept)
