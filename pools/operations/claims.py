"""Owning a step: by one UPDATE with the database's clock, for as long as the lease is renewed.

The fence rises with each claim. Every later write is made while the step's row is locked and the fence is still ours;
else ``LostClaim`` ends the attempt before it writes or calls anything.
"""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from django.db import DatabaseError, connection, transaction

from pools.models import Operation, Step
from pools.operations import presence
from pools.operations.lanes import PARKED

LEASE: Final = 15.0
RENEW_EVERY: Final = 5.0
LARGE: Final = ("report", "facts")
RETRY_RENEWAL_AFTER: Final = 1.0

log = logging.getLogger(__name__)

READY: Final = f"""
    (step.lease_until IS NULL OR step.lease_until < now())
    AND (
        (
            operation.state IN ('queued', 'running')
            AND step.state IN ('pending', 'running', 'verifying')
            AND (step.state <> 'pending' OR NOT operation.stop_requested)
            AND NOT EXISTS (
                SELECT 1 FROM pools_step AS earlier
                WHERE earlier.operation_id = step.operation_id AND earlier.seq < step.seq
                AND earlier.state NOT IN ('done', 'skipped')
                AND NOT (earlier.parks AND earlier.lane <> step.lane AND {PARKED})
            )
        ) OR (
            operation.state = 'undoing' AND step.state = 'done'
            AND NOT EXISTS (
                SELECT 1 FROM pools_step AS later
                WHERE later.operation_id = step.operation_id AND later.seq > step.seq AND later.state = 'done'
            )
        )
    )
"""  # noqa: S608 - constants only
"""Which steps may be claimed: the one that lanes.following names, and when undoing the last done one."""

CLAIM: Final = f"""
    UPDATE pools_step AS step
    SET owner_id = %s, fence = fence + 1, lease_until = now() + make_interval(secs => %s),
        state = CASE WHEN step.state = 'pending' THEN 'running' ELSE step.state END,
        started_at = COALESCE(step.started_at, now())
    FROM pools_operation AS operation
    WHERE step.id = %s AND operation.id = step.operation_id AND {READY}
    RETURNING step.fence, EXTRACT(EPOCH FROM now() - step.started_at)
"""  # noqa: S608 - constants only
RENEW: Final = """
    UPDATE pools_step SET lease_until = now() + make_interval(secs => %s) WHERE id = %s AND fence = %s
"""


class LostClaim(Exception):
    """Another worker owns the step now: write nothing, call nothing."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One ownership of a step. ``elapsed``: seconds since the step first started, by the database's clock."""

    step_id: int
    fence: int
    elapsed: float

    @contextmanager
    def writing(self, *, lasting: bool = True) -> Iterator[Step]:
        """Open a transaction in which the step is locked and ours.

        What is not ``lasting`` is on disk a moment after its commit, never later than the next lasting one: an intent,
        or what a person is asked. Should the database die in between, the live state is read again.
        """
        with transaction.atomic(savepoint=False):
            if not lasting:
                commit_soon()
            rows = Step.objects.select_for_update(no_key=True).order_by()
            step = rows.filter(pk=self.step_id, fence=self.fence).first()
            if step is None:
                raise LostClaim
            yield step

    @contextmanager
    def settling(self, *, lasting: bool = True) -> Iterator[tuple[Operation, Step]]:
        """Like ``writing``, with the operation locked first, in the order in which services lock."""
        with transaction.atomic(savepoint=False):
            held = Operation.objects.select_for_update(no_key=True, of=("self",)).defer(*LARGE)
            operation = held.get(steps=self.step_id)
            with self.writing(lasting=lasting) as step:
                step.operation = operation
                yield operation, step


def commit_soon() -> None:
    """Do not wait for the disk at the end of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")


def claim(step_id: int) -> Claim | None:
    """Become the step's owner, if it may be claimed now.

    A claim need not outlive the database: with it dies the owner's connection, and nothing is sent without one.
    """
    owner = presence.mine()
    with transaction.atomic(), connection.cursor() as cursor:
        commit_soon()
        cursor.execute(CLAIM, [owner, LEASE, step_id])
        row = cursor.fetchone()
    return Claim(step_id=step_id, fence=row[0], elapsed=float(row[1])) if row else None


def renew(held: Claim) -> bool:
    """Prolong the lease; false when another worker has the step."""
    with connection.cursor() as cursor:
        cursor.execute(RENEW, [LEASE, held.step_id, held.fence])
        return bool(cursor.rowcount == 1)


def end_process() -> None:
    """End at once: a process that lost its lease must not reach its next call."""
    log.error("the lease of a step was not renewed in time; this worker process ends")
    os._exit(70)


class Lease:
    """Renews a claim's lease from a thread while a step is worked on; gives up before it runs out."""

    def __init__(self, held: Claim, give_up: Callable[[], None] = end_process) -> None:
        self.held = held
        self.give_up = give_up
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"lease-{held.step_id}", daemon=True)
        self._watch = self._new_watch()

    def __enter__(self) -> Self:
        self._watch.start()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._done.set()
        self._thread.join()
        self._watch.cancel()

    def _new_watch(self) -> threading.Timer:
        """A clock of its own: a renewal may hang for as long as a frozen database or a cut cable lets it."""
        watch = threading.Timer(LEASE - RENEW_EVERY, self.give_up)
        watch.daemon = True
        return watch

    def _keep(self) -> None:
        pause = RENEW_EVERY
        try:
            while not self._done.wait(pause):
                ours = self._renewed()
                if ours is False:
                    self.give_up()
                    return
                pause = RENEW_EVERY if ours else RETRY_RENEWAL_AFTER
                if ours:
                    self._watch.cancel()
                    self._watch = self._new_watch()
                    self._watch.start()
        finally:
            connection.close()

    def _renewed(self) -> bool | None:
        """Whether the lease was prolonged; None when the database did not answer."""
        try:
            return renew(self.held)
        except DatabaseError:
            connection.close()
            return None
