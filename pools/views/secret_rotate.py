"""The page that says what a new secret is for; its plan is shown like every other."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from pools.access import needs, require, signed_in
from pools.forms.secret_rotate import SecretForm
from pools.models import Operation, Pool, Role
from pools.services import examination, preflight, secret_rotate
from pools.services.errors import ServiceError
from pools.services.wizards import WIZARDS
from pools.views.wizard import frame, saved, wizard_page

WIZARD = WIZARDS[secret_rotate.KIND]


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what it does; only a POST begins a draft, and goes on to its plan."""
    pool = get_object_or_404(Pool.objects.current().visible_to(request.user).select_related("coordinator"), pk=pk)
    user = signed_in(request)
    require(user, Role.OPERATOR, pool)
    form = SecretForm(posted(request), ha_is_on=secret_rotate.ha_is_on(pool))
    if request.method == "POST" and form.is_valid():
        try:
            draft = secret_rotate.begin(user=user, pool=pool, ha=form.switches_ha)
        except ServiceError as error:
            messages.error(request, str(error))
            return redirect("pool", pk=pk)
        return saved(request, draft, lambda: draft, "secret")
    return page(request, form, pool)


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
@wizard_page("secret")
def secret(request: HttpRequest, operation: Operation) -> HttpResponse:
    """Choose otherwise for a draft, and see what forbade its plan."""
    pool, user = operation.pool, signed_in(request)
    if pool is None:
        raise Http404("The pool is not connected any more.")
    switched = bool(operation.draft.get("ha"))
    form = SecretForm(posted(request), ha_is_on=secret_rotate.ha_is_on(pool, operation), switched=switched)
    if request.method == "POST" and form.is_valid():
        ha = form.switches_ha
        return saved(request, operation, lambda: secret_rotate.choose(operation=operation, user=user, ha=ha), "secret")
    return page(request, form, pool, operation)


def posted(request: HttpRequest) -> Mapping[str, object] | None:
    return request.POST if request.method == "POST" else None


def page(request: HttpRequest, form: SecretForm, pool: Pool, operation: Operation | None = None) -> HttpResponse:
    report = examination.state(operation).report if operation else None
    context = frame(WIZARD, "secret", operation, pool) | {"form": form}
    context["findings"] = preflight.cards(report) if report else []
    return render(request, "pools/wizard/secret.html", context, status=422 if form.errors else 200)
