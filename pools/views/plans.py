"""A plan on the last page of its wizard: shown, kept fresh while somebody looks, started or asked for."""

import secrets
import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pools.access import needs, signed_in
from pools.models import Operation, Role
from pools.services import confirming, operations, planning, rechecking, wizards
from pools.services.errors import ServiceError
from pools.services.wizards import WIZARDS
from pools.views import stepup
from pools.views.wizard import answered, draft_of, frame, wizard_page

WORD = "word_for_approver"
LONGEST_WORD = 2000


@needs(Role.OPERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
@wizard_page("plan")
def plan(request: HttpRequest, operation: Operation) -> HttpResponse:
    """Show the plan: numbered steps with their exact calls; a POST makes it anew from the facts of now."""
    wizard = wizards.wizard_of(operation)
    if wizards.next_page(operation) != "plan":
        return redirect(f"wizard_{wizards.next_page(operation)}", pk=operation.pk)
    if request.method == "POST":
        return answered(request, operation, wizards.plan_again, "plan")
    page = frame(wizard, "plan", operation) | planning.page(operation, signed_in(request))
    page |= {"findings_url": reverse(f"wizard_{wizard.findings}", args=[operation.pk])}
    page |= {"confirmation": confirming.asked(operation, signed_in(request))} | stepup.shown(request, operation)
    page |= watched(operation) | {"key": secrets.token_urlsafe(16), "word": kept_word(request, operation)}
    template = "pools/partials/_plan_page.html" if request.headers.get("HX-Request") else "pools/wizard/plan.html"
    return render(request, template, page)


@needs(Role.OPERATOR)
@require_POST
def submit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Run the plan that was shown, or ask for it to be run; a double click is one operation."""
    operation = draft_of(request, pk)
    confirming.confirm(operation=operation, user=signed_in(request), given=typed(request))
    if confirming.is_destructive(operation) and not stepup.is_fresh(request):
        request.session[WORD] = [str(pk), request.POST.get("message", "")[:LONGEST_WORD]]
        return redirect(stepup.url(request, reverse("wizard_plan", args=[pk])))
    try:
        operations.submit(
            operation=operation,
            user=signed_in(request),
            plan_hash=request.POST.get("plan_hash", ""),
            idempotency_key=request.POST.get("key", ""),
            message=request.POST.get("message", ""),
        )
    except ServiceError as error:
        messages.error(request, str(error))
        operation.refresh_from_db()
        stays = operation.kind in WIZARDS and operation.state in operations.EDITABLE
        return redirect("wizard_plan" if stays else "operation", pk=pk)
    return redirect("operation", pk=pk)


def kept_word(request: HttpRequest, operation: Operation) -> str:
    """What was written to the approver before the person was asked who he is."""
    of, word = request.session.get(WORD) or ("", "")
    return word if of == str(operation.pk) else ""


def typed(request: HttpRequest) -> dict[str, str]:
    """What was typed to confirm."""
    return {name.removeprefix("confirm:"): request.POST[name] for name in request.POST if name.startswith("confirm:")}


@needs(Role.VIEWER)
@require_GET
def xe_script(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Download the plan as the equivalent ``xe`` commands, secrets masked."""
    operation = get_object_or_404(Operation.objects.visible_to(request.user), pk=pk)
    response = HttpResponse(
        planning.xe_script(operation, operation.steps.all()), content_type="text/plain; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="xenweb-{operation.pk}.sh"'
    return response


@needs(Role.VIEWER)
@require_GET
def watch(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Say how fresh a shown plan is, and have it compared; a page whose plan is another one by now is loaded again."""
    operation = get_object_or_404(Operation.objects.visible_to(request.user), pk=pk)
    if operation.state not in rechecking.WATCHED or operation.plan_hash != request.GET.get("plan"):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "pools/partials/_plan_watch.html", {"operation": operation} | watched(operation))


def watched(operation: Operation) -> dict[str, object]:
    """Have the plan compared with its servers, if that is long ago, and say how it stands."""
    rechecking.ask(operation)
    return {"freshness": rechecking.state(operation) if operation.state in rechecking.WATCHED else None}
