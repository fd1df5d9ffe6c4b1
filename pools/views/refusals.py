"""The pages for 403 and 404, made without the database.

Under ASGI Django makes them in a thread of no request: a connection used there would be a second one, perhaps the
pool's last while the request waits for it with the first, and nobody would give it back.
"""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from xenweb.csp import nonce


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say which role is missing."""
    context = nonce(request) | {"exception": str(exception)}
    return HttpResponse(render_to_string("403.html", context), status=HTTPStatus.FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is no such page; another team's is none."""
    return HttpResponse(render_to_string("404.html", nonce(request)), status=HTTPStatus.NOT_FOUND)
