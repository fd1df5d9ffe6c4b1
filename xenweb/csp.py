"""Content-Security-Policy and the other security headers on every response, errors and streams included."""

import secrets
from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponseBase

FIXED_HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class SecurityHeaders:
    """Adds the headers; works alike for synchronous and asynchronous views."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        request.csp_nonce = secrets.token_urlsafe(18)  # type: ignore[attr-defined]
        response = self.get_response(request)
        if isinstance(response, HttpResponseBase):
            return with_headers(request, response)
        return self.later(request, response)

    async def later(self, request: HttpRequest, response: Awaitable[HttpResponseBase]) -> HttpResponseBase:
        return with_headers(request, await response)


security_headers = SecurityHeaders


def nonce(request: HttpRequest) -> dict[str, str]:
    """Give templates the name that django-htmx also reads."""
    return {"csp_nonce": getattr(request, "csp_nonce", "")}


def with_headers(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Set the policy with this response's own nonce; what is not static is never stored by a cache."""
    response.headers["Content-Security-Policy"] = policy(getattr(request, "csp_nonce", ""))
    for name, value in FIXED_HEADERS.items():
        response.headers.setdefault(name, value)
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def policy(nonce_value: str) -> str:
    """Everything is refused but our own files and the scripts that carry the nonce."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce_value}' 'self'; style-src 'self'; img-src 'self'; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
