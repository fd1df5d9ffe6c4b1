"""A server's network as it was at one moment, kept longer than the server is a member of that pool."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from pools.models.operation import Operation
from pools.models.pool import Pool, Server
from pools.models.team import Person


class SnapshotReason(models.TextChoices):
    """Why a snapshot was taken."""

    NIGHTLY = "nightly", "Every night"
    ASKED = "asked", "On demand"
    REMOVAL = "removal", "Before a removal"


class NetworkSnapshotQuerySet(models.QuerySet["NetworkSnapshot"]):
    """Snapshots as people see them."""

    def visible_to(self, user: Person) -> "NetworkSnapshotQuerySet":
        """Who sees the pool in which it was taken sees it, also when the server, or the pool, is gone."""
        return self.filter(pool__in=Pool.objects.visible_to(user))

    def read(self) -> "NetworkSnapshotQuerySet":
        """Those that hold something."""
        return self.exclude(digest="")

    def without_data(self) -> "NetworkSnapshotQuerySet":
        """Leave in the database what only the page of one snapshot shows."""
        return self.select_related("server", "pool__coordinator", "taken_by", "operation").defer("data", "come_back")


class NetworkSnapshot(models.Model):
    """``data``: pools/snapshots/data.py; ``come_back``: what was foretold of a removal at that moment."""

    server = models.ForeignKey(Server, on_delete=models.SET_NULL, null=True, related_name="network_snapshots")
    server_uuid = models.CharField(max_length=36)
    server_name = models.TextField()
    pool = models.ForeignKey(Pool, on_delete=models.CASCADE, related_name="network_snapshots")
    operation = models.ForeignKey(Operation, on_delete=models.SET_NULL, null=True, related_name="network_snapshots")
    reason = models.CharField(max_length=10, choices=SnapshotReason.choices)
    taken_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(help_text="the last night in which the network was still like this")
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    complete = models.BooleanField(default=False)
    digest = models.CharField(max_length=64, blank=True, help_text="of the data; empty until it has been read")
    error_code = models.CharField(max_length=100, blank=True)
    error_params = models.JSONField(default=list)
    data = models.JSONField(default=dict)
    come_back = models.JSONField(default=dict)

    objects = NetworkSnapshotQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-taken_at", "-pk"]
        indexes: ClassVar = [models.Index(fields=["server_uuid", "-taken_at"], name="network_snapshot_of_server")]

    def __str__(self) -> str:
        return f"network of {self.server_name}"

    @property
    def is_waiting(self) -> bool:
        """Asked for, and not read yet."""
        return not self.digest and not self.error_code
