"""The network page of the wizards: what the pool's networks will be on each server that joins, and its addresses."""

from collections.abc import Sequence
from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from pools.access import needs, signed_in
from pools.forms.addresses import MODES, AddressTable, Ground
from pools.models import Operation, Role
from pools.services import network_fit, wizards
from pools.services.address_plan import address_networks, arrives_elsewhere, taken_addresses
from pools.services.errors import Overtaken, ServiceError
from pools.services.network_fit import Fit, Known
from pools.views.wizard import frame, kept, overtaken_page, saved, wizard_page


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
@wizard_page("network")
def network(request: HttpRequest, operation: Operation) -> HttpResponse:
    """Show one server beside the coordinator, and the addresses of all; every button keeps what was typed."""
    wizard = wizards.wizard_of(operation)
    if wizard.comes_too_early("network", operation.draft):
        return redirect(f"wizard_{wizards.next_page(operation)}", pk=operation.pk)
    servers = network_fit.known(operation)
    found = network_fit.fits(servers)
    ground = ground_of(servers, found)
    if request.method == "POST":
        table = AddressTable.posted(ground, request.POST)
        answer = answered(request, operation, table)
    else:
        table = AddressTable(ground, operation.draft.get("typed_addresses", {}), operation.draft.get("elsewhere", []))
        answer = None
    if answer is not None:
        return answer
    page = frame(wizard, "network", operation) | content(request, servers, found) | {"table": table, "modes": MODES}
    return render(request, "pools/wizard/network.html", page, status=422 if request.method == "POST" else 200)


def answered(request: HttpRequest, operation: Operation, table: AddressTable) -> HttpResponse | None:
    """Store the addresses, and do what the button says; None where wrong cells hold up Continue."""
    filled = table.filled_down(request.POST["fill"]) if "fill" in request.POST else table
    store = partial(network_fit.save_addresses, operation=operation, user=signed_in(request), given=filled.given)
    stays = "go" not in request.POST and not {"fill", "show", "again"}.isdisjoint(request.POST)
    if not stays and not table.errors and request.POST.get("go") != "save":
        return saved(request, operation, store, "network")
    try:
        stored = kept(operation, store, "network", request.POST.get("stamp", ""))
    except Overtaken as error:
        return overtaken_page(request, error.operation, "network")
    except ServiceError as error:
        messages.error(request, str(error))
        return redirect("operation", pk=operation.pk)
    if "again" in request.POST:
        network_fit.read_again(stored)
        messages.info(request, "Reading every server again. Reload in a moment to see what changed.")
    if table.errors and not stays and stored.pk == operation.pk:
        return None
    return redirect(place(request, stored))


def place(request: HttpRequest, operation: Operation) -> str:
    """The page again, with the server that is looked at, at the part that the button belongs to."""
    shown = request.POST.get("show", "") or request.POST.get("shown", "")
    part = "nics" if "show" in request.POST else "" if "again" in request.POST else "addresses"
    path = reverse("wizard_network", args=[operation.pk])
    return f"{path}?{urlencode({'server': shown[:36]})}#{part}".rstrip("#")


def ground_of(servers: Sequence[Known], found: Sequence[Fit]) -> Ground:
    """What addresses are judged against; servers stand by name, whatever is wrong with them."""
    elsewhere = [fit.server.uuid for fit in found if fit.readable and arrives_elsewhere(fit.forecast)]
    networks = address_networks(servers[0].snapshot, management=bool(elsewhere))
    lacking = [(network.uuid, fit.server.uuid) for network in networks for fit in found if fit.lacks(network.uuid)]
    return Ground(
        networks=networks,
        servers=[each.server for each in servers[1:]],
        taken=taken_addresses(each.snapshot for each in servers),
        forecasts={fit.server.uuid: fit.forecast for fit in found},
        absent=lacking,
        elsewhere=elsewhere,
    )


def content(request: HttpRequest, servers: Sequence[Known], found: Sequence[Fit]) -> dict[str, object]:
    """All servers by pool network, and the one that is looked at: the worst, unless another is asked for."""
    wanted = request.GET.get("server", "") or request.POST.get("shown", "")
    shown = next((fit for fit in found if fit.server.uuid == wanted), next(iter(found), None))
    networks = network_fit.pool_networks(found)
    ages = [each.as_of for each in servers if each.as_of]
    return {
        "coordinator": servers[0],
        "shown": shown,
        "networks": networks,
        "fits": [(fit, [(network, fit.mark(network)) for network in networks]) for fit in found],
        "as_of": min(ages) if len(ages) == len(servers) else None,
        "look_count": sum(bool(fit.problems) for fit in found),
    }
