"""Network snapshots in every state: whole, changed since, incomplete, being read, not read."""

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from pools import archive
from pools.archive import Occasion
from pools.models import NetworkSnapshot, Operation, Server, SnapshotReason
from pools.services import network_rebuild, password_change, snapshots
from pools.xapi.inventory import Snapshot
from tests.fixtures.lab import Lab

NAME = "bonded"


def make(lab: Lab) -> None:
    """Two of a server with bonds, the older one with another address and MTU; and three that hold nothing or little."""
    server = next(server for server in lab.servers if server.name_label.startswith(NAME))
    older = archive.take(server, Occasion(reason=SnapshotReason.NIGHTLY))
    snapshots.ask(user=lab.owner, servers=[server])
    snapshots.take_asked(server.pool_id)
    older.data["networks"][0]["mtu"] = 9000
    older.data["interfaces"] = older.data["interfaces"][:-1]
    older.taken_at = timezone.now() - timedelta(days=3)
    older.save()
    archive.keep(Snapshot(), server, Occasion(reason=SnapshotReason.NIGHTLY))
    waiting = archive.asked(server, Occasion(reason=SnapshotReason.ASKED, by=lab.owner))
    failed = archive.asked(server, Occasion(reason=SnapshotReason.ASKED, by=lab.owner))
    failed.error_code, failed.error_params = "XENWEB_TIMEOUT", ["10.0.0.6", "5"]
    NetworkSnapshot.objects.bulk_create([waiting, failed])
    whole = NetworkSnapshot.objects.filter(server=server, complete=True)[0]
    network_rebuild.begin(user=lab.owner, server=server, snapshot=whole)
    password_change.begin(user=lab.owner, server=server, password="abcd-2345-EFGH-6789")


def pages() -> Iterator[tuple[str, str]]:
    """The lists, one of them whole and one not, the two compared, and the runbook."""
    server = Server.objects.get(network_snapshots__complete=False, network_snapshots__digest__gt="")
    whole = NetworkSnapshot.objects.filter(server=server, complete=True)
    newer, older = whole[:2]
    spoiled = NetworkSnapshot.objects.read().get(server=server, complete=False)
    yield "server_snapshots", reverse("server_snapshots", args=[server.pk])
    yield "pool_snapshots", reverse("pool_snapshots", args=[server.pool_id])
    yield "pool_snapshots none", reverse("pool_snapshots", args=[Server.objects.get(name_label="office-1").pool_id])
    yield "snapshot", reverse("snapshot", args=[newer.pk])
    yield "snapshot incomplete", reverse("snapshot", args=[spoiled.pk])
    yield "snapshot_compare", f"{reverse('snapshot_compare')}?pick={older.pk}&pick={newer.pk}"
    yield "network_rebuild", reverse("network_rebuild", args=[newer.pk])
    yield "wizard_rebuild", reverse("wizard_rebuild", args=[Operation.objects.get(kind="network_rebuild").pk])
    yield "server_address", reverse("server_address", args=[server.uuid])
    yield "password_change", reverse("password_change", args=[server.pk])
    yield "wizard_password", reverse("wizard_password", args=[Operation.objects.get(kind="password_change").pk])
    yield "snapshot_runbook", reverse("snapshot_runbook", args=[newer.pk])
