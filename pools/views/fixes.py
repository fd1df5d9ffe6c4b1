"""The pages of a fix: what it does and what is to be chosen; its plan is shown like every other one."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pools.access import needs, signed_in
from pools.forms.fixes import form_of
from pools.models import Operation, Role
from pools.services import fixes, operations, wizards
from pools.services.errors import ServiceError
from pools.views.wizard import draft_of, frame, wizard_page


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, pk: uuid.UUID, fix: str, server: str) -> HttpResponse:
    """Show what a fix of one finding does; a POST makes its draft and asks for its plan."""
    parent = draft_of(request, pk)
    chosen = parent.servers.filter(uuid=server).select_related("pool__inventory").first()
    kind = fixes.kind_of(fix)
    if not kind or chosen is None:
        raise Http404("There is no such fix for this server.")
    return shown(request, fixes.FixPage(kind=kind, server=chosen, parent=parent))


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
@wizard_page("fix")
def fix(request: HttpRequest, operation: Operation) -> HttpResponse:
    """Show and change what was chosen for a fix that has a draft."""
    server = operation.servers.select_related("pool__inventory").first()
    if server is None:
        raise Http404("The server of this fix is not connected any more.")
    page = fixes.FixPage(kind=operation.kind, server=server, parent=operation.parent, operation=operation)
    return shown(request, page)


def shown(request: HttpRequest, page: fixes.FixPage) -> HttpResponse:
    """Render the page, or store what was chosen."""
    form = form_of(page.kind)(request.POST if request.method == "POST" else None, page=page)
    if request.method == "POST" and form.is_valid():
        return stored(request, page, form.chosen())
    wizard = wizards.WIZARDS[page.kind]
    back = back_url(page.parent)
    context = frame(wizard, "fix", page.operation) | {
        "page": page,
        "form": form,
        "parent": page.parent,
        "findings": page.findings,
        "back_url": back,
    }
    return render(request, "pools/fixes/fix.html", context, status=422 if form.errors else 200)


def stored(request: HttpRequest, page: fixes.FixPage, chosen: dict[str, object]) -> HttpResponse:
    """Keep the choice and go on to the plan."""
    user = signed_in(request)
    try:
        if page.operation is not None:
            operation = fixes.choose(operation=page.operation, user=user, chosen=chosen)
        else:
            operation = fixes.begin(page=page, user=user, chosen=chosen)
    except ServiceError as error:
        messages.error(request, str(error))
        return redirect(back_url(page.parent))
    return redirect("wizard_plan", pk=operation.pk)


@needs(Role.VIEWER)
@require_GET
def to_checks(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Lead from a fix that has ended to where its finding was; what it changed is examined again there."""
    operation = get_object_or_404(Operation.objects.visible_to(request.user).select_related("parent"), pk=pk)
    return redirect(back_url(operation.parent))


def back_url(parent: Operation | None) -> str:
    """Where the finding was: the checks of a draft, or the page of an operation under way."""
    if parent is None:
        return reverse("operations")
    stays = parent.kind in wizards.WIZARDS and parent.state in operations.EDITABLE
    return reverse(f"wizard_{wizards.wizard_of(parent).findings}" if stays else "operation", args=[parent.pk])
