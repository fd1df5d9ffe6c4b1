"""Network snapshots: of a pool or server, one of them, two compared, the console runbook, and files to take away."""

from collections.abc import Sequence

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pools import archive
from pools.access import holds, needs, require, signed_in
from pools.models import NetworkSnapshot, NetworkSnapshotQuerySet, Pool, Role, Server
from pools.services import snapshots
from pools.services.snapshot_page import SnapshotPage
from pools.snapshots import exports
from pools.snapshots.diff import difference
from pools.snapshots.runbook import runbook_of

PAGE = 30
PAIR = 2


def seen(request: HttpRequest) -> NetworkSnapshotQuerySet:
    """The snapshots that this person may see."""
    return NetworkSnapshot.objects.visible_to(signed_in(request))


def readable(request: HttpRequest, pk: int) -> NetworkSnapshot:
    """Fetch one that holds something."""
    rows = seen(request).select_related("server__pool", "pool__coordinator", "taken_by", "operation")
    row: NetworkSnapshot = get_object_or_404(rows, pk=pk)
    if not row.digest:
        raise Http404
    return row


@needs(Role.VIEWER)
@require_http_methods(["GET", "HEAD", "POST"])
def of_pool(request: HttpRequest, pk: int) -> HttpResponse:
    """All of a pool, those of servers that left it too; a POST takes one of every server."""
    pools = Pool.objects.visible_to(request.user).select_related("coordinator")
    pool = get_object_or_404(pools, pk=pk)
    if request.method == "POST":
        return taken(request, pool, pool.servers.all())
    found = seen(request).filter(pool=pool)
    return listed(
        request, found, {"pool": pool, "may_take": holds(request, Role.OPERATOR, pool) and not pool.retired_at}
    )


@needs(Role.VIEWER)
@require_http_methods(["GET", "HEAD", "POST"])
def of_server(request: HttpRequest, pk: int) -> HttpResponse:
    """All of a server, from whichever pool; a POST takes one."""
    servers = Server.objects.visible_to(request.user).select_related("pool__coordinator")
    server = get_object_or_404(servers, pk=pk)
    if request.method == "POST":
        return taken(request, server.pool, [server])
    found = seen(request).filter(server_uuid=server.uuid)
    return listed(
        request, found, {"server": server, "pool": server.pool, "may_take": holds(request, Role.OPERATOR, server.pool)}
    )


def taken(request: HttpRequest, pool: Pool, servers: Sequence[Server] | QuerySet[Server]) -> HttpResponse:
    """Have a worker take them; the list shows them as they come."""
    user = signed_in(request)
    require(user, Role.OPERATOR, pool)
    if servers:
        snapshots.ask(user=user, servers=list(servers))
        messages.info(request, "The network is being read. The snapshot is in the list as soon as it is there.")
    return redirect(request.path)


def listed(request: HttpRequest, rows: NetworkSnapshotQuerySet, context: dict[str, object]) -> HttpResponse:
    page = Paginator(rows.without_data(), PAGE).get_page(request.GET.get("page"))
    waits = any(row.is_waiting for row in page.object_list)
    template = "pools/partials/_snapshot_rows.html" if request.headers.get("HX-Request") else "pools/snapshots.html"
    return render(request, template, context | {"page": page, "waits": waits})


@needs(Role.VIEWER)
@require_GET
def snapshot(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that was saved, in tables."""
    row = readable(request, pk)
    before = seen(request).read().filter(server_uuid=row.server_uuid, taken_at__lt=row.taken_at).only("pk").first()
    shown = SnapshotPage(row=row)
    context = {"row": row, "shown": shown, "before": before, "script": exports.as_script(shown.data, row.taken_at)}
    context["may_rebuild"] = row.complete and bool(shown.items) and may_rebuild(request, row.server)
    return render(request, "pools/snapshot.html", context)


def may_rebuild(request: HttpRequest, server: Server | None) -> bool:
    """Whether this person may give the server, which is a pool of its own by now, this network again."""
    if server is None or not holds(request, Role.OPERATOR, server.pool):
        return False
    return server.pool.coordinator_id == server.pk and server.pool.servers.count() == 1


@needs(Role.VIEWER)
@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """Two of them: the older one first, or the servers by their names."""
    picked = [int(pk) for pk in request.GET.getlist("pick") if pk.isdecimal() and len(pk) < 12]  # noqa: PLR2004
    rows = [readable(request, pk) for pk in list(dict.fromkeys(picked))[:PAIR]]
    if len(rows) < PAIR:
        messages.warning(request, "Tick two snapshots to compare them.")
        return redirect(back_of(rows))
    same = rows[0].server_uuid == rows[1].server_uuid
    old, new = sorted(rows, key=lambda row: row.taken_at.isoformat() if same else row.server_name)
    found = difference(archive.data_of(old), archive.data_of(new))
    said = [each.said if same else each.told_of(old.server_name, new.server_name) for each in found]
    context = {"old": old, "new": new, "same_server": same, "differences": found, "said": said}
    return render(request, "pools/snapshot_compare.html", context)


def back_of(rows: Sequence[NetworkSnapshot]) -> str:
    return reverse("pool_snapshots", args=[rows[0].pool_id]) if rows else reverse("estate")


@needs(Role.VIEWER)
@require_GET
def runbook(request: HttpRequest, pk: int) -> HttpResponse:
    """What to type at the console, on one sheet of paper."""
    row = readable(request, pk)
    data = archive.data_of(row)
    context = {"row": row, "runbook": runbook_of(data), "data": data, "back": archive.come_back_in(row)}
    return render(request, "pools/runbook.html", context)


@needs(Role.VIEWER)
@require_GET
def as_json(request: HttpRequest, pk: int) -> HttpResponse:
    row = readable(request, pk)
    return download(exports.as_json(archive.data_of(row), row.taken_at), "application/json", f"network-{pk}.json")


@needs(Role.VIEWER)
@require_GET
def as_script(request: HttpRequest, pk: int) -> HttpResponse:
    row = readable(request, pk)
    return download(exports.as_script(archive.data_of(row), row.taken_at), "text/plain", f"network-{pk}.sh")


def download(text: str, kind: str, name: str) -> HttpResponse:
    """Send it as a file; a character that no file can hold is replaced."""
    response = HttpResponse(text.encode("utf-8", "replace"), content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="xenweb-{name}"'
    return response
