"""Pools, their servers, and how to reach and unlock them."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, Q

from pools.models.team import Grant, Person, Role


class PoolQuerySet(models.QuerySet["Pool"]):
    """Pools as people see them."""

    def current(self) -> "PoolQuerySet":
        """Leave out pools that ended: a standalone server's own pool ends when the server joins another."""
        return self.filter(retired_at__isnull=True)

    def visible_to(self, user: Person, role: int = Role.VIEWER) -> "PoolQuerySet":
        """Pools on which the user, or a team of his, holds at least this role."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        mine = Grant.objects.filter(Q(user_id=user.pk) | Q(team__members=user.pk), role__gte=role)
        return self.filter(Exists(mine.filter(pool__isnull=True)) | Q(pk__in=mine.values("pool_id")))


class Pool(models.Model):
    """A resource pool. A standalone server is XAPI's pool of one without a name."""

    uuid = models.CharField(max_length=36)
    name_label = models.TextField(blank=True)
    name_description = models.TextField(blank=True)
    coordinator = models.ForeignKey(
        "pools.Server", on_delete=models.SET_NULL, null=True, blank=True, related_name="coordinates"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = PoolQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name_label", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["uuid"], condition=Q(retired_at__isnull=True), name="pool_uuid_once_while_current"
            )
        ]

    def __str__(self) -> str:
        return self.name_label or (self.coordinator.name_label if self.coordinator else self.uuid)

    @property
    def resource(self) -> str:
        return f"pool:{self.uuid}"


class ServerQuerySet(models.QuerySet["Server"]):
    """Servers as people see them."""

    def visible_to(self, user: Person, role: int = Role.VIEWER) -> "ServerQuerySet":
        return self.filter(pool__in=Pool.objects.current().visible_to(user, role))


class Server(models.Model):
    """A XenServer or XCP-ng host that xenweb knows: where it answers and which certificate is trusted."""

    uuid = models.CharField(max_length=36, unique=True)
    pool = models.ForeignKey(Pool, on_delete=models.CASCADE, related_name="servers")
    name_label = models.TextField()
    address = models.GenericIPAddressField()
    port = models.PositiveIntegerField(default=443)
    pin = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the trusted certificate, hex")
    pinned_at = models.DateTimeField(null=True, blank=True)
    pinned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    refused_pin = models.CharField(max_length=64, blank=True, help_text="A changed certificate, shown and refused")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ServerQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name_label", "pk"]

    def __str__(self) -> str:
        return self.name_label or self.address

    @property
    def resource(self) -> str:
        return f"host:{self.uuid}"


class Credential(models.Model):
    """A pool's login, encrypted with MultiFernet; the plaintext names the pool it belongs to."""

    pool = models.OneToOneField(Pool, on_delete=models.CASCADE, related_name="credential")
    ciphertext = models.BinaryField()
    username = models.CharField(max_length=255)
    saved_at = models.DateTimeField(auto_now=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return f"login of {self.pool}"


class ProbeState(models.TextChoices):
    """How far the examination of an address has come."""

    WAITING = "waiting", "Waiting"
    PROBING = "probing", "Looking"
    TRUST = "trust", "Certificate to confirm"
    READY = "ready", "Ready to add"
    MEMBER = "member", "Member of a pool"
    ADDING = "adding", "Adding"
    ADDED = "added", "Added"
    FAILED = "failed", "Failed"


class Probe(models.Model):
    """One address on the Connect page: looked at by a task, confirmed and added by a person."""

    batch = models.UUIDField(default=uuid.uuid4, db_index=True)
    address = models.CharField(max_length=255)
    port = models.PositiveIntegerField(default=443)
    state = models.CharField(max_length=10, choices=ProbeState.choices, default=ProbeState.WAITING)
    pin = models.CharField(max_length=64, blank=True)
    trusted = models.BooleanField(default=False)
    login = models.BinaryField(help_text="encrypted user name and password, erased when the server is added")
    pool = models.ForeignKey(Pool, on_delete=models.SET_NULL, null=True, related_name="+")
    result = models.JSONField(default=dict)
    led_from = models.CharField(max_length=255, blank=True, help_text="the member whose address led here")
    error_code = models.CharField(max_length=100, blank=True)
    error_params = models.JSONField(default=list)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.address}: {self.state}"
