"""The page on which a join is forced: what that skips, and why it is to be done."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from pools.access import needs, signed_in
from pools.models import Operation, Role, Server
from pools.services import forcing, operations
from pools.services.errors import ServiceError
from pools.views.wizard import draft_of


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def force(request: HttpRequest, pk: uuid.UUID, server: str) -> HttpResponse:
    """Show what force does and ask for the reason; or take the force back."""
    operation = draft_of(request, pk)
    chosen = operation.servers.filter(uuid=server).first()
    if chosen is None or server == operation.draft.get("coordinator"):
        raise Http404("This server does not join in this draft.")
    if request.method == "POST":
        return answered(request, operation, chosen)
    if operation.state not in operations.EDITABLE:
        return redirect("operation", pk=pk)
    return page(request, operation, chosen)


def answered(request: HttpRequest, operation: Operation, server: Server) -> HttpResponse:
    """Store the answer and go back to the checks; what is refused leaves what was typed."""
    user, reason = signed_in(request), request.POST.get("reason", "")
    try:
        if request.POST.get("answer") == "withdraw":
            saved = forcing.withdraw(operation=operation, user=user, server_uuid=server.uuid)
        else:
            saved = forcing.force(operation=operation, user=user, server_uuid=server.uuid, reason=reason)
    except ServiceError as error:
        if operation.state in operations.EDITABLE:
            return page(request, operation, server, str(error), reason)
        messages.error(request, str(error))
        return redirect("operation", pk=operation.pk)
    return redirect("wizard_checks", pk=saved.pk)


def page(
    request: HttpRequest, operation: Operation, server: Server, problem: str = "", typed: str = ""
) -> HttpResponse:
    """Render the form."""
    found, offer = forcing.difference(operation, server.uuid) or (None, None)
    context = {
        "operation": operation,
        "server": server,
        "found": found,
        "offer": offer,
        "problem": problem,
        "reason": typed or forcing.forced_in(operation).get(server.uuid, ""),
        "shortest": forcing.SHORTEST_REASON,
        "longest": forcing.LONGEST_REASON,
    }
    return render(request, "pools/wizard/force.html", context, status=422 if problem else 200)
