"""The create-pool wizard, a page a question; answers are in the draft the moment they are given."""

import secrets
import uuid
from collections.abc import Callable, Sequence
from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pools.access import holds, needs, signed_in
from pools.forms.pool_create import CoordinatorForm, NameForm, ServersForm
from pools.models import Operation, OperationState, Role, Server
from pools.services import examination, operations, planning, pool_create, preflight
from pools.services.errors import NotAllowed, ServiceError

TITLES = {"servers": "Servers", "coordinator": "Coordinator", "checks": "Checks", "name": "Name", "plan": "Plan"}


def draft_of(request: HttpRequest, pk: uuid.UUID) -> Operation:
    """Fetch a draft this person may edit: he is an operator on the pools of all of its servers."""
    seen = Operation.objects.visible_to(request.user).filter(kind=pool_create.KIND)
    operation = get_object_or_404(seen.select_related("pool__coordinator", "created_by"), pk=pk)
    try:
        operations.assert_may_plan(signed_in(request), operation)
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from None
    return operation


def wizard_page(page: Callable[[HttpRequest, Operation], HttpResponse]) -> Callable[..., HttpResponse]:
    """Open a page of the wizard for a draft; what is under way is looked at on its own page."""

    @wraps(page)
    def opened(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        operation = draft_of(request, pk)
        if request.method != "POST" and operation.state not in operations.EDITABLE:
            return redirect("operation", pk=pk)
        return page(request, operation)

    return opened


def frame(operation: Operation | None, current: str) -> dict[str, object]:
    """Describe the wizard's frame: its pages, which are answered, which is open, where Back leads."""
    names = pool_create.STEPS
    here = names.index(current)
    reached = max(here, names.index(pool_create.next_step(operation))) if operation else 0
    steps = [
        {
            "label": TITLES[name],
            "url": reverse(f"wizard_{name}", args=[operation.pk]) if operation and at <= reached else "",
            "state": "current" if at == here else "done" if at < reached else "todo",
        }
        for at, name in enumerate(names)
    ]
    return {
        "operation": operation,
        "steps": steps,
        "saved_at": operation.changed_at if operation else None,
        "back_url": steps[here - 1]["url"] if here else reverse("estate"),
    }


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Choose servers; only a POST begins a draft."""
    return servers_page(request, None)


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
@wizard_page
def servers(request: HttpRequest, operation: Operation) -> HttpResponse:
    """Choose other servers for a draft."""
    return servers_page(request, operation)


def servers_page(request: HttpRequest, operation: Operation | None) -> HttpResponse:
    """Show or store the choice of servers."""
    found = pool_create.candidates(signed_in(request))
    choices = [view.servers[0].server for view in found]
    form = ServersForm(request.POST or None, choices=choices)
    if request.method == "POST" and form.is_valid():
        picked = form.cleaned_data["servers"]
        return saved(request, operation, lambda: store_servers(request, operation, picked), "coordinator")
    ticked = request.POST.getlist("servers") or request.GET.getlist("server")
    if operation and not ticked:
        ticked = [str(server.pk) for server in operation.servers.all()]
    drafts = Operation.objects.filter(created_by=request.user.pk, kind=pool_create.KIND, state=OperationState.DRAFT)
    context = {"form": form, "candidates": found, "ticked": ticked, "drafts": [] if operation else drafts[:5]}
    status = 422 if form.errors else 200
    may_connect = holds(request, Role.ADMINISTRATOR)
    page = frame(operation, "servers") | context | {"may_connect": may_connect}
    return render(request, "pools/wizard/servers.html", page, status=status)


def store_servers(request: HttpRequest, operation: Operation | None, picked: Sequence[Server]) -> Operation:
    """Begin a draft with the servers, or change them in the one there is."""
    if operation is None:
        return pool_create.begin(user=signed_in(request), servers=picked)
    return pool_create.choose_servers(operation=operation, user=signed_in(request), servers=picked)


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
@wizard_page
def coordinator(request: HttpRequest, operation: Operation) -> HttpResponse:
    """Choose the coordinator, with the reasons for the one we would take."""
    ranked = pool_create.recommendations(operation)
    form = CoordinatorForm(request.POST or None, choices=[server for server, _ in ranked])
    if request.method == "POST" and form.is_valid():
        uuid_chosen = form.cleaned_data["coordinator"]
        return saved(
            request,
            operation,
            lambda: pool_create.choose_coordinator(operation=operation, user=signed_in(request), uuid=uuid_chosen),
            "checks",
        )
    selected = operation.draft.get("coordinator") or (ranked[0][0].uuid if ranked else "")
    page = frame(operation, "coordinator") | {"form": form, "ranked": ranked, "selected": selected}
    return render(request, "pools/wizard/coordinator.html", page, status=422 if form.errors else 200)


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
@wizard_page
def checks(request: HttpRequest, operation: Operation) -> HttpResponse:
    """Show the pre-flight grid; a POST examines again."""
    if not operation.draft.get("coordinator"):
        return redirect("wizard_coordinator", pk=operation.pk)
    if request.method == "POST":
        return saved(
            request,
            operation,
            lambda: pool_create.examine_again(operation=operation, user=signed_in(request)),
            "checks",
        )
    found = examination.state(operation)
    page = frame(operation, "checks") | {"examination": found, "columns": examination.in_order(operation)}
    if found.report is not None:
        page |= preflight.page(found.report)
    template = "pools/partials/_checks.html" if request.headers.get("HX-Request") else "pools/wizard/checks.html"
    return render(request, template, page)


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
@wizard_page
def name(request: HttpRequest, operation: Operation) -> HttpResponse:
    """Name the pool."""
    form = NameForm(request.POST or None, initial=operation.draft)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        return saved(
            request, operation, lambda: pool_create.name(operation=operation, user=signed_in(request), **given), "plan"
        )
    page = frame(operation, "name") | {"form": form}
    return render(request, "pools/wizard/name.html", page, status=422 if form.errors else 200)


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
@wizard_page
def plan(request: HttpRequest, operation: Operation) -> HttpResponse:
    """Show the plan: numbered steps with their exact calls; a POST makes it anew from the facts of now."""
    if pool_create.next_step(operation) != "plan":
        return redirect(f"wizard_{pool_create.next_step(operation)}", pk=operation.pk)
    if request.method == "POST":
        return saved(
            request, operation, lambda: planning.ask_again(operation=operation, user=signed_in(request)), "plan"
        )
    page = frame(operation, "plan") | planning.page(operation, signed_in(request)) | {"key": secrets.token_urlsafe(16)}
    template = "pools/partials/_plan_page.html" if request.headers.get("HX-Request") else "pools/wizard/plan.html"
    return render(request, template, page)


@needs(Role.OPERATOR)
@require_POST
def submit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Run the plan that was shown, or ask for it to be run; a double click is one operation."""
    operation = draft_of(request, pk)
    try:
        operations.submit(
            operation=operation,
            user=signed_in(request),
            plan_hash=request.POST.get("plan_hash", ""),
            idempotency_key=request.POST.get("key", ""),
            message=request.POST.get("message", ""),
        )
    except ServiceError as error:
        messages.error(request, str(error))
        operation.refresh_from_db()
        return redirect("wizard_plan" if operation.state in operations.EDITABLE else "operation", pk=pk)
    return redirect("operation", pk=pk)


@needs(Role.VIEWER)
@require_GET
def xe_script(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Download the plan as the equivalent ``xe`` commands, secrets masked."""
    operation = get_object_or_404(Operation.objects.visible_to(request.user), pk=pk)
    response = HttpResponse(
        planning.xe_script(operation, operation.steps.all()), content_type="text/plain; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="xenweb-{operation.pk}.sh"'
    return response


@needs(Role.OPERATOR)
@require_POST
def discard(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Drop a draft, or a plan that nobody started."""
    operation = draft_of(request, pk)
    try:
        pool_create.discard(operation=operation, user=signed_in(request))
    except ServiceError as error:
        messages.error(request, str(error))
        return redirect("operation", pk=pk)
    messages.success(request, "It is discarded; nothing was changed on the servers.")
    return redirect("estate")


def saved(
    request: HttpRequest, operation: Operation | None, store: Callable[[], Operation], following: str
) -> HttpResponse:
    """Store an answer and go on; a plan already under way is said, not changed."""
    try:
        stored = store()
    except ServiceError as error:
        messages.error(request, str(error))
        return redirect("operation", pk=operation.pk) if operation else redirect("estate")
    return redirect(f"wizard_{following}", pk=stored.pk)
