"""pool.rotate_secret: every server learns a new secret, then forgets the old one (xapi_psr.ml)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypedDict

from pools.models import Attempt
from pools.operations.attempts import Outcome
from pools.operations.context import Context
from pools.operations.step import Differs, Step
from pools.operations.underway import is_underway
from pools.operations.xe import xe
from pools.xapi.errors import OddReplyError, XapiFailure
from pools.xapi.inventory import Snapshot
from pools.xapi.records import PoolRecord, TaskRecord

ROTATE: Final = "Async.pool.rotate_secret"
NAMES: Final = frozenset({ROTATE, "pool.rotate_secret"})
WHOLE_SECONDS: Final = timedelta(
    seconds=2
)  # XAPI's moments have no parts of a second, and clocks are read to half of one


class RotationParams(TypedDict):
    """What the step is told."""

    coordinator_uuid: str
    coordinator_name: str
    coordinator_address: str
    username: str
    servers: list[str]


@dataclass(frozen=True, kw_only=True)
class RotateSecret(Step):
    """Sent once. One that stopped half-way stays pending; only a new plan goes on with it."""

    coordinator_uuid: str
    coordinator_name: str
    coordinator_address: str
    username: str
    servers: Sequence[str]

    @property
    def title(self) -> str:
        return f"Give the pool’s {len(self.servers)} servers a new secret"

    @property
    def lane(self) -> str:
        return self.coordinator_uuid

    @property
    def once(self) -> bool:
        return True

    @property
    def call(self) -> str:
        return f"{ROTATE}() on {self.coordinator_name} ({self.coordinator_address})"

    @property
    def xe(self) -> str:
        return xe(self.coordinator_address, self.username, "pool-secret-rotate", {})

    @property
    def interruption(self) -> str:
        return "Nothing stops. Until it has ended nobody joins or leaves, and HA cannot be switched."

    @property
    def expected_seconds(self) -> float:
        return 15.0

    @property
    def look_at(self) -> Sequence[str]:
        return (
            f"{self.coordinator_name}: does “xe task-list” show a pool.rotate_secret that still runs?",
            f"{self.coordinator_name}: “xe pool-list params=is-psr-pending”: while it is true, it has not ended.",
            f"{self.coordinator_name}: “xe host-list params=name-label,host-metrics-live”: does every server report?",
        )

    def verify(self, ctx: Context) -> bool:
        """Nobody is shown the secret: what proves it is the task that ended well, and that nothing is pending."""
        if self.pool_record(ctx).is_psr_pending or is_underway(ctx.pool(), *NAMES):
            ctx.notes.missing = "The rotation of the secret has begun and has not ended."
            return False
        if not (self.was_told(ctx) or self.has_ended(ctx)):
            ctx.notes.missing = "Nothing shows that the secret was rotated since this began."
            return False
        ctx.notes.proved = "XAPI’s task ended well, and no rotation is pending."
        return True

    def pool_record(self, ctx: Context) -> PoolRecord:
        return Snapshot.from_wire({"pool": ctx.pool().records("pool")}).pool

    def was_told(self, ctx: Context) -> bool:
        """Whether XAPI itself said to this step that its task ended well."""
        if ctx.doubt is not None:
            return False
        tries = Attempt.objects.filter(step=ctx.row)
        return ctx.attempt.intent_at is not None or tries.filter(outcome=Outcome.DONE).exists()

    def has_ended(self, ctx: Context) -> bool:
        """Whether a rotation began since this one was sent, and ended well: whoever did it, the secret is new."""
        sent = Attempt.objects.filter(step=ctx.row, intent_at__isnull=False).order_by("number").first()
        if sent is None or sent.intent_at is None:
            return False
        since = sent.intent_at + timedelta(seconds=ctx.pool().clock_skew()) - WHOLE_SECONDS
        return any(task.status == "success" and begun(task) >= since for task in self.tasks(ctx))

    def tasks(self, ctx: Context) -> Iterator[TaskRecord]:
        found = (TaskRecord.from_wire(ref, wire) for ref, wire in ctx.pool().records("task").items())
        return (task for task in found if task.name_label in NAMES)

    def run(self, ctx: Context) -> None:
        """What stopped half-way is for a person: to repeat it is to go on with it, by a plan of its own."""
        xapi = ctx.pool()
        try:
            ctx.follow(xapi, xapi.pool_rotate_secret())
        except XapiFailure as failure:
            if not self.pool_record(ctx).is_psr_pending:
                raise
            raise Differs("XENWEB_ROTATION_HALF", (failure.code, *failure.params[:1])) from None


def begun(task: TaskRecord) -> datetime:
    """When XAPI began a task, by its own clock."""
    try:
        return datetime.strptime(task.created, "%Y%m%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise OddReplyError("not a moment") from None
