"""The network page of the wizards: what the pool's networks will be on each server that joins."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from pools.access import needs
from pools.models import Operation, Role
from pools.services import examination, wizards
from pools.views.wizard import frame, saved, wizard_page


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
@wizard_page("network")
def network(request: HttpRequest, operation: Operation) -> HttpResponse:
    """Show the servers, coordinator first; a POST goes on."""
    wizard = wizards.wizard_of(operation)
    if wizard.comes_too_early("network", operation.draft):
        return redirect(f"wizard_{wizards.next_page(operation)}", pk=operation.pk)
    if request.method == "POST":
        return saved(request, operation, lambda: operation, "network")
    page = frame(wizard, "network", operation) | {"columns": examination.in_order(operation)}
    return render(request, "pools/wizard/network.html", page)
