"""The chained audit."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from pools.models.append_only import AppendOnly
from pools.models.pool import Pool
from pools.models.team import Grant, Person


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Audit entries as people see them."""

    def visible_to(self, user: Person) -> "AuditQuerySet":
        """Entries about pools that the user sees, his own, and all of them for who sees the estate."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        mine = models.Q(user_id=user.pk) | models.Q(team__members=user.pk)
        if Grant.objects.filter(mine, pool__isnull=True).exists():
            return self
        return self.filter(models.Q(pool__in=Pool.objects.visible_to(user)) | models.Q(actor_id=user.pk))


class AuditEntry(models.Model):
    """Who did what, when; names are stored, so it stays readable when what it speaks of is gone (decision 5)."""

    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )
    actor_name = models.CharField(max_length=150)
    action = models.CharField(max_length=60)
    subject = models.TextField(blank=True)
    pool = models.ForeignKey(Pool, on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="audit")
    pool_name = models.TextField(blank=True)
    operation = models.ForeignKey(
        "pools.Operation", on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="audit"
    )
    data = models.JSONField(default=dict)
    address = models.GenericIPAddressField(null=True)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]
        verbose_name_plural = "audit entries"
        constraints: ClassVar = [AppendOnly(name="audit_append_only")]
        indexes: ClassVar = [
            models.Index(fields=["action"], name="audit_action"),
            models.Index(fields=["at"], name="audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at} {self.actor_name} {self.action} {self.subject}"


class AuditHead(models.Model):
    """One row: how long the chain is and where it ends, sealed; a cut tail no longer matches it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    count = models.PositiveBigIntegerField()
    last = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    seal = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(id=1), name="one_audit_head")]

    def __str__(self) -> str:
        return f"{self.last}:{self.digest}"
