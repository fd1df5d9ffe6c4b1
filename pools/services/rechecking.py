"""A plan that somebody looks at is compared with the servers of now: when the facts changed it is out of date at once.

The last comparison stands in the operation's report, under ``watch``. The engine compares once more before step one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from pools.checks.finding import listed
from pools.models import Operation, OperationState
from pools.operations import facts
from pools.operations.choices import choices_of
from pools.operations.registry import KINDS
from pools.operations.states import move_operation
from pools.services import approvals, audit, operations, rings

WATCHED = frozenset({OperationState.PLANNED, OperationState.AWAITING_APPROVAL})
FRESH_FOR = timedelta(seconds=10)
GIVE_UP_AFTER = timedelta(seconds=90)
CHANGED = "The facts changed."


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """How old the facts of a plan are; ``unread`` names servers that did not answer, since when."""

    busy: bool
    checked_at: datetime | None
    unread: str
    unread_since: datetime | None


def state(operation: Operation) -> Freshness:
    """Say when the plan was last compared with its servers."""
    watch = watch_of(operation)
    return Freshness(
        busy=is_waiting(watch),
        checked_at=moment(watch, "checked_at") or operation.planned_at,
        unread=watch.get("unread", ""),
        unread_since=moment(watch, "unread_since"),
    )


def watch_of(operation: Operation) -> Mapping[str, str]:
    found: Mapping[str, str] = operation.report.get("watch", {})
    return found


def moment(watch: Mapping[str, str], key: str) -> datetime | None:
    return parse_datetime(watch.get(key) or "")


def is_waiting(watch: Mapping[str, str]) -> bool:
    """Whether a comparison was asked for and can still end."""
    asked, answered = moment(watch, "asked_at"), moment(watch, "answered_at")
    if asked is None or timezone.now() - asked > GIVE_UP_AFTER:
        return False
    return answered is None or answered < asked


def due(operation: Operation) -> bool:
    """Whether the plan waits for a person, and was neither made nor looked at just now.

    While a worker reads, servers that hang hold it up: nobody else begins the same.
    """
    watch = watch_of(operation)
    if operation.state not in WATCHED or (watch.get("taken_at") and is_waiting(watch)):
        return False
    moments = [operation.planned_at, moment(watch, "asked_at")]
    newest = max((each for each in moments if each is not None), default=None)
    return newest is None or timezone.now() - newest > FRESH_FOR


def ask(operation: Operation) -> None:
    """Have a worker compare the plan with its servers, unless that was done just now."""
    if not due(operation):
        return
    with transaction.atomic():
        locked = operations.lock(operation)
        if due(locked):
            note(locked, {**watch_of(locked), "asked_at": timezone.now().isoformat(), "taken_at": ""})
            operation.report = locked.report
            rings.recheck(locked)


@transaction.atomic
def take(operation_id: str) -> Operation | None:
    """Fetch a plan that waits to be compared; a message that comes twice finds that it was taken."""
    waiting = Operation.objects.filter(pk=operation_id, state__in=WATCHED, report__watch__taken_at="")
    row = waiting.select_for_update(of=("self",), no_key=True).first()
    if row is not None:
        note(row, {**watch_of(row), "taken_at": timezone.now().isoformat()})
    return row


def run(operation_id: str) -> None:
    """Read the servers and compare; called by a task."""
    operation = take(operation_id)
    if operation is None:
        return
    kind = KINDS[operation.kind]
    live = kind.facts(operation)
    unread = [server.name_label for server in live.servers if not server.readable]
    if unread:
        settle(operation, unread=listed(unread))
        return
    now = facts.summary(live, kind.check(live, choices_of(operation)))
    if facts.digest(now) == operation.facts_hash:
        settle(operation)
    else:
        outdate(operation, facts.difference(operation.facts, now) or [CHANGED])


@transaction.atomic
def settle(seen: Operation, unread: str = "") -> None:
    """Store that the facts are those of the plan; or that, and since when, a server does not say."""
    locked = unchanged(seen)
    if locked is None:
        return
    watch, now = watch_of(locked), timezone.now().isoformat()
    since = (watch.get("unread_since") or now) if unread else ""
    checked = watch.get("checked_at", "") if unread else now
    note(locked, {**watch, "answered_at": now, "checked_at": checked, "unread": unread, "unread_since": since})


@transaction.atomic
def outdate(seen: Operation, differences: list[str]) -> None:
    """The plan is out of date; a request for approval ends with it, and nothing was sent."""
    locked = unchanged(seen)
    if locked is None:
        return
    text = f"The plan is out of date; nothing was sent. {' '.join(differences)}"
    approvals.close_open(operation=locked, reason=text)
    locked.stale_reason = "\n".join(differences)
    move_operation(locked, OperationState.STALE, text)
    audit.record(actor=None, action="operation.outdated", operation=locked, data={"differences": differences})


def unchanged(seen: Operation) -> Operation | None:
    """Fetch the row, locked, if it still holds the plan that was compared."""
    locked = operations.lock(seen)
    return locked if locked.state in WATCHED and locked.plan_hash == seen.plan_hash else None


def note(locked: Operation, watch: Mapping[str, str]) -> None:
    """Store the comparison; that nobody changed the draft stays true."""
    locked.report = {**locked.report, "watch": dict(watch)}
    locked.save(update_fields=["report"])
