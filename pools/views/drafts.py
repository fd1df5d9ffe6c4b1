"""The page of drafts: one's own, and those that others left behind on pools that one administers."""

import re
from collections.abc import Iterable

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from pools.access import for_everyone_signed_in, signed_in
from pools.models import Operation
from pools.services import drafts, wizards
from pools.services.wizards import WIZARDS

PAGE = 30
MOST = 100
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@for_everyone_signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def draft_list(request: HttpRequest) -> HttpResponse:
    """List drafts to open; a POST deletes those that were ticked."""
    user = signed_in(request)
    own, left = drafts.of(user), drafts.left_by_others(user)
    if request.method == "POST":
        return deleted(request, own, left)
    page = Paginator(drafts.shown(own), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "own": rows(page.object_list),
        "left": rows(drafts.shown(left)[:MOST]),
        "most": MOST,
        "days": f"{settings.DRAFT_AGE:g}",
    }
    return render(request, "pools/drafts.html", context)


def rows(found: Iterable[Operation]) -> list[dict[str, object]]:
    """Return each draft with where it goes on and whether it was left behind."""
    return [
        {
            "draft": draft,
            "servers": [each for each in draft.servers.all() if each.uuid in draft.draft.get("servers", [each.uuid])],
            "url": goes_on(draft),
            "abandoned": drafts.is_abandoned(draft),
        }
        for draft in found
    ]


def goes_on(draft: Operation) -> str:
    """Return the page whose answer is missing."""
    return reverse(f"wizard_{wizards.next_page(draft)}" if draft.kind in WIZARDS else "operation", args=[draft.pk])


def deleted(request: HttpRequest, *candidates: drafts.Drafts) -> HttpResponse:
    """Delete the ticked ones; what was planned once stays in the history, cancelled."""
    ticked = [pk for pk in request.POST.getlist("draft") if UUID.fullmatch(pk)]
    chosen = [draft for found in candidates for draft in found.filter(pk__in=ticked)]
    gone, refused = drafts.discard_all(drafts=chosen, user=signed_in(request))
    for reason in refused:
        messages.error(request, reason)
    if gone:
        plural = "draft is" if gone == 1 else "drafts are"
        messages.success(request, f"{gone} {plural} gone. Nothing was changed on the servers.")
    elif not refused:
        messages.warning(request, "Nothing was deleted: tick the drafts that are to go.")
    return redirect("drafts")
