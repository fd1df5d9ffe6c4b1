"""How the wizard that adds servers to a pool begins; its pages are those that every wizard shares."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pools.access import needs, require, signed_in
from pools.models import Pool, Role, Server
from pools.services import host_add
from pools.services.wizards import WIZARDS
from pools.views.wizard import servers_page

WIZARD = WIZARDS[host_add.KIND]


@needs(Role.OPERATOR)
@require_GET
def choose_pool(request: HttpRequest) -> HttpResponse:
    """Choose which pool the servers picked on another page are to join."""
    wanted = [pk for pk in request.GET.getlist("server") if pk.isdecimal()]
    servers = Server.objects.visible_to(request.user, Role.OPERATOR).filter(pk__in=wanted)
    context = {
        "servers": servers,
        "pools": host_add.growing_pools(signed_in(request)),
        "query": urlencode([("server", server.pk) for server in servers]),
    }
    return render(request, "pools/add_to_pool.html", context)


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the servers that join a pool; only a POST begins a draft."""
    seen = Pool.objects.current().visible_to(request.user).select_related("coordinator")
    pool = get_object_or_404(seen, pk=pk)
    user = signed_in(request)
    require(user, Role.OPERATOR, pool)
    if not pool.name_label and pool.servers.count() == 1 and pool.coordinator:
        return redirect(f"{reverse('pool_create')}?server={pool.coordinator.pk}")
    return servers_page(
        request, WIZARD, lambda picked: host_add.begin(user=user, pool=pool, servers=picked), grows=pool
    )
