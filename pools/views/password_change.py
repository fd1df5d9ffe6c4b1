"""The page on which a server's new password is typed; the plan follows, and asks who it is once more."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from pools.access import needs, require, signed_in
from pools.forms.password_change import NewPasswordForm
from pools.models import Operation, Role, Server
from pools.operations.password_change import KIND
from pools.services import examination, password_change, preflight
from pools.services.errors import ServiceError
from pools.services.wizards import WIZARDS
from pools.views.wizard import frame, wizard_page

WIZARD = WIZARDS[KIND]


@needs(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Type it; only a POST begins a draft."""
    seen = Server.objects.visible_to(request.user).select_related("pool__coordinator")
    server = get_object_or_404(seen, pk=pk)
    require(signed_in(request), Role.ADMINISTRATOR, server.pool)
    return typed(request, server)


@needs(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
@wizard_page("password")
def password(request: HttpRequest, operation: Operation) -> HttpResponse:
    """Type another one for a draft."""
    server = get_object_or_404(operation.servers.select_related("pool__coordinator"))
    require(signed_in(request), Role.ADMINISTRATOR, server.pool)
    return typed(request, server, operation)


def typed(request: HttpRequest, server: Server, operation: Operation | None = None) -> HttpResponse:
    """Keep what was typed and go on to the plan, or show the form."""
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        user, given = signed_in(request), str(form.cleaned_data["password"])
        try:
            if operation is None:
                draft = password_change.begin(user=user, server=server, password=given)
            else:
                draft = password_change.keep(operation=operation, user=user, password=given)
        except ServiceError as error:
            messages.error(request, str(error))
        else:
            return redirect("wizard_plan", pk=draft.pk)
    report = examination.state(operation).report if operation else None
    context = frame(WIZARD, "password", operation) | {"form": form, "server": server}
    context |= {"suggestion": password_change.made(), "why_not": password_change.why_not(server)}
    context["findings"] = preflight.cards(report) if report else []
    return render(request, "pools/wizard/password.html", context, status=422 if form.errors else 200)
