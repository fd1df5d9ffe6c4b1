"""An operation's page and buttons, and the history of all operations."""

import uuid
from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Max, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from pools import policy
from pools.access import for_everyone_signed_in, holds, needs, signed_in
from pools.models import JournalEntry, Operation, OperationState, Role, Step
from pools.services import after_removal, audit, live, open_points, operations, trouble, undoing
from pools.services.errors import NotAllowed, ServiceError

PAGE = 30
JOURNAL_LINES = 400
LONGEST_REASON = 1000
MOST_FIXES = 20
OPERATION_ACTIONS = {"stop", "resume", "undo", "cancel", "abandon"}
STEP_ACTIONS = {"retry", "skip", "done", "not-done"}
BEFORE_RUNNING = {OperationState.DRAFT, OperationState.PLANNED, OperationState.STALE, OperationState.REFUSED}


def seen_operation(request: HttpRequest, pk: uuid.UUID) -> Operation:
    """Fetch an operation this person may see."""
    seen = Operation.objects.visible_to(request.user)
    return get_object_or_404(seen.without_large_columns(), pk=pk)


@for_everyone_signed_in
@require_GET
def operation(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show an operation live; what has not been submitted is still a wizard's draft."""
    last_id = newest_row(pk)
    found = seen_operation(request, pk)
    if found.state in BEFORE_RUNNING and may_edit(request, found):
        return redirect("wizard_plan", pk=pk)
    return render(request, "pools/operation.html", page_context(request, found) | {"last_id": last_id})


def newest_row(pk: uuid.UUID) -> int:
    """Return the journal row behind which the stream goes on; read first, so that the page is never older than it."""
    return JournalEntry.objects.filter(operation_id=pk).aggregate(newest=Max("pk"))["newest"] or 0


def may_edit(request: HttpRequest, operation: Operation) -> bool:
    """Whether this person may go on with a draft."""
    return operation.pool is None or holds(request, Role.OPERATOR, operation.pool)


def page_context(request: HttpRequest, operation: Operation) -> dict[str, object]:
    """Return everything the live page shows."""
    newest = list(operation.journal.exclude(text="").order_by("-pk")[:JOURNAL_LINES])
    page = live.page(operation)
    shown = {"lanes": page.lanes, "entries": newest[::-1]}
    return shown | family_of(request, operation) | button_context(request, operation, page)


def family_of(request: HttpRequest, operation: Operation) -> dict[str, object]:
    """Return the operation that this one was made for, and those made for it, as far as this person sees them."""
    seen = Operation.objects.visible_to(request.user).without_large_columns()
    parent = seen.filter(pk=operation.parent_id).first() if operation.parent_id else None
    return {"parent": parent, "fixes": seen.filter(parent=operation)[:MOST_FIXES]}


def button_context(request: HttpRequest, operation: Operation, page: live.LivePage) -> dict[str, object]:
    """Return which buttons this person gets: they follow the state and his role."""
    approval = operation.approvals.filter(approved__isnull=True).first()
    least = Role.OPERATOR if operation.submitted_by_id == request.user.pk else Role.ADMINISTRATOR
    return {
        "page": page,
        "open_points": open_points.of_page(page),
        "found": trouble.of_page(page),
        "offers": after_removal.offers(operation, signed_in(request)),
        "saved_networks": after_removal.saved_networks(operation, signed_in(request)),
        "undoable_until": undoable_until(operation),
        "operation": operation,
        "may_run": holds(request, Role.ADMINISTRATOR, operation.pool),
        "may_go_on": holds(request, least, operation.pool),
        "may_cancel": request.user.pk in {operation.created_by_id, operation.submitted_by_id},
        "may_decide": approval is not None and policy.may_approve(request.user, operation),
        "approval": approval,
    }


def undoable_until(operation: Operation) -> datetime | None:
    """Until when an operation that succeeded can be undone; nothing when it cannot."""
    if operation.state != OperationState.SUCCEEDED or undoing.obstacle(operation):
        return None
    return undoing.undoable_until(operation)


@for_everyone_signed_in
@require_GET
def buttons(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Give what depends on who looks, the buttons; the page asks for them when the state changes."""
    found = seen_operation(request, pk)
    context = button_context(request, found, live.page(found))
    return render(request, "pools/partials/_operation_decisions.html", context)


@for_everyone_signed_in
@require_GET
def journal(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show the whole journal, in pages; the live page keeps to the newest lines."""
    found = seen_operation(request, pk)
    rows = found.journal.exclude(text="").order_by("pk")
    lines = Paginator(rows, JOURNAL_LINES).get_page(request.GET.get("page"))
    return render(request, "pools/journal.html", {"operation": found, "lines": lines})


@for_everyone_signed_in
@require_GET
def history(request: HttpRequest) -> HttpResponse:
    """List operations, newest first, drafts only one's own."""
    seen = Operation.objects.visible_to(request.user).without_large_columns()
    rows = seen.exclude(Q(state=OperationState.DRAFT) & ~Q(created_by=request.user.pk))
    state = request.GET.get("state", "")
    if state in OperationState.values:
        rows = rows.filter(state=state)
    lines = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"lines": lines, "states": OperationState.choices, "state": state}
    return render(request, "pools/operations.html", context)


@needs(Role.OPERATOR)
@require_POST
def act(request: HttpRequest, pk: uuid.UUID, action: str) -> HttpResponse:
    """Press a button of an operation: stop, resume, undo, abandon, cancel."""
    known(action, OPERATION_ACTIONS)
    found = seen_operation(request, pk)
    return pressed(request, pk, lambda: operation_action(action, found, request))


@needs(Role.OPERATOR)
@require_POST
def act_on_step(request: HttpRequest, pk: uuid.UUID, seq: int, action: str) -> HttpResponse:
    """Decide about a step in trouble: retry, skip, or say what is true."""
    known(action, STEP_ACTIONS)
    found = seen_operation(request, pk)
    step = get_object_or_404(found.steps, seq=seq)
    return pressed(request, pk, lambda: step_action(action, step, request))


def known(action: str, actions: set[str]) -> None:
    """There is no button of another name."""
    if action not in actions:
        raise Http404("There is no such button.")


def pressed(request: HttpRequest, pk: uuid.UUID, press: Callable[[], None]) -> HttpResponse:
    """Do it, say what went wrong, and go back to the page. The service knows who may press which button."""
    try:
        press()
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except ServiceError as error:
        messages.error(request, str(error))
    return redirect("operation", pk=pk)


def reason_of(request: HttpRequest) -> str:
    """Read the reason a person gave; skipping and abandoning need one."""
    reason = audit.storable(request.POST.get("reason", ""), LONGEST_REASON)
    if not reason:
        raise ServiceError("Give a reason: it stays in the journal for who asks later.")
    return reason


def operation_action(action: str, operation: Operation, request: HttpRequest) -> None:
    """Call the service behind a button of the operation."""
    user = signed_in(request)
    if action == "abandon":
        operations.abandon(operation=operation, user=user, reason=reason_of(request))
    else:
        getattr(operations, action)(operation=operation, user=user)


def step_action(action: str, step: Step, request: HttpRequest) -> None:
    """Call the service behind a button of a step."""
    user = signed_in(request)
    if action == "retry":
        operations.retry_step(step=step, user=user)
    elif action == "skip":
        operations.skip_step(step=step, user=user, reason=reason_of(request))
    else:
        operations.mark_step(step=step, user=user, done=action == "done", reason=reason_of(request))
