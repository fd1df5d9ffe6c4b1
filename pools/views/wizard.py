"""What every wizard shares: its frame, the pages that all of them have, and how an answer is stored and gone on from.

Every answer is in the draft the moment it is given. Which pages a wizard has stands in services/wizards.py.
"""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Protocol
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from pools.access import holds, needs, signed_in
from pools.forms.wizard import ServersForm
from pools.models import Operation, Pool, Role, User
from pools.services import drafts, host_add, operations, overtaken, wizards
from pools.services.errors import NotAllowed, Overtaken, ServiceError
from pools.services.wizards import WIZARDS, Wizard

PageView = Callable[[HttpRequest, Operation], HttpResponse]


class Answer(Protocol):
    """A service that changes a draft, or has it looked at anew."""

    def __call__(self, *, operation: Operation, user: User) -> Operation: ...


def draft_of(request: HttpRequest, pk: uuid.UUID) -> Operation:
    """Fetch a draft this person may edit: he is an operator on the pools of all of its servers."""
    seen = Operation.objects.visible_to(request.user).select_related("pool__coordinator", "created_by")
    operation = seen.filter(pk=pk).first() or get_object_or_404(drafts.left_by_others(signed_in(request)), pk=pk)
    try:
        operations.assert_may_plan(signed_in(request), operation)
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from None
    return operation


def wizard_page(name: str) -> Callable[[PageView], Callable[..., HttpResponse]]:
    """Open a page of a wizard for a draft; what is under way is looked at on its own page."""

    def decorate(page: PageView) -> Callable[..., HttpResponse]:
        @wraps(page)
        def opened(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
            operation = draft_of(request, pk)
            if operation.kind not in WIZARDS or name not in WIZARDS[operation.kind].names:
                raise Http404("This operation’s wizard has no such page.")
            if request.method != "POST" and operation.state not in operations.EDITABLE:
                return redirect("operation", pk=pk)
            return page(request, operation)

        return opened

    return decorate


def frame(
    wizard: Wizard, current: str, operation: Operation | None = None, grows: Pool | None = None
) -> dict[str, object]:
    """Describe the wizard's frame: its pages, which are answered, which is open, where Back and Continue lead."""
    here = wizard.names.index(current)
    reached = max(here, wizard.names.index(wizard.first_open(operation.draft))) if operation else 0
    steps = [
        {
            "label": page.title,
            "url": reverse(f"wizard_{page.name}", args=[operation.pk]) if operation and at <= reached else "",
            "state": "current" if at == here else "done" if at < reached else "todo",
        }
        for at, page in enumerate(wizard.pages)
    ]
    pool = operation.pool if operation and wizard.follow else grows
    start = reverse("pool", args=[pool.pk]) if pool else reverse("estate")
    return {
        "wizard": wizard,
        "page_title": wizard.pages[here].title,
        "grows": pool,
        "trouble": host_add.trouble(operation, pool) if pool and wizard.asks_pool else None,
        "operation": operation,
        "stamp": overtaken.stamp(operation, wizard.keys_of(current)) if operation else "",
        "steps": steps,
        "saved_at": operation.changed_at if operation else None,
        "back_url": steps[here - 1]["url"] if here else start,
    }


def saved(request: HttpRequest, operation: Operation | None, store: Callable[[], Operation], page: str) -> HttpResponse:
    """Store a page's answer and go on; a plan already under way, or another window's answer, is said, not changed."""
    try:
        stored = kept(operation, store, page, request.POST.get("stamp", ""))
        following = wizards.go_on(operation=stored, user=signed_in(request), after=page)
    except Overtaken as error:
        return overtaken_page(request, error.operation, page)
    except ServiceError as error:
        messages.error(request, str(error))
        return redirect("operation", pk=operation.pk) if operation else redirect("estate")
    return redirect(f"wizard_{following}", pk=stored.pk)


def kept(operation: Operation | None, store: Callable[[], Operation], page: str, stamp: str) -> Operation:
    """Store an answer; one that would replace what another window stored meanwhile raises Overtaken."""
    if operation is None:
        return store()
    return overtaken.answer(operation, wizards.wizard_of(operation).keys_of(page), stamp, store)


def overtaken_page(request: HttpRequest, operation: Operation, page: str) -> HttpResponse:
    """Show what the draft holds by now beside what was sent, and let the person choose."""
    wizard, user = wizards.wizard_of(operation), signed_in(request)
    form = {name: request.POST.getlist(name) for name in request.POST}
    context = frame(wizard, page, operation) | {
        "stored": overtaken.stored(operation, wizard.keys_of(page), user),
        "sent": overtaken.sent(form, user),
        "again": [(name, value) for name in form.keys() - overtaken.NOT_ASKED for value in form[name]],
        "page_url": reverse(f"wizard_{page}", args=[operation.pk]),
    }
    return render(request, "pools/wizard/overtaken.html", context, status=409)


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
@wizard_page("servers")
def servers(request: HttpRequest, operation: Operation) -> HttpResponse:
    """Choose other servers for a draft."""
    wizard, user = wizards.wizard_of(operation), signed_in(request)
    return servers_page(
        request,
        wizard,
        lambda picked: wizard.choose_servers(operation=operation, user=user, servers=picked),
        operation,
    )


def servers_page(
    request: HttpRequest,
    wizard: Wizard,
    store: wizards.Store,
    operation: Operation | None = None,
    grows: Pool | None = None,
) -> HttpResponse:
    """Show or store the choice of servers."""
    found = wizard.candidates(signed_in(request))
    choices = [view.servers[0].server for view in found]
    given = request.POST if request.method == "POST" else None
    form = ServersForm(given, choices=choices, fewest=wizard.fewest, too_few=wizard.too_few)
    if request.method == "POST" and form.is_valid():
        picked = form.cleaned_data["servers"]
        return saved(request, operation, lambda: store(picked), "servers")
    ticked = request.POST.getlist("servers") or request.GET.getlist("server")
    if operation and not ticked:
        ticked = [str(server.pk) for server in choices if server.uuid in operation.draft.get("servers", [])]
    page = frame(wizard, "servers", operation, grows) | {
        "form": form,
        "candidates": sorted(found, key=lambda view: str(view.servers[0].server.pk) not in ticked),
        "ticked": ticked,
        "drafts": [] if operation else drafts.of(signed_in(request))[:5],
        "may_connect": holds(request, Role.ADMINISTRATOR),
        "connect_url": f"{reverse('connect')}?{urlencode({'next': request.get_full_path()})}",
    }
    return render(request, "pools/wizard/servers.html", page, status=422 if form.errors else 200)


def answered(request: HttpRequest, operation: Operation, service: Answer, page: str) -> HttpResponse:
    """Do what a button of the page says and stay on the page."""
    try:
        stored = service(operation=operation, user=signed_in(request))
    except ServiceError as error:
        messages.error(request, str(error))
        return redirect("operation", pk=operation.pk)
    return redirect(f"wizard_{page}", pk=stored.pk)


@needs(Role.OPERATOR)
@require_POST
def discard(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Drop a draft, or a plan that nobody started."""
    operation = draft_of(request, pk)
    try:
        drafts.discard(operation=operation, user=signed_in(request))
    except ServiceError as error:
        messages.error(request, str(error))
        return redirect("operation", pk=pk)
    messages.success(request, "It is discarded; nothing was changed on the servers.")
    return redirect("estate")
