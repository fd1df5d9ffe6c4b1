"""The pre-flight examination of a draft: read servers at once, in a worker, and keep what was found as it comes."""

import logging
import time
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from threading import Thread
from typing import Final

from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from pools.checks.report import Report
from pools.models import Operation, OperationState, Server, User
from pools.operations import pool_cleanup
from pools.operations.kind import Joins
from pools.operations.registry import KINDS
from pools.services import answers, leftovers, losses_reading, operations, rings, silence
from pools.services.collecting import Collecting
from pools.services.errors import NotAllowed
from pools.xapi.errors import XapiError

GIVE_UP_AFTER = timedelta(seconds=90)
PATIENCE: Final = 1.5  # seconds after which a desk's thread is free again, whoever has not answered yet

READERS: Final[Mapping[str, Callable[[Operation], None]]] = {
    **dict.fromkeys(silence.KINDS_OF_SILENCE, silence.read),
    pool_cleanup.KIND: leftovers.read,
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Examination:
    """How far the examination of a draft has come, and its report as far as it is there.

    ``reading``: servers that are being read (again); their older answers, if any, are still in the report.
    """

    running: bool
    overdue: bool
    as_of: datetime | None
    report: Report | None
    reading: frozenset[str] = frozenset()
    read_at: Mapping[str, datetime] = field(default_factory=dict)
    changed: str = ""
    version: str = ""


def ask(*, operation: Operation, user: User, again: Collection[str] = (), anew: bool = True) -> None:
    """Have a worker examine the draft, or of it only some servers ``again``; the page shows what the worker stores.

    Not ``anew``: who asks for what is being read already gets that answer.
    """
    operations.assert_may_plan(user, operation)
    stored = operation.report
    wanted = again_of(operation, again)
    if not anew and answers.is_running(stored) and not is_overdue(stored):
        if covers(stored, wanted):
            return
        wanted = sorted({*wanted, *stored.get("again", [])})
    question = {"asked": str(uuid.uuid4()), "asked_at": timezone.now().isoformat(), "asked_by": user.pk}
    operation.report = still_true(operation) | question | {"again": wanted}
    operation.save(update_fields=["report", "changed_at"])
    rings.examine(operation)


def again_of(operation: Operation, again: Collection[str]) -> list[str]:
    """The servers to be read again beside the coordinator; none means all: they have no answers yet."""
    report = answers.report_in(still_true(operation))
    whole = report is not None and len({cell.server_uuid for cell in report.cells}) == len(report.servers)
    return sorted(set(again) & set(report.servers)) if report and whole else []


def covers(stored: Mapping[str, object], wanted: Sequence[str]) -> bool:
    """Whether what is being read includes these servers."""
    under_way = stored.get("again")
    return not under_way or (bool(wanted) and isinstance(under_way, list) and set(wanted) <= set(under_way))


def still_true(operation: Operation) -> dict[str, object]:
    """Answers about the very servers that the draft has now, in their roles."""
    report = answers.report_in(operation.report)
    uuids = {server.uuid for server in operation.servers.all()}
    if report is None or set(report.servers) != uuids:
        return {}
    if report.coordinator_uuid != operation.draft.get("coordinator"):
        return {}
    return {key: operation.report[key] for key in answers.KEPT if key in operation.report}


def waiting() -> QuerySet[Operation]:
    """Drafts whose examination was asked for, and no worker has taken it."""
    asked = Operation.objects.filter(state=OperationState.DRAFT, report__has_key="asked")
    return asked.exclude(report__has_any_keys=["taken_at", "done_at"])


@transaction.atomic
def take(operation_id: str) -> Operation | None:
    """Fetch a draft that waits to be examined; a message that comes twice finds that it was taken."""
    row = waiting().select_for_update(of=("self",), no_key=True).filter(pk=operation_id).first()
    if row is not None:
        row.report["taken_at"] = timezone.now().isoformat()
        row.save(update_fields=["report"])
    return row


def run(operation_id: str) -> None:
    """Examine now. Servers that keep everybody waiting are waited for by a thread apart."""
    collecting = begin(operation_id)
    if collecting is not None and not collecting.go_on(PATIENCE):
        Thread(target=partial(wait_for_the_rest, collecting), name="late-answers", daemon=True).start()


def begin(operation_id: str) -> Collecting | None:
    """Take a question and begin to read, if who asked may still; of a pool that is left, everything is read here."""
    operation = take(operation_id)
    if operation is None or not may_still_ask(operation):
        return None
    kind = KINDS[operation.kind]
    if isinstance(kind, Joins):
        return Collecting.begin(operation, kind)
    try:
        READERS.get(operation.kind, losses_reading.read)(operation)
    except XapiError as error:
        log.warning("nothing to read for %s: %s", operation.pk, error.code)
        forget(operation)
    return None


def may_still_ask(operation: Operation) -> bool:
    """Whether who asked may read these servers still; else the question is forgotten."""
    try:
        operations.assert_may_plan(User.objects.get(pk=operation.report["asked_by"]), operation)
    except NotAllowed:
        forget(operation)
        return False
    return True


def forget(operation: Operation) -> None:
    """Nobody waits for an answer that cannot come; what was read before goes with the question."""
    asked = Operation.objects.filter(pk=operation.pk, report__asked=operation.report["asked"])
    asked.filter(state=OperationState.DRAFT).update(report={})


def wait_for_the_rest(collecting: Collecting) -> None:
    """Store late answers as they come; while there is nothing to store, no connection to the database is held."""
    end = time.monotonic() + GIVE_UP_AFTER.total_seconds()
    while not collecting.done and (left := end - time.monotonic()) > 0:
        try:
            collecting.store_next(left)
        except DatabaseError:
            log.exception("late answers could not be stored")
            return
        finally:
            connection.close()


def state(operation: Operation) -> Examination:
    """Say what is known of the draft's examination."""
    stored = operation.report
    running = answers.is_running(stored)
    report = answers.report_in(stored)
    return Examination(
        running=running,
        overdue=running and is_overdue(stored),
        as_of=parse_datetime(stored["as_of"]) if "as_of" in stored else None,
        report=report,
        reading=reading_now(operation) if running else frozenset(),
        read_at={key: moment for key, text in answers.texts(stored.get("read_at")).items() if (moment := _time(text))},
        changed="" if running else str(stored.get("changed", "")),
        version=f"{stored.get('asked', '')[:8]}-{len(stored.get('answered', []))}-{int(running)}",
    )


def is_overdue(stored: Mapping[str, object]) -> bool:
    asked_at = _time(str(stored.get("asked_at", "")))
    return asked_at is not None and timezone.now() - asked_at > GIVE_UP_AFTER


def reading_now(operation: Operation) -> frozenset[str]:
    """The servers whose answers are awaited."""
    stored = operation.report
    servers = {server.uuid for server in operation.servers.all()}
    again = {*stored["again"], str(operation.draft.get("coordinator"))} if stored.get("again") else servers
    return frozenset(again & servers) - frozenset(stored.get("answered", []))


def _time(text: str) -> datetime | None:
    return parse_datetime(text) if text else None


def in_order(operation: Operation) -> list[Server]:
    """Return the draft's servers as the grid's columns: coordinator first, then by name."""
    first = operation.draft.get("coordinator")
    servers = operation.servers.all()
    return sorted(servers, key=lambda server: (server.uuid != first, server.name_label.casefold()))
