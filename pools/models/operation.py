"""An operation: a draft that becomes a plan that is approved and run."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from pools.models.pool import Pool, Server
from pools.models.team import Person


class OperationState(models.TextChoices):
    """The life of an operation; operations/states.py holds the table of allowed changes."""

    DRAFT = "draft", "Draft"
    PLANNED = "planned", "Planned"
    AWAITING_APPROVAL = "awaiting_approval", "Waiting for approval"
    APPROVED = "approved", "Approved"
    REFUSED = "refused", "Refused"
    STALE = "stale", "Out of date"
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    NEEDS_ATTENTION = "needs_attention", "Needs attention"
    OPEN_POINTS = "open_points", "Done with open points"
    STOPPED = "stopped", "Stopped"
    UNDOING = "undoing", "Undoing"
    UNDONE = "undone", "Undone"
    SUCCEEDED = "succeeded", "Succeeded"
    CANCELLED = "cancelled", "Cancelled"


class OperationQuerySet(models.QuerySet["Operation"]):
    """Operations as people see them."""

    def visible_to(self, user: Person) -> "OperationQuerySet":
        """Operations on pools that the user sees; a draft without a pool belongs to who began it."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        seen = Q(pool__in=Pool.objects.visible_to(user))
        return self.filter(seen | Q(pool__isnull=True, created_by_id=user.pk))

    def without_large_columns(self) -> "OperationQuerySet":
        """Leave in the database what only the wizard shows: what was chosen and found."""
        return self.select_related("pool__coordinator", "created_by").defer("draft", "report", "facts")


class Operation(models.Model):
    """One change to a pool: what was chosen, what will be done, who agreed, how it went."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=50)
    state = models.CharField(max_length=20, choices=OperationState.choices, default=OperationState.DRAFT)
    title = models.TextField(blank=True)
    pool = models.ForeignKey(Pool, on_delete=models.CASCADE, null=True, blank=True, related_name="operations")
    servers = models.ManyToManyField(Server, related_name="operations", blank=True)
    parent = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="fixes",
        help_text="the operation whose pre-flight this one was made to mend",
    )
    draft = models.JSONField(default=dict, help_text="what was chosen in the wizard")
    report = models.JSONField(default=dict, help_text="the findings at planning time")
    facts = models.JSONField(default=dict, help_text="the facts that the plan rests on, for a readable difference")
    facts_hash = models.CharField(max_length=64, blank=True)
    plan_hash = models.CharField(max_length=64, blank=True)
    stale_reason = models.TextField(blank=True)
    stop_requested = models.BooleanField(default=False)
    idempotency_key = models.CharField(max_length=64, null=True, blank=True, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="operations")
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    planned_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = OperationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [models.Index(fields=["state"], name="operation_state")]

    def __str__(self) -> str:
        return self.title or self.kind


class Approval(models.Model):
    """A request to run a plan, and the decision; it holds for one ``plan_hash`` only."""

    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, related_name="approvals")
    plan_hash = models.CharField(max_length=64)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    message = models.TextField(blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    approved = models.BooleanField(null=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["-asked_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["operation"], condition=Q(approved__isnull=True), name="one_open_approval"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("asked_by")),
                name="nobody_approves_his_own",
            ),
        ]

    def __str__(self) -> str:
        return f"approval of {self.operation}"


class ResourceLock(models.Model):
    """A pool or host that an operation holds; it outlives crashes and goes with the terminal state."""

    resource = models.CharField(max_length=64, primary_key=True, help_text='"pool:uuid" or "host:uuid"')
    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, related_name="locks")
    taken_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.resource
