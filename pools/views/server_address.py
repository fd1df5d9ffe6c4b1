"""The page on which a known server's other address is typed: alone, or out of an operation that waits for it."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from pools.access import needs, require, signed_in
from pools.forms.server_address import AddressForm
from pools.models import Operation, Role, Server
from pools.services import readdressing
from pools.services.errors import ServiceError
from pools.xapi.errors import XapiError
from pools.xapi.messages import explain


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, server: str) -> HttpResponse:
    """Ask for the address; what was found there is followed, and the operation looks again."""
    user = signed_in(request)
    found = get_object_or_404(Server.objects.visible_to(user).select_related("pool"), uuid=server)
    require(user, Role.OPERATOR, found.pool)
    operation = waiting(request)
    form = AddressForm(request.POST if request.method == "POST" else None)
    context = {"server": found, "form": form, "operation": operation}
    if request.method == "POST" and form.is_valid():
        try:
            moved = readdressing.move(user=user, server=found, address=form.cleaned_data["address"])
        except ServiceError as error:
            form.add_error("address", str(error))
        except XapiError as error:
            context["problem"] = explain(error.code, error.params)
        else:
            return followed(request, moved, operation)
    failed = bool(form.errors or "problem" in context)
    return render(request, "pools/server_address.html", context, status=422 if failed else 200)


def waiting(request: HttpRequest) -> Operation | None:
    """The operation whose page led here, if this person sees it."""
    try:
        asked = uuid.UUID(request.GET.get("operation", ""))
    except ValueError:
        return None
    return Operation.objects.visible_to(request.user).without_large_columns().filter(pk=asked).first()


def followed(request: HttpRequest, server: Server, operation: Operation | None) -> HttpResponse:
    messages.success(request, f"{server} was found at {server.address}, by its own certificate and login.")
    if operation is None:
        return redirect("server", pk=server.pk)
    if not readdressing.look_again(user=signed_in(request), server=server, operation=operation):
        messages.info(request, "Press “Check and try again”, or ask who may: the step that waits looks then.")
    return redirect(reverse("operation", args=[operation.pk]))
