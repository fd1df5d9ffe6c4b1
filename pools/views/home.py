"""The first page: what waits for this person, what runs, what is wrong."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pools.access import for_everyone_signed_in, holds, holds_somewhere
from pools.models import Operation, OperationState, Pool, Role
from pools.services import approvals, overview
from pools.services.operations import EDITABLE

RUNNING = [OperationState.QUEUED, OperationState.RUNNING, OperationState.UNDOING]
RECENT = 6


@for_everyone_signed_in
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Decisions first, then trouble, then what runs, then what was."""
    pools = Pool.objects.current().visible_to(request.user)
    rows = pools.select_related("coordinator", "inventory").prefetch_related("servers")
    grouped, standalone = overview.estate(rows)
    seen = Operation.objects.visible_to(request.user).without_large_columns()
    context = {
        "pools": grouped,
        "standalone": standalone,
        "problems": [view for view in [*grouped, *standalone] if view.state in {"unreachable", "degraded"}],
        "decisions": approvals.waiting_for(request.user)[:RECENT],
        "attention": seen.filter(state__in=[OperationState.NEEDS_ATTENTION, OperationState.OPEN_POINTS])[:RECENT],
        "running": seen.filter(state__in=RUNNING)[:RECENT],
        "drafts": seen.filter(created_by=request.user.pk, state__in=EDITABLE)[:RECENT],
        "recent": seen.filter(finished_at__isnull=False).order_by("-finished_at")[:RECENT],
        "may_connect": holds(request, Role.ADMINISTRATOR),
        "may_create": holds_somewhere(request, Role.OPERATOR),
        "lab": settings.LAB,
    }
    return render(request, "pools/home.html", context)
