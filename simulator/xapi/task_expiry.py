"""Tasks that nobody destroyed go by themselves (db_gc.ml: gc_tasks)."""

from datetime import UTC, datetime, timedelta

from simulator.database import Database, Row
from simulator.xapi.decoding import wire_time

FINISHED = ("success", "failure", "cancelled")
COMPLETED_STAY = timedelta(minutes=65)
PENDING_STAY = timedelta(hours=24)
MOST_YOUNG = 200


def remove_old(database: Database, now: float) -> None:
    """Completed for 65 minutes, pending for a day without progress; beyond 200 young ones the oldest completed."""
    moment = datetime.fromtimestamp(now, UTC)
    completed_before, begun_before = wire_time(moment - COMPLETED_STAY), wire_time(moment - PENDING_STAY)
    with database.locked():
        young = {}
        for ref, row in database.snapshots("task").items():
            if _is_old(row, completed_before, begun_before):
                database.delete("task", ref)
            else:
                young[ref] = row
        done = sorted((ref for ref in young if young[ref]["status"] in FINISHED), key=lambda ref: _finished(young[ref]))
        for ref in done[: max(0, len(young) - MOST_YOUNG)]:
            database.delete("task", ref)


def _is_old(row: Row, completed_before: str, begun_before: str) -> bool:
    if row["status"] in FINISHED:
        return _finished(row) < completed_before
    return str(row["created"]) < begun_before and row["progress"] == 0


def _finished(row: Row) -> str:
    return str(row["finished"])
