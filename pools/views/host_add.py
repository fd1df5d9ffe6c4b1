"""How the wizard that adds servers to a pool begins; its pages are those that every wizard shares."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from pools.access import needs, require, signed_in
from pools.models import Pool, Role
from pools.services import host_add
from pools.services.wizards import WIZARDS
from pools.views.wizard import servers_page

WIZARD = WIZARDS[host_add.KIND]


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the servers that join a pool; only a POST begins a draft."""
    seen = Pool.objects.current().visible_to(request.user).select_related("coordinator")
    pool = get_object_or_404(seen, pk=pk)
    user = signed_in(request)
    require(user, Role.OPERATOR, pool)
    return servers_page(
        request, WIZARD, lambda picked: host_add.begin(user=user, pool=pool, servers=picked), grows=pool
    )
