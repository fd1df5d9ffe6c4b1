"""The page on which a person says what of a pool's leftovers goes; its plan is shown like every other."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from pools.access import needs, require, signed_in
from pools.forms.pool_cleanup import CleanupForm
from pools.models import Operation, Pool, Role
from pools.services import examination, leftovers, pool_cleanup, preflight
from pools.services.errors import ServiceError
from pools.services.wizards import examine_again, wizard_of
from pools.views.wizard import answered, frame, saved, wizard_page

NOT_CHOSEN = "XENWEB_NOTHING_LEFT"


@needs(Role.OPERATOR)
@require_POST
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a draft and have the pool read."""
    pool = get_object_or_404(Pool.objects.current().visible_to(request.user).select_related("coordinator"), pk=pk)
    user = signed_in(request)
    require(user, Role.OPERATOR, pool)
    try:
        draft = pool_cleanup.begin(user=user, pool=pool)
    except ServiceError as error:
        messages.error(request, str(error))
        return redirect("pool", pk=pk)
    return redirect("wizard_cleanup", pk=draft.pk)


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
@wizard_page("cleanup")
def page(request: HttpRequest, operation: Operation) -> HttpResponse:
    """Show what is left over and why, and ask what of it goes."""
    user, shown = signed_in(request), leftovers.page(operation)
    if request.method == "POST" and "again" in request.POST:
        return answered(request, operation, examine_again, "cleanup")
    form = CleanupForm(request.POST if request.method == "POST" else None, page=shown)
    if request.method == "POST" and form.is_valid():
        keys, settings = form.cleaned_data["items"], form.answers()
        return saved(
            request,
            operation,
            lambda: pool_cleanup.choose(operation=operation, user=user, keys=keys, settings=settings),
            "cleanup",
        )
    found = examination.state(operation)
    cards = preflight.cards(found.report) if found.report else []
    context = frame(wizard_of(operation), "cleanup", operation) | {"form": form, "shown": shown, "examination": found}
    context["ticked"] = request.POST.getlist("items") if form.is_bound else shown.ticked
    context["findings"] = [card for card in cards if shown.answered or card.code != NOT_CHOSEN]
    return render(request, "pools/wizard/cleanup.html", context, status=422 if form.errors else 200)
