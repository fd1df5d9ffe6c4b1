"""The wizards' page of checks: the pre-flight grid, reading servers again, and the grid as a file."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pools.access import needs, signed_in
from pools.checks.accepting import pool_has_ha
from pools.models import Operation, Role
from pools.services import cures, examination, fixes, preflight, preflight_csv, wizards
from pools.services.examination import Examination
from pools.views.wizard import answered, frame, wizard_page

NOTHING_NEW = 204


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
@wizard_page("checks")
def checks(request: HttpRequest, operation: Operation) -> HttpResponse:
    """Show the pre-flight grid; a POST examines again, all servers or those that it names."""
    wizard = wizards.wizard_of(operation)
    if wizard.comes_too_early("checks", operation.draft):
        return redirect(f"wizard_{wizards.next_page(operation)}", pk=operation.pk)
    if request.method == "POST":
        again = request.POST.get("server", "").split()
        return answered(request, operation, partial(wizards.examine_again, again=again), "checks")
    fixes.look_again(operation, signed_in(request))
    found = examination.state(operation)
    watching = "HX-Request" in request.headers
    if watching and found.running and not found.overdue and request.GET.get("seen") == found.version:
        return HttpResponse(status=NOTHING_NEW)
    page = frame(wizard, "checks", operation)
    page |= {"next_url": reverse(f"wizard_{wizard.after('checks')}", args=[operation.pk])}
    page |= grid(operation, found, everything="all" in request.GET)
    return render(request, "pools/partials/_checks.html" if watching else "pools/wizard/checks.html", page)


def grid(operation: Operation, found: Examination, *, everything: bool) -> dict[str, object]:
    """Describe the page's middle: how far the reading is, and the answers there are."""
    page: dict[str, object] = {"examination": found, "count": operation.servers.count(), "everything": everything}
    if found.report is None:
        return page
    shown = preflight.page(found, everything=everything)
    shown["findings"] = cures.with_fixes(preflight.cards(found.report), found.report, operation)
    return page | shown | {"may_switch_ha": pool_has_ha(found.report)}


@needs(Role.OPERATOR)
@require_POST
@wizard_page("checks")
def ha(request: HttpRequest, operation: Operation) -> HttpResponse:
    """Have the pool's HA switched off for the joins and on again afterwards, or not."""
    choose = partial(wizards.choose_ha, switched=request.POST.get("ha") == "switch")
    return answered(request, operation, choose, "checks")


@needs(Role.OPERATOR)
@require_GET
@wizard_page("checks")
def checks_csv(request: HttpRequest, operation: Operation) -> HttpResponse:
    """Download every answer of the grid, for a spreadsheet."""
    found = examination.state(operation)
    if found.report is None:
        return redirect("wizard_checks", pk=operation.pk)
    response = HttpResponse(preflight_csv.table(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="xenweb-checks-{operation.pk}.csv"'
    return response
