"""Is the process alive; is it ready to serve."""

from django.http import HttpRequest, HttpResponse

from pools.access import anonymous


@anonymous
def live(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process runs."""
    return HttpResponse("ok\n", content_type="text/plain")
