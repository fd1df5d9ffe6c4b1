"""The pre-flight examination of a draft: read every server at once, in a worker, and keep what was found."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from pools.checks.report import Report
from pools.models import Operation, OperationState, Server, User
from pools.operations.choices import choices_of
from pools.operations.registry import KINDS
from pools.services import operations, rings
from pools.services.errors import NotAllowed

GIVE_UP_AFTER = timedelta(seconds=90)


@dataclass(frozen=True, kw_only=True)
class Examination:
    """How far the examination of a draft has come, and its report when it is there."""

    running: bool
    overdue: bool
    as_of: datetime | None
    report: Report | None


def ask(*, operation: Operation, user: User) -> None:
    """Have a worker examine the draft; the page shows what the worker stores."""
    operations.assert_may_plan(user, operation)
    now = timezone.now().isoformat()
    operation.report = {"asked": str(uuid.uuid4()), "asked_at": now, "asked_by": user.pk}
    operation.save(update_fields=["report", "changed_at"])
    rings.examine(operation)


def waiting() -> QuerySet[Operation]:
    """Drafts whose examination was asked for, and no worker has taken it."""
    asked = Operation.objects.filter(state=OperationState.DRAFT, report__has_key="asked")
    return asked.exclude(report__has_any_keys=["taken_at", "cells"])


@transaction.atomic
def take(operation_id: str) -> Operation | None:
    """Fetch a draft that waits to be examined; a message that comes twice finds that it was taken."""
    row = waiting().select_for_update(of=("self",), no_key=True).filter(pk=operation_id).first()
    if row is not None:
        row.report["taken_at"] = timezone.now().isoformat()
        row.save(update_fields=["report"])
    return row


def run(operation_id: str) -> None:
    """Examine now, if who asked may still; an answer to an older question is dropped."""
    operation = take(operation_id)
    if operation is None:
        return
    question = operation.report["asked"]
    asked = Operation.objects.filter(pk=operation.pk, state=OperationState.DRAFT, report__asked=question)
    try:
        operations.assert_may_plan(User.objects.get(pk=operation.report["asked_by"]), operation)
    except NotAllowed:
        asked.update(report={})
        return
    kind = KINDS[operation.kind]
    report = kind.check(kind.facts(operation), choices_of(operation))
    stored = {**operation.report, "as_of": timezone.now().isoformat(), "cells": report.to_json()}
    asked.update(report=stored)


def state(operation: Operation) -> Examination:
    """Say what is known of the draft's examination."""
    stored = operation.report
    asked_at = parse_datetime(stored["asked_at"]) if "asked_at" in stored else None
    running = "asked" in stored and "cells" not in stored
    return Examination(
        running=running,
        overdue=running and asked_at is not None and timezone.now() - asked_at > GIVE_UP_AFTER,
        as_of=parse_datetime(stored["as_of"]) if "as_of" in stored else None,
        report=Report.from_json(stored["cells"]) if "cells" in stored else None,
    )


def in_order(operation: Operation) -> list[Server]:
    """Return the draft's servers as the grid's columns: coordinator first, then by name."""
    first = operation.draft.get("coordinator")
    servers = operation.servers.all()
    return sorted(servers, key=lambda server: (server.uuid != first, server.name_label.casefold()))
