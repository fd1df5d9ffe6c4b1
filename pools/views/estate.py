"""Estate, pool and server pages, from the stored inventory."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from pools.access import holds, holds_somewhere, needs
from pools.models import Credential, Pool, Role, Server
from pools.services import inventory, leftovers, nics, overview, stores
from pools.templatetags.ui import size as filesize


def seen_pools(request: HttpRequest, role: Role = Role.VIEWER) -> QuerySet[Pool]:
    """Pools this person may see, with all that a page of them needs in few queries."""
    seen = Pool.objects.current().visible_to(request.user, role)
    return seen.select_related("coordinator", "inventory").prefetch_related("servers")


@needs(Role.VIEWER)
@require_GET
def estate(request: HttpRequest) -> HttpResponse:
    """Everything at a glance: pools first, then servers that could become one."""
    pools, standalone = overview.estate(seen_pools(request))
    context = {
        "pools": pools,
        "standalone": standalone,
        "may_connect": holds(request, Role.ADMINISTRATOR),
        "may_create": holds_somewhere(request, Role.OPERATOR),
    }
    return render(request, "pools/estate.html", context)


@needs(Role.VIEWER)
@require_GET
def pool(request: HttpRequest, pk: int) -> HttpResponse:
    """One pool: members, networks, storage, recent operations."""
    row = get_object_or_404(seen_pools(request), pk=pk)
    view = overview.pool_view(row)
    if view.is_standalone and view.servers:
        return redirect("server", pk=view.servers[0].server.pk)
    context = {
        "view": view,
        "networks": stores.networks(view.snapshot),
        "storage": stores.storage(view.snapshot),
        "operations": row.operations.visible_to(request.user).without_large_columns().exclude(state="draft")[:8],
        "may_administer": holds(request, Role.ADMINISTRATOR, row),
        "may_operate": holds(request, Role.OPERATOR, row),
        "left_over": leftovers.hints(row, view.snapshot),
    }
    return render(request, "pools/pool.html", context | tiles(view))


def tiles(view: overview.PoolView) -> dict[str, str]:
    """Return the words of the page's tiles."""
    enabled = sum(row.host.enabled for row in view.servers)
    cpu = view.snapshot.pool.cpu_info
    return {
        "live_text": f"{view.live_count} of {len(view.servers)}",
        "enabled_text": "all enabled" if enabled == len(view.servers) else f"{enabled} enabled",
        "memory_text": f"of {filesize(view.memory_total)}",
        "cpu_text": {"GenuineIntel": "Intel", "AuthenticAMD": "AMD"}.get(cpu.get("vendor", ""), "unknown"),
        "cpu_note": f"{cpu.get('cpu_count', '?')} logical CPUs, {cpu.get('socket_count', '?')} sockets",
    }


@needs(Role.VIEWER)
@require_GET
def server(request: HttpRequest, pk: int) -> HttpResponse:
    """One server: how it is reached and trusted, its NICs, interfaces, storage."""
    row = get_object_or_404(Server.objects.visible_to(request.user).select_related("pinned_by"), pk=pk)
    view = overview.pool_view(seen_pools(request).get(pk=row.pool_id))
    found = overview.server_row(row, view.snapshot, view.pool)
    context = {
        "view": view,
        "row": found,
        "nics": nics.nics(view.snapshot, found.host),
        "interfaces": nics.interfaces(view.snapshot, found.host),
        "storage": stores.storage(view.snapshot, found.host),
        "operations": row.operations.visible_to(request.user).without_large_columns().exclude(state="draft")[:8],
        "may_operate": holds(request, Role.OPERATOR, view.pool),
        "may_administer": holds(request, Role.ADMINISTRATOR, view.pool),
        "login": Credential.objects.filter(pool=view.pool).only("username", "saved_at").first(),
    }
    return render(request, "pools/server.html", context)


@needs(Role.VIEWER)
@require_POST
def refresh(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the pool again, now."""
    row = get_object_or_404(seen_pools(request), pk=pk)
    inventory.ask(row)
    messages.info(request, f"Reading {row} again. Reload in a moment to see what changed.")
    return redirect("pool", pk=pk)
