"""The pages that only the wizard that removes servers has: who leaves, what is lost, what it comes back as."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pools.access import needs, require, signed_in
from pools.forms.host_remove import ReturnForm
from pools.forms.wizard import ServersForm
from pools.models import Operation, Pool, Role, Server
from pools.services import host_remove, losses, returning, wizards
from pools.services.errors import ServiceError
from pools.services.host_add import pool_of
from pools.services.wizards import WIZARDS
from pools.views.wizard import frame, saved, wizard_page

WIZARD = WIZARDS[host_remove.KIND]


@needs(Role.OPERATOR)
@require_GET
def of_server(request: HttpRequest, server: str) -> HttpResponse:
    """Lead from a server's uuid to the choice in its pool; a link begins nothing."""
    found = get_object_or_404(Server.objects.visible_to(request.user, Role.OPERATOR), uuid=server)
    return redirect(f"{reverse('host_remove', args=[found.pool_id])}?server={found.pk}")


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose which servers leave a pool; only a POST begins a draft, and goes straight on to what is lost."""
    pool = get_object_or_404(pools(request), pk=pk)
    user = signed_in(request)
    require(user, Role.OPERATOR, pool)
    if pool.servers.count() == 1:
        messages.info(request, "It is the only server of its pool: there is nothing to leave.")
        return redirect("pool", pk=pk)
    form = form_of(request, pool)
    if request.method == "POST" and form.is_valid():
        try:
            operation = host_remove.begin(user=user, pool=pool, servers=form.cleaned_data["servers"])
        except ServiceError as error:
            form.add_error(None, str(error))
        else:
            return redirect("wizard_losses", pk=operation.pk)
    return page(request, form, pool)


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
@wizard_page("leaving")
def leaving(request: HttpRequest, operation: Operation) -> HttpResponse:
    """Choose other servers for a draft."""
    try:
        pool = pool_of(operation)
    except ServiceError as error:
        messages.error(request, str(error))
        return redirect("drafts")
    form = form_of(request, pool)
    if request.method == "POST" and form.is_valid():
        servers, user = form.cleaned_data["servers"], signed_in(request)
        return saved(
            request,
            operation,
            lambda: host_remove.choose_servers(operation=operation, user=user, servers=servers),
            "leaving",
        )
    return page(request, form, pool, operation)


def pools(request: HttpRequest) -> QuerySet[Pool]:
    """Pools that this person sees, with what the choice of their members shows."""
    seen = Pool.objects.current().visible_to(request.user)
    return seen.select_related("coordinator", "inventory").prefetch_related("servers")


def form_of(request: HttpRequest, pool: Pool) -> ServersForm:
    given = request.POST if request.method == "POST" else None
    return ServersForm(given, choices=pool.servers.all(), fewest=WIZARD.fewest, too_few=WIZARD.too_few)


def page(request: HttpRequest, form: ServersForm, pool: Pool, operation: Operation | None = None) -> HttpResponse:
    """Render the members, those ticked that are chosen."""
    ticked = request.POST.getlist("servers") or request.GET.getlist("server")
    rows = host_remove.members(pool)
    if operation and not ticked:
        ticked = [str(row.server.pk) for row in rows if row.server.uuid in operation.draft.get("servers", [])]
    context = frame(WIZARD, "leaving", operation, pool) | {"form": form, "rows": rows, "ticked": ticked}
    return render(request, "pools/wizard/leaving.html", context, status=422 if form.errors else 200)


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
@wizard_page("return")
def comes_back(request: HttpRequest, operation: Operation) -> HttpResponse:
    """Show what the servers come back as, and ask what is to be done around the removal."""
    if WIZARD.comes_too_early("return", operation.draft):
        return redirect(f"wizard_{wizards.next_page(operation)}", pk=operation.pk)
    shown = returning.page(operation)
    form = ReturnForm(request.POST if request.method == "POST" else None, page=shown)
    if request.method == "POST" and form.is_valid():
        given, user = form.answers(), signed_in(request)
        return saved(
            request, operation, lambda: returning.answer(operation=operation, user=user, given=given), "return"
        )
    context = frame(WIZARD, "return", operation) | {"form": form, "shown": shown, "losses": losses.page(operation)}
    context["fields"] = [(server, form[server.field] if server.items else None) for server in shown.servers]
    return render(request, "pools/wizard/return.html", context, status=422 if form.errors else 200)
