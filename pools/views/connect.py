"""Connect servers: paste addresses, confirm certificates, add."""

import uuid
from collections import Counter

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_list_or_404, get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pools.access import needs_on_estate, signed_in
from pools.forms.connect import ConnectForm, ProbeLoginForm
from pools.models import Probe, ProbeState, Role
from pools.services import connect
from pools.services.connect import Target
from pools.services.errors import TooOften
from pools.xapi.endpoint import Login
from pools.xapi.messages import explain

WAY_BACK = "connect_way_back"
LONGEST_PATH = 2000


@needs_on_estate(Role.ADMINISTRATOR)
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Show the paste box; on POST start looking at every address at once."""
    remember_the_way_back(request)
    form = ConnectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        shared = Login(username=form.cleaned_data["username"], password=form.cleaned_data["password"])
        targets = [
            Target(address=row.address, port=row.port, login=row.login or shared)
            for row in form.cleaned_data["addresses"]
        ]
        try:
            return redirect("connect_batch", batch=connect.begin(user=signed_in(request), targets=targets))
        except TooOften as error:
            form.add_error(None, str(error))
    status = 422 if form.errors else 200
    return render(request, "pools/connect.html", {"form": form, "lab_hosts": connect.lab_hosts()}, status=status)


def remember_the_way_back(request: HttpRequest) -> None:
    """Who came from a wizard goes back to it when the servers are connected; only ever to a page of ours."""
    if request.method != "GET":
        return
    back = request.GET.get("next", "")
    own = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    request.session[WAY_BACK] = back[:LONGEST_PATH] if own else ""


@needs_on_estate(Role.ADMINISTRATOR)
@require_POST
def begin_with_lab(request: HttpRequest) -> HttpResponse:
    """Look at the practice lab's servers, with the lab's own logins."""
    targets = [
        Target(
            address=str(host["address"]),
            port=int(host["port"]),
            login=Login(username=host["username"], password=host["password"]),
        )
        for host in connect.lab_hosts()
    ]
    if not targets:
        raise Http404("There is no practice lab.")
    try:
        return redirect("connect_batch", batch=connect.begin(user=signed_in(request), targets=targets))
    except TooOften as error:
        messages.error(request, str(error))
        return redirect("connect")


@needs_on_estate(Role.ADMINISTRATOR)
@require_GET
def batch(request: HttpRequest, batch: uuid.UUID) -> HttpResponse:
    """Show what was found so far; htmx asks for the table alone while something is still looked at."""
    probes = list(own_probes(request, batch).select_related("pool"))
    if not probes:
        raise Http404("There is no such batch, or it was cleared away after an hour.")
    template = "pools/partials/_probes.html" if request.headers.get("HX-Request") else "pools/connect_batch.html"
    return render(request, template, batch_context(batch, probes) | way_back(request))


@needs_on_estate(Role.ADMINISTRATOR)
@require_POST
def trust(request: HttpRequest, batch: uuid.UUID) -> HttpResponse:
    """Confirm the ticked certificates exactly as shown: the form carries each fingerprint."""
    chosen = [probe for probe in some_probes(request, batch) if request.POST.get(f"pin-{probe.pk}") == probe.pin]
    ticked = set(request.POST.getlist("probe"))
    done = connect.trust(user=signed_in(request), probes=[probe for probe in chosen if str(probe.pk) in ticked])
    if not done:
        messages.warning(request, "No certificate was confirmed: tick the servers whose fingerprint you checked.")
    return redirect("connect_batch", batch=batch)


@needs_on_estate(Role.ADMINISTRATOR)
@require_POST
def add(request: HttpRequest, batch: uuid.UUID) -> HttpResponse:
    """Add the ticked servers."""
    ticked = set(request.POST.getlist("probe"))
    chosen = [probe for probe in some_probes(request, batch) if str(probe.pk) in ticked]
    if not connect.add(user=signed_in(request), probes=chosen):
        messages.warning(request, "Nothing was added: tick at least one server that is ready.")
    return redirect("connect_batch", batch=batch)


@needs_on_estate(Role.ADMINISTRATOR)
@require_POST
def try_again(request: HttpRequest, batch: uuid.UUID, pk: int) -> HttpResponse:
    """Look at one failed address again."""
    connect.try_again(user=signed_in(request), probe=get_object_or_404(own_probes(request, batch), pk=pk))
    return redirect("connect_batch", batch=batch)


@needs_on_estate(Role.ADMINISTRATOR)
@sensitive_post_parameters()
@require_POST
def try_login(request: HttpRequest, batch: uuid.UUID, pk: int) -> HttpResponse:
    """Look again at one address that refused its login, with the one typed in its row."""
    probe = get_object_or_404(own_probes(request, batch), pk=pk)
    form = ProbeLoginForm(probe, connect.username_of(probe), request.POST)
    if not form.is_valid():
        context = batch_context(batch, list(own_probes(request, batch).select_related("pool")), form)
        context |= way_back(request)
        return render(request, "pools/connect_batch.html", context, status=422)
    try:
        if not connect.try_login(user=signed_in(request), probe=probe, login=Login(**form.cleaned_data)):
            messages.warning(request, f"Nothing was sent: {probe.address} does not wait for another login.")
    except TooOften as error:
        messages.error(request, str(error))
    return redirect("connect_batch", batch=batch)


def some_probes(request: HttpRequest, batch: uuid.UUID) -> list[Probe]:
    """Fetch the batch's probes; somebody else's batch is no batch."""
    return get_list_or_404(own_probes(request, batch))


def own_probes(request: HttpRequest, batch: uuid.UUID) -> QuerySet[Probe]:
    """A batch belongs to who began it: it holds a login he typed."""
    return Probe.objects.filter(batch=batch, owner=request.user.pk)


def way_back(request: HttpRequest) -> dict[str, object]:
    """Where the person came from, when it was a wizard."""
    return {"way_back": request.session.get(WAY_BACK, "")}


def batch_context(batch_id: uuid.UUID, probes: list[Probe], given: ProbeLoginForm | None = None) -> dict[str, object]:
    """Count the states, explain the failures, and ask for other logins where they were refused.

    While something is looked at the table is replaced again and again: nobody could type in it.
    """
    counts = Counter(probe.state for probe in probes)
    busy = any(counts[state] for state in connect.BUSY)
    for probe in probes:
        probe.problem = explain(probe.error_code, probe.error_params) if probe.error_code else None  # type: ignore[attr-defined]
        asks = probe.error_code in connect.LOGIN_REFUSED and not busy
        probe.login_form = login_form(probe, given) if asks else None  # type: ignore[attr-defined]
    return {
        "batch": batch_id,
        "probes": probes,
        "busy": busy,
        "to_trust": counts[ProbeState.TRUST],
        "to_add": counts[ProbeState.READY],
        "added": counts[ProbeState.ADDED],
        "failed": counts[ProbeState.FAILED],
    }


def login_form(probe: Probe, given: ProbeLoginForm | None) -> ProbeLoginForm:
    """Return the form of an address's row: the one that was just sent with a mistake, or an empty one."""
    empty = ProbeLoginForm(probe, connect.username_of(probe))
    return given if given is not None and given.name == empty.name else empty
