"""Keeping a connection: a new login, a renewed certificate, letting go of a pool."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from pools import connections
from pools.access import needs, require, signed_in
from pools.forms.connect import LoginForm
from pools.models import Pool, Role, Server
from pools.services import keeping
from pools.services.errors import ServiceError
from pools.xapi.endpoint import Login
from pools.xapi.errors import XapiError
from pools.xapi.messages import explain
from pools.xapi.tls import fetch_certificate


@needs(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest, pk: int) -> HttpResponse:
    """Store another login for a pool, after it was tried on the coordinator."""
    pool = get_object_or_404(Pool.objects.current().visible_to(request.user), pk=pk)
    require(request.user, Role.ADMINISTRATOR, pool)
    form = LoginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = Login(**form.cleaned_data)
        if tried(form, lambda: keeping.renew_login(pool=pool, login=given, user=signed_in(request))):
            messages.success(request, f"The new login works and is stored. {pool} is being read again.")
            return redirect("pool", pk=pk)
    return render(request, "pools/login.html", {"pool": pool, "form": form}, status=422 if form.errors else 200)


@needs(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """Compare the trusted certificate with the one the server shows now; trust the new one with its login."""
    server = get_object_or_404(Server.objects.visible_to(request.user).select_related("pool"), pk=pk)
    require(request.user, Role.ADMINISTRATOR, server.pool)
    form = LoginForm(request.POST or None)
    pin = request.POST.get("pin", "")
    if request.method == "POST" and form.is_valid():
        given = Login(**form.cleaned_data)
        if tried(form, lambda: keeping.renew_pin(server=server, pin=pin, login=given, user=signed_in(request))):
            messages.success(request, f"The certificate of {server} is trusted from now on. It is being read again.")
            return redirect("server", pk=pk)
    context = {"server": server, "form": form} | shown_now(server)
    return render(request, "pools/certificate.html", context, status=422 if form.errors else 200)


def shown_now(server: Server) -> dict[str, object]:
    """Fetch the certificate the server shows now, or say why that was not possible."""
    try:
        seen = fetch_certificate(connections.allowed_address(server.address, server.port), server.port)
    except XapiError as error:
        return {"problem": explain(error.code, error.params)}
    return {"seen": seen, "changed": seen.sha256 != server.pin}


@needs(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def disconnect(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop managing a pool here; nothing on its servers changes."""
    pool = get_object_or_404(Pool.objects.current().visible_to(request.user).select_related("coordinator"), pk=pk)
    require(request.user, Role.ADMINISTRATOR, pool)
    if request.method != "POST":
        return render(request, "pools/disconnect.html", {"pool": pool})
    name = str(pool)
    try:
        keeping.disconnect(pool=pool, user=signed_in(request))
    except ServiceError as error:
        messages.error(request, str(error))
        return redirect("pool", pk=pk)
    messages.success(request, f"{name} is no longer managed here. Nothing on its servers was changed.")
    return redirect("estate")


@needs(Role.ADMINISTRATOR)
@require_POST
def let_go(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a server that left its pool by another way."""
    server = get_object_or_404(Server.objects.visible_to(request.user).select_related("pool"), pk=pk)
    require(request.user, Role.ADMINISTRATOR, server.pool)
    try:
        keeping.let_go(server=server, user=signed_in(request))
    except ServiceError as error:
        messages.error(request, str(error))
        return redirect("server", pk=pk)
    messages.success(request, f"{server} is not shown here any more. Nothing on it was changed.")
    return redirect("pool", pk=server.pool_id)


def tried(form: LoginForm, attempt: Callable[[], None]) -> bool:
    """Try a login; a refusal is shown on the form with its cause and remedy."""
    try:
        attempt()
    except ServiceError as error:
        form.add_error(None, str(error))
        return False
    except XapiError as error:
        told = explain(error.code, error.params)
        form.add_error(None, f"{told.title}. {told.text} {told.remedy}")
        return False
    return True
