"""Error pages of a web server under ASGI. Django renders them in a thread beside the request's own.

That thread stays, and would keep its database connection for good; some wrong addresses would empty the pool.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse
from django.views import defaults

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, P], HttpResponse]


def giving_back(page: Page[P]) -> Page[P]:
    """Give the connection back as soon as the page is rendered."""

    @wraps(page)
    def render(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return page(request, *args, **kwargs)
        finally:
            close_old_connections()

    return render


bad_request = giving_back(defaults.bad_request)
permission_denied = giving_back(defaults.permission_denied)
page_not_found = giving_back(defaults.page_not_found)
server_error = giving_back(defaults.server_error)
