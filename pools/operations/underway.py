"""Whether a call without a reply may still be at work: XAPI has a task for each, whoever sent it."""

from pools.xapi.gateway import Xapi
from pools.xapi.records import TaskRecord

PENDING = frozenset({"pending", "cancelling"})


def is_underway(xapi: Xapi, *calls: str) -> bool:
    """Whether any of these calls, named as their tasks are, has not ended yet on this pool."""
    tasks = (TaskRecord.from_wire(ref, wire) for ref, wire in xapi.records("task").items())
    return any(task.name_label in calls and task.status in PENDING for task in tasks)
