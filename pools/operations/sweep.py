"""Finds what no message speaks of: steps of dead workers, and steps that are ready. The rows are the outbox."""

from typing import Final

from django.db import connection

from pools.operations import doorbell, presence
from pools.operations.claims import READY

RING_AGAIN_AFTER_MS: Final = 3000
FIND: Final = f"""
    SELECT step.id, step.fence FROM pools_step AS step
    JOIN pools_operation AS operation ON operation.id = step.operation_id
    WHERE {READY} ORDER BY step.id
"""  # noqa: S608 - constants only


def sweep() -> int:
    """Void the leases of dead workers, and ring for every step that may be claimed; returns how many were rung for."""
    presence.bury()
    with connection.cursor() as cursor:
        cursor.execute(FIND)
        ready = cursor.fetchall()
    return sum(_ring(step_id, fence) for step_id, fence in ready)


def _ring(step_id: int, fence: int) -> bool:
    """Ring, but do not pile up messages while all workers are busy: each claim makes a new fence, and a new ring."""
    fresh = doorbell.not_rung_lately(f"{step_id}:{fence}", RING_AGAIN_AFTER_MS)
    if fresh:
        doorbell.ring(step_id)
    return fresh
