"""The wizard's page of losses: what a removal destroys, orphans and changes, and what becomes of each row."""

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from pools.access import needs, signed_in
from pools.checks.host_remove.emptying import VM
from pools.checks.report import Report
from pools.models import Operation, Role
from pools.services import deciding, examination, fixes, guests, losses, preflight, wizards
from pools.services.errors import Overtaken, ServiceError
from pools.views.wizard import frame, kept, overtaken_page, wizard_page

NOT_DECIDED = "XENWEB_LOSS_NOT_DECIDED"
ASKED_LATER = frozenset({"XENWEB_NO_HEIR", "HA_IS_ENABLED"})


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
@wizard_page("losses")
def page(request: HttpRequest, operation: Operation) -> HttpResponse:
    """Show the three tables; every button keeps what was decided so far."""
    wizard = wizards.wizard_of(operation)
    if wizard.comes_too_early("losses", operation.draft):
        return redirect(f"wizard_{wizards.next_page(operation)}", pk=operation.pk)
    if request.method == "POST":
        return answered(request, operation)
    fixes.look_again(operation, signed_in(request))
    found, shown = examination.state(operation), losses.page(operation)
    context = {"operation": operation, "examination": found, "losses": shown}
    if "HX-Request" in request.headers:
        if shown.known != ("shown" in request.GET):
            return HttpResponse(headers={"HX-Refresh": "true"})
        news = shown.as_of is not None and shown.as_of.isoformat() != request.GET.get("shown")
        return render(request, "pools/partials/_losses_state.html", context | {"news": news})
    context |= frame(wizard, "losses", operation) | findings(operation, found.report, shown)
    context |= {"missed": "open" in request.GET, "guests": guests.page(operation, found.report)}
    return render(request, "pools/wizard/losses.html", context)


def findings(operation: Operation, report: Report | None, shown: losses.LossesPage) -> dict[str, object]:
    """What stands in the way, is no question of this wizard and no VM's; and what came after the rows were read."""
    found = preflight.cards(report) if report else []
    hidden = {NOT_DECIDED} if operation.draft.get("return_answered") else {NOT_DECIDED, *ASKED_LATER}
    return {
        "findings": [card for card in found if card.code not in hidden and VM not in card.values],
        "came_since": [card for card in found if card.code == NOT_DECIDED] if not shown.open else [],
    }


def answered(request: HttpRequest, operation: Operation) -> HttpResponse:
    """Store every decision, then do what the button says."""
    user, sent = signed_in(request), request.POST
    given = {name.removeprefix("do:"): sent[name] for name in sent if name.startswith("do:")}
    typed = {name.removeprefix("accept:"): sent[name] for name in sent if name.startswith("accept:")}
    places = {name.removeprefix("to:"): sent[name] for name in sent if name.startswith("to:")}
    store = partial(deciding.decide, operation=operation, user=user, given=given, typed=typed, places=places)
    try:
        stored = kept(operation, store, "losses", sent.get("stamp", ""))
        if "again" in sent:
            stored = wizards.examine_again(operation=stored, user=user)
    except Overtaken as error:
        return overtaken_page(request, error.operation, "losses")
    except ServiceError as error:
        messages.error(request, str(error))
        return redirect("operation", pk=operation.pk)
    return redirect(following(sent.get("go") == "next", stored))


def following(goes_on: bool, operation: Operation) -> str:  # noqa: FBT001 - which of two buttons
    """The next page once every row is decided; else the first row that is not."""
    here = reverse("wizard_losses", args=[operation.pk])
    if not goes_on:
        return here
    if operation.draft.get("losses_open") == 0:
        return reverse(f"wizard_{wizards.wizard_of(operation).after('losses')}", args=[operation.pk])
    return f"{here}?open=1"
