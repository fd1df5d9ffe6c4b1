"""The pre-flight examination of a draft: read every server at once, in a worker, and keep what was found."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from pools.checks.report import Report
from pools.models import Operation, OperationState, Server, User
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


def run(operation_id: str) -> None:
    """Examine now, if who asked may still; an answer to an older question is dropped."""
    operation = Operation.objects.filter(pk=operation_id, state=OperationState.DRAFT).first()
    if operation is None or "asked" not in operation.report or "cells" in operation.report:
        return
    question = operation.report["asked"]
    asked = Operation.objects.filter(pk=operation.pk, state=OperationState.DRAFT, report__asked=question)
    try:
        operations.assert_may_plan(User.objects.get(pk=operation.report["asked_by"]), operation)
    except NotAllowed:
        asked.update(report={})
        return
    kind = KINDS[operation.kind]
    report = kind.check(kind.facts(operation))
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
