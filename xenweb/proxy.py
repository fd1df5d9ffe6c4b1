"""Behind a reverse proxy every connection comes from the proxy; it says whose request it passes on."""

import ipaddress
from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponseBase


class ClientAddress:
    """Takes the client's address from the proxy, for throttling and the audit; works alike for asynchronous views."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]) -> None:
        if not settings.BEHIND_PROXY:
            raise MiddlewareNotUsed
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        address = told_by_proxy(request.META.get("HTTP_X_FORWARDED_FOR", ""))
        if address:
            request.META["REMOTE_ADDR"] = address
        return self.get_response(request)


def told_by_proxy(header: str) -> str:
    """Return the last address, which is the proxy's own word; those before it are what the client claims."""
    last = header.rpartition(",")[2].strip()
    try:
        return "" if "%" in last else str(ipaddress.ip_address(last))
    except ValueError:
        return ""
