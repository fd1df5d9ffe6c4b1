"""The chained audit."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from pools.models.pool import Pool
from pools.models.team import Grant, Person


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Audit entries as people see them."""

    def visible_to(self, user: Person) -> "AuditQuerySet":
        """Entries about pools that the user sees, his own, and all of them for who sees the estate."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        pools = Pool.objects.visible_to(user)
        mine = models.Q(user_id=user.pk) | models.Q(team__members=user.pk)
        if Grant.objects.filter(mine, pool__isnull=True).exists():
            return self
        return self.filter(models.Q(pool__in=pools) | models.Q(actor_id=user.pk))


class AuditEntry(models.Model):
    """Who did what, when. Append-only; each hash covers the one before (security.md §7)."""

    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    actor_name = models.CharField(max_length=150)
    action = models.CharField(max_length=60)
    subject = models.TextField(blank=True)
    pool = models.ForeignKey(Pool, on_delete=models.SET_NULL, null=True, related_name="audit")
    operation = models.ForeignKey("pools.Operation", on_delete=models.SET_NULL, null=True, related_name="audit")
    data = models.JSONField(default=dict)
    address = models.GenericIPAddressField(null=True)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.at} {self.actor_name} {self.action} {self.subject}"
