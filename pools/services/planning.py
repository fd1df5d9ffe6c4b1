"""From draft to plan to start: what the last page of every wizard needs."""

import unicodedata
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from pools import policy
from pools.models import Operation, OperationState, Step, User
from pools.services import address_plan, operations, rings
from pools.services.errors import ServiceError
from pools.xapi.errors import XapiError
from pools.xapi.messages import explain

LONGEST_COMMENT = 200
GIVE_UP_AFTER = timedelta(seconds=90)
NOT_ASKED = {"plan_asked_at": "", "plan_taken_at": "", "plan_problem": ""}


def ask(*, operation: Operation, user: User) -> None:
    """Have a worker read the facts again and make the plan; the page shows how far it is."""
    operations.assert_may_plan(user, operation)
    asked = {"plan_asked_at": timezone.now().isoformat(), "plan_asked_by": user.pk}
    operation.draft = {**operation.draft, **NOT_ASKED, **asked}
    operation.save(update_fields=["draft", "changed_at"])
    rings.prepare_plan(operation)


@transaction.atomic
def ask_again(*, operation: Operation, user: User) -> Operation:
    """Make the plan anew from the facts of now; returns the draft that waits for it."""
    saved = operations.save_draft(operation=operation, user=user, changes={})
    ask(operation=saved, user=user)
    return saved


def waiting() -> QuerySet[Operation]:
    """Drafts whose plan was asked for, and no worker has taken it."""
    drafts = Operation.objects.filter(state=OperationState.DRAFT, draft__plan_taken_at="")
    return drafts.exclude(draft__plan_asked_at="")


@transaction.atomic
def take(operation_id: str) -> Operation | None:
    """Fetch a draft that waits for its plan; a message that comes twice finds that it was taken."""
    row = waiting().select_for_update(of=("self",), no_key=True).filter(pk=operation_id).first()
    if row is not None:
        row.draft["plan_taken_at"] = timezone.now().isoformat()
        row.save(update_fields=["draft"])
    return row


def run(operation_id: str) -> None:
    """Make the plan for who asked; called by a task. A plan that cannot be made leaves the reason on the page."""
    operation = take(operation_id)
    if operation is None:
        return
    try:
        operations.make_plan(operation=operation, user=User.objects.get(pk=operation.draft["plan_asked_by"]))
    except ServiceError as error:
        tell(operation, str(error))
    except XapiError as error:
        told = explain(error.code, error.params)
        tell(operation, f"{told.title}. {told.text} {told.remedy}")


@transaction.atomic
def tell(operation: Operation, problem: str) -> None:
    """Store why there is no plan, for who still waits for it: what was asked since has an answer of its own."""
    locked = operations.lock(operation)
    if locked.draft.get("plan_asked_at") != operation.draft.get("plan_asked_at"):
        return
    locked.draft = {**locked.draft, **NOT_ASKED, "plan_problem": problem}
    locked.save(update_fields=["draft", "changed_at"])


def page(operation: Operation, user: User) -> dict[str, object]:
    """Return what the plan page shows: the steps, or how far the plan is; and what this person may do with it."""
    asked = parse_datetime(operation.draft.get("plan_asked_at") or "")
    preparing = operation.state == OperationState.DRAFT and asked is not None
    return {
        "plan_steps": list(operation.steps.all()),
        "addresses": address_plan.chosen(operation),
        "preparing": preparing,
        "overdue": preparing and asked is not None and timezone.now() - asked > GIVE_UP_AFTER,
        "problem": operation.draft.get("plan_problem", ""),
        "decision": policy.decide(user, operation).value,
        "may_plan_again": operation.state == OperationState.STALE,
        "ready": operation.state == OperationState.PLANNED,
    }


def xe_script(operation: Operation, steps: Iterable[Step]) -> str:
    """Write the plan as a shell script of ``xe`` commands; secrets stay masked."""
    lines = ["#!/bin/sh", f"# {one_line(operation.title)}", "# Passwords are masked: fill them in.", "set -e", ""]
    for step in steps:
        lines += [f"# {step.seq}. {one_line(step.title)}", *step.xe.splitlines(), ""]
    return "\n".join(lines)


def one_line(text: str) -> str:
    """A title must not break out of its comment, nor look like something else: servers' names are in it."""
    flat = " ".join(text.split())[:LONGEST_COMMENT]
    return "".join(letter for letter in flat if not unicodedata.category(letter).startswith("C"))
