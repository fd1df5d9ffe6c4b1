"""Approvals: what waits for a second pair of eyes, and the decision."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from pools.access import for_everyone_signed_in, signed_in
from pools.models import Approval
from pools.policy import may_approve
from pools.services import approvals, confirming
from pools.services.errors import NotAllowed, ServiceError
from pools.views import stepup
from pools.views.plans import watched

PAGE = 20


@for_everyone_signed_in
@require_safe
def approval_list(request: HttpRequest) -> HttpResponse:
    """What this person can decide, what others still wait for, and what was decided."""
    seen = approvals.visible_to(request.user)
    mine = list(approvals.waiting_for(request.user))
    others = seen.filter(approved__isnull=True).exclude(pk__in=[approval.pk for approval in mine])
    context = {
        "mine": mine,
        "others": others[:PAGE],
        "page": Paginator(seen.filter(approved__isnull=False), PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "pools/approvals.html", context)


@for_everyone_signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def approval(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the very plan that will run; on POST say yes or no to it."""
    found = get_object_or_404(approvals.visible_to(request.user), pk=pk)
    if request.method == "POST":
        return decide(request, found)
    return approval_page(request, found)


def decide(request: HttpRequest, found: Approval) -> HttpResponse:
    """Take the decision, or show the page again with the reason and with the note that was typed."""
    approved = request.POST.get("decision") == "approve"
    if approved and confirming.is_destructive(found.operation) and not stepup.is_fresh(request):
        return approval_page(
            request, found, problem=NotAllowed("Confirm first that it is you; your note is kept here.")
        )
    try:
        approvals.decide(
            approval=found, user=signed_in(request), plan_hash=request.POST.get("plan_hash", ""),
            approved=approved, note=request.POST.get("note", ""),
        )  # fmt: skip
    except ServiceError as error:
        found.refresh_from_db()
        return approval_page(request, found, problem=error)
    messages.success(request, "Approved: the operation starts now." if approved else "Refused. Nothing was changed.")
    return redirect("operation", pk=found.operation_id)


def approval_page(request: HttpRequest, found: Approval, problem: ServiceError | None = None) -> HttpResponse:
    """Render the plan with the decision form for those who may decide."""
    operation = found.operation
    steps = list(operation.steps.all())
    context = {
        "approval": found,
        "operation": operation,
        "steps": steps,
        "total_seconds": sum(step.expected_seconds for step in steps),
        "expires_at": found.asked_at + approvals.LIFE,
        "undecided": found.approved is None and not approvals.is_expired(found),
        "changed": found.plan_hash != operation.plan_hash,
        "may_decide": found.asked_by_id != request.user.pk and may_approve(request.user, operation),
        "problem": problem,
        "note": request.POST.get("note", ""),
    }
    here = reverse("approval", args=[found.pk])
    context |= watched(operation) | stepup.shown(request, operation) | {"step_up_url": stepup.url(request, here)}
    return render(request, "pools/approval.html", context, status=status_of(problem))


def status_of(problem: ServiceError | None) -> int:
    """Tell a machine what the page tells a person."""
    if problem is None:
        return 200
    return 403 if isinstance(problem, NotAllowed) else 409
