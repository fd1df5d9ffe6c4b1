"""The page on which a person says what of a saved network a server gets back; its plan is shown like every other."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from pools import archive
from pools.access import needs, require, signed_in
from pools.forms.network_rebuild import RebuildForm
from pools.models import NetworkSnapshot, Operation, Role, Server
from pools.services import examination, network_rebuild, preflight
from pools.services.errors import ServiceError
from pools.services.wizards import WIZARDS
from pools.snapshots.items import items_of, not_made
from pools.views.wizard import frame, saved, wizard_page

WIZARD = WIZARDS[network_rebuild.KIND]


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose from one snapshot; only a POST begins a draft, and goes on to its plan."""
    row = complete(request, pk)
    server = get_object_or_404(Server.objects.visible_to(request.user).select_related("pool"), uuid=row.server_uuid)
    require(signed_in(request), Role.OPERATOR, server.pool)
    form = form_of(request, row, request.GET.getlist("item") or None)
    if request.method == "POST" and form.is_valid():
        keys, user = form.cleaned_data["items"], signed_in(request)
        try:
            draft = network_rebuild.begin(user=user, server=server, snapshot=row, keys=keys)
        except ServiceError as error:
            messages.error(request, str(error))
            return redirect("snapshot", pk=pk)
        return saved(request, draft, lambda: draft, "rebuild")
    return page(request, form, row, server)


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
@wizard_page("rebuild")
def rebuild(request: HttpRequest, operation: Operation) -> HttpResponse:
    """Choose other things for a draft."""
    row = complete(request, int(str(operation.draft.get("snapshot") or 0)))
    server = operation.servers.select_related("pool").first()
    if server is None:
        raise Http404("The server is not connected any more.")
    form = form_of(request, row, operation.draft.get("items", []))
    if request.method == "POST" and form.is_valid():
        keys, user = form.cleaned_data["items"], signed_in(request)
        return saved(
            request, operation, lambda: network_rebuild.choose(operation=operation, user=user, keys=keys), "rebuild"
        )
    return page(request, form, row, server, operation)


def complete(request: HttpRequest, pk: int) -> NetworkSnapshot:
    """Fetch a snapshot that this person sees and that holds everything."""
    seen = NetworkSnapshot.objects.visible_to(signed_in(request)).filter(complete=True)
    row: NetworkSnapshot = get_object_or_404(seen.select_related("pool__coordinator"), pk=pk)
    return row


def form_of(request: HttpRequest, row: NetworkSnapshot, chosen: list[str] | None) -> RebuildForm:
    items = items_of(archive.data_of(row))
    ticked = [item.key for item in items] if chosen is None else chosen
    return RebuildForm(request.POST if request.method == "POST" else None, items=items, chosen=ticked)


def page(
    request: HttpRequest, form: RebuildForm, row: NetworkSnapshot, server: Server, operation: Operation | None = None
) -> HttpResponse:
    report = examination.state(operation).report if operation else None
    context = frame(WIZARD, "rebuild", operation) | {"form": form, "snapshot": row, "server": server}
    saved_network = archive.data_of(row)
    context["not_made"] = [saved_network.named(each) for each in not_made(saved_network)]
    context["findings"] = preflight.cards(report) if report else []
    return render(request, "pools/wizard/rebuild.html", context, status=422 if form.errors else 200)
