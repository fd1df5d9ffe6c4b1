"""Pages to look things up: the error dictionary, the practice lab, every component of the design."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pools.access import for_everyone_signed_in, needs, signed_in
from pools.models import Role, Server
from pools.services import connect, dictionary
from pools.xapi.messages import SUBJECTS

LONGEST_SEARCH = 100


@for_everyone_signed_in
@require_GET
def errors(request: HttpRequest) -> HttpResponse:
    """Show the error codes by subject; the search works with and without JavaScript."""
    words = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    subject = request.GET.get("subject", "")
    chosen = subject if subject in SUBJECTS else ""
    groups = dictionary.search(words, chosen)
    context = {
        "groups": groups,
        "count": sum(len(group) for group in groups.values()),
        "q": words,
        "chosen": chosen,
        "subjects": sorted(SUBJECTS),
    }
    return render(request, "pools/errors.html", context)


@for_everyone_signed_in
@require_GET
def error(request: HttpRequest, code: str) -> HttpResponse:
    """Show one code: what it means, what to do, and the operations in which it came up."""
    found = dictionary.look_up(code)
    name = found.code if found else code[:LONGEST_SEARCH]
    context = {
        "entry": found,
        "code": name,
        "command": "" if found else dictionary.trace(name),
        "operations": dictionary.occurrences(name, signed_in(request)),
    }
    return render(request, "pools/error.html", context)


@needs(Role.VIEWER)
@require_GET
def lab(request: HttpRequest) -> HttpResponse:
    """Show the practice lab's servers and which of them are connected."""
    if not settings.LAB:
        raise Http404("There is no practice lab.")
    seen = {server.address: server for server in Server.objects.visible_to(request.user).select_related("pool")}
    hosts = [host | {"server": seen.get(host["address"])} for host in connect.lab_hosts()]
    context = {
        "hosts": hosts,
        "scene": settings.LAB.get("scene", ""),
        "unconnected": any(host["server"] is None for host in hosts),
    }
    return render(request, "pools/lab.html", context)


@for_everyone_signed_in
@require_GET
def components(request: HttpRequest) -> HttpResponse:
    """Show every component in every state, to the people who build the pages."""
    if not request.user.is_staff:
        raise PermissionDenied("This page is for the people who build xenweb.")
    return render(request, "components.html")
