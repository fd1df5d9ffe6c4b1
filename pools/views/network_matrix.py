"""The network of a pool: the matrix, what is wrong with it, one cell of it, and the table as a file."""

import csv

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from pools.access import holds, needs, signed_in
from pools.models import NetworkSnapshot, Pool, Role
from pools.services import network_history, overview
from pools.services.network_matrix import Matrix, rows_as_text
from pools.services.network_panel import Panel, panel_of
from pools.services.preflight_csv import harmless
from pools.views.estate import seen_pools


@needs(Role.VIEWER)
@require_GET
def matrix(request: HttpRequest, pk: int) -> HttpResponse:
    """Members × networks; a cell that was chosen is explained beside it."""
    row = get_object_or_404(seen_pools(request), pk=pk)
    view = overview.pool_view(row)
    shown = asked(request, view)
    context = {
        "view": view,
        "matrix": shown,
        "panel": chosen(request, row, shown) if shown.known else None,
        "hosts": sorted(view.snapshot.hosts.values(), key=lambda host: host.name_label.casefold()),
        "compared": request.GET.get("with", ""),
        "may_operate": holds(request, Role.OPERATOR, row),
        "query": request.GET.urlencode(),
        "kept": kept(request),
    }
    return render(request, "pools/network.html", context)


@needs(Role.VIEWER)
@require_GET
def as_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """The same rows and columns, for a spreadsheet."""
    row = get_object_or_404(seen_pools(request), pk=pk)
    shown = asked(request, overview.pool_view(row))
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="network-{row.pk}.csv"'
    writer = csv.writer(response)
    for line in rows_as_text(shown):
        writer.writerow([harmless(value) for value in line])
    return response


def kept(request: HttpRequest) -> str:
    """What the address asks for beside the cell, to be put before the next one's: thousands of links need it."""
    query = request.GET.copy()
    for name in ("server", "network"):
        query.pop(name, None)
    return f"{query.urlencode()}&" if query else ""


def asked(request: HttpRequest, view: overview.PoolView) -> Matrix:
    """Take from the address what is to be shown; what it names and is not there is left out."""
    pool = view.snapshot
    ours = pool.host(request.GET.get("reference", "")) or pool.master
    other = pool.host(request.GET.get("with", ""))
    return Matrix(
        pool=pool,
        reference=ours.uuid,
        by_nics=request.GET.get("by") == "nics",
        problems_only="problems" in request.GET,
        servers=(ours.uuid, other.uuid) if other else (),
    )


def chosen(request: HttpRequest, pool: Pool, shown: Matrix) -> Panel | None:
    """Explain the cell, or the server, that the address names."""
    host = shown.pool.host(request.GET.get("server", ""))
    if host is None:
        return None
    network = request.GET.get("network", "")
    seen = NetworkSnapshot.objects.visible_to(signed_in(request)).read()
    rows = seen.filter(pool=pool, server_uuid=host.uuid, complete=True)[: network_history.LOOKS_BACK]
    return panel_of(shown, host, network, rows.iterator())
