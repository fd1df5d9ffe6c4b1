"""The pages that only the create-pool wizard has: how it begins, the coordinator, the name."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from pools.access import needs, signed_in
from pools.forms.pool_create import CoordinatorForm, NameForm
from pools.models import Operation, Role
from pools.services import pool_create
from pools.services.wizards import WIZARDS
from pools.views.wizard import frame, saved, servers_page, wizard_page

WIZARD = WIZARDS[pool_create.KIND]


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Choose servers; only a POST begins a draft."""
    user = signed_in(request)
    return servers_page(request, WIZARD, lambda picked: pool_create.begin(user=user, servers=picked))


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
@wizard_page("coordinator")
def coordinator(request: HttpRequest, operation: Operation) -> HttpResponse:
    """Choose the coordinator, with the reasons for the one we would take."""
    ranked = pool_create.recommendations(operation)
    form = CoordinatorForm(request.POST or None, choices=[server for server, _ in ranked])
    if request.method == "POST" and form.is_valid():
        chosen, user = form.cleaned_data["coordinator"], signed_in(request)
        return saved(
            request,
            operation,
            lambda: pool_create.choose_coordinator(operation=operation, user=user, uuid=chosen),
            "coordinator",
        )
    selected = operation.draft.get("coordinator") or (ranked[0][0].uuid if ranked else "")
    page = frame(WIZARD, "coordinator", operation) | {"form": form, "ranked": ranked, "selected": selected}
    return render(request, "pools/wizard/coordinator.html", page, status=422 if form.errors else 200)


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
@wizard_page("name")
def name(request: HttpRequest, operation: Operation) -> HttpResponse:
    """Name the pool."""
    form = NameForm(request.POST or None, initial=operation.draft)
    if request.method == "POST" and form.is_valid():
        given, user = form.cleaned_data, signed_in(request)
        return saved(request, operation, lambda: pool_create.name(operation=operation, user=user, **given), "name")
    page = frame(WIZARD, "name", operation) | {"form": form}
    return render(request, "pools/wizard/name.html", page, status=422 if form.errors else 200)
