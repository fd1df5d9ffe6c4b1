"""The steps of an operation, their attempts, the journal, and the workers that own them."""

from typing import ClassVar

from django.db import models

from pools.models.operation import Operation


class StepState(models.TextChoices):
    """The life of a step; operations/states.py holds the table of allowed changes."""

    PENDING = "pending", "Waiting"
    RUNNING = "running", "Running"
    VERIFYING = "verifying", "Checking"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    UNKNOWN = "unknown", "Unknown"
    NEEDS_ATTENTION = "needs_attention", "Needs attention"
    SKIPPED = "skipped", "Skipped"
    UNDONE = "undone", "Undone"


class Step(models.Model):
    """One planned command. ``fence`` rises with each claim; a write with an old fence changes no row."""

    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, related_name="steps")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=50, help_text="class name in operations/registry.py")
    params = models.JSONField(default=dict)
    lane = models.CharField(max_length=36, blank=True, help_text="uuid of the server whose lane shows it")
    title = models.TextField()
    call = models.TextField(blank=True, help_text="the exact call with arguments, secrets masked")
    xe = models.TextField(blank=True, help_text="the equivalent xe command, secrets masked")
    undo = models.TextField(blank=True, help_text="how it can be undone; empty: point of no return")
    interruption = models.TextField(blank=True, help_text="what is interrupted, and how long")
    expected_seconds = models.FloatField(default=1)
    state = models.CharField(max_length=20, choices=StepState.choices, default=StepState.PENDING)
    parks = models.BooleanField(default=False, help_text="its failure stops its own lane only")
    repeats = models.BooleanField(default=False, help_text="done once more when parked lanes are resumed")
    findings = models.JSONField(default=list, help_text="what it saw that is not as it should be: checks/finding.py")
    fence = models.PositiveIntegerField(default=0)
    owner = models.ForeignKey("pools.WorkerPresence", on_delete=models.SET_NULL, null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    progress = models.FloatField(default=0, help_text="0..1, XAPI's own task progress where there is one")
    note = models.TextField(blank=True, help_text="what is being waited for, or why it was skipped")
    error_code = models.CharField(max_length=100, blank=True)
    error_params = models.JSONField(default=list)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["operation", "seq"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["operation", "seq"], name="step_seq_once")]
        indexes: ClassVar = [models.Index(fields=["state", "lease_until"], name="step_state_lease")]

    def __str__(self) -> str:
        return self.title


class Attempt(models.Model):
    """One try of a step: the intent is committed before the call leaves, the outcome after. A step tried is kept."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveIntegerField()
    fence = models.PositiveIntegerField()
    call = models.CharField(max_length=100, blank=True, help_text="the mutating XAPI message; empty: none was meant")
    started_at = models.DateTimeField(auto_now_add=True)
    intent_at = models.DateTimeField(null=True)
    session = models.BinaryField(null=True, help_text="encrypted XAPI session reference: the fence on XAPI's side")
    server_uuid = models.CharField(max_length=36, blank=True)
    task_ref = models.CharField(max_length=100, blank=True)
    outcome = models.CharField(max_length=20, blank=True, help_text="done, refused, unknown; empty while open")
    evidence = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["step", "number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["step", "number"], name="attempt_number_once")]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.step}"


class JournalEntry(models.Model):
    """What happened, in order: only added to, and kept as long as the operation, whatever becomes of its steps.

    The id is the id of the live stream's event.
    """

    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, related_name="journal")
    step = models.ForeignKey(Step, on_delete=models.SET_NULL, null=True, related_name="journal")
    at = models.DateTimeField(auto_now_add=True)
    kind = models.CharField(max_length=30, help_text="step, progress, operation, call, note")
    level = models.CharField(max_length=10, default="info")
    text = models.TextField(blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.text


class WorkerPresence(models.Model):
    """A living worker process; it holds an advisory lock by this row's id, freed when the process dies."""

    name = models.CharField(max_length=200)
    started_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
