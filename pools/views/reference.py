"""Pages to look things up: the error dictionary, the practice lab, every component of the design."""

import re

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pools.access import for_everyone_signed_in, needs
from pools.models import Role, Server
from pools.services import connect
from pools.xapi.messages import MESSAGES

PLACEHOLDER = re.compile(r"\{[^{}]*\}")


@for_everyone_signed_in
@require_GET
def errors(request: HttpRequest) -> HttpResponse:
    """Show every error code with its cause and remedy; the search works with and without JavaScript."""
    wanted = request.GET.get("q", "").strip().casefold()[:100]
    cards = [
        {"code": code, "title": message.title, "text": blank(message.text), "remedy": blank(message.remedy)}
        for code, message in sorted(MESSAGES.items())
        if wanted in f"{code} {message.title} {message.text}".casefold()
    ]
    return render(request, "pools/errors.html", {"cards": cards, "q": wanted})


def blank(text: str) -> str:
    """Leave open what only a real error can fill in."""
    return PLACEHOLDER.sub("…", text)


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
