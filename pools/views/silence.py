"""The page of a server that does not answer: who was asked, what each said, and the statement that it is dead."""

from collections.abc import Mapping
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from pools.access import needs, require, signed_in
from pools.forms.silence import SilenceForm
from pools.models import Operation, Role, Server, User
from pools.services import coordinator_promote, examination, host_forget, operations, planning, preflight, silence
from pools.services.errors import ServiceError
from pools.services.wizards import examine_again, wizard_of
from pools.views.wizard import answered, frame, saved, wizard_page

REFUSALS_OF_FORM = frozenset({"XENWEB_NOT_STATED_DEAD", "XENWEB_NO_HEIR"})


@needs(Role.OPERATOR)
@require_POST
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the road for this server: a member is forgotten, a coordinator is replaced first."""
    server = get_object_or_404(Server.objects.visible_to(request.user).select_related("pool"), pk=pk)
    user, pool = signed_in(request), server.pool
    require(user, Role.OPERATOR, pool)
    try:
        if pool.coordinator_id == server.pk:
            draft = coordinator_promote.begin(user=user, pool=pool)
        else:
            draft = host_forget.begin(user=user, pool=pool, server=server)
        examination.ask(operation=draft, user=user)
    except ServiceError as error:
        messages.error(request, str(error))
        return redirect("server", pk=pk)
    return redirect("wizard_silence", pk=draft.pk)


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
@wizard_page("silence")
def page(request: HttpRequest, operation: Operation) -> HttpResponse:
    """Show the evidence, and ask for the statement."""
    user, shown = signed_in(request), silence.page(operation)
    form = SilenceForm(request.POST if request.method == "POST" else None, page=shown, draft=operation.draft)
    if request.method == "POST" and "again" in request.POST:
        form.is_valid()
        return answered(request, operation, partial(asked_again, form.chosen_so_far()), "silence")
    if request.method == "POST" and form.is_valid():
        changes = {**form.answers(), **planning.NOT_ASKED}
        return saved(
            request,
            operation,
            lambda: operations.save_draft(operation=operation, user=user, changes=changes),
            "silence",
        )
    found = examination.state(operation)
    cards = preflight.cards(found.report) if found.report else []
    context = frame(wizard_of(operation), "silence", operation) | {"form": form, "shown": shown, "examination": found}
    stated = bool(operation.draft.get("stated_dead"))
    context["findings"] = [card for card in cards if stated or card.code not in REFUSALS_OF_FORM]
    return render(request, "pools/wizard/silence.html", context, status=422 if form.errors else 200)


def asked_again(chosen: Mapping[str, object], *, operation: Operation, user: User) -> Operation:
    """Ask around again, and keep what was chosen so far."""
    saved = operations.save_draft(operation=operation, user=user, changes=chosen)
    return examine_again(operation=saved, user=user)
