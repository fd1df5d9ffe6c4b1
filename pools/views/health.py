"""Is the process alive; is it ready to serve."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from pools.access import anonymous
from pools.services.readiness import readiness


@anonymous
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process runs."""
    return HttpResponse("ok\n", content_type="text/plain")


@anonymous
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 when database, broker and a worker are there, else 503 and which one is missing."""
    parts = readiness()
    lines = "".join(f"{part}: {'ok' if fine else 'missing'}\n" for part, fine in parts.items())
    return HttpResponse(lines, content_type="text/plain", status=200 if all(parts.values()) else 503)
