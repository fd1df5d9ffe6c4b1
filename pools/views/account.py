"""What the account pages need beyond allauth: the QR code as a file, since the policy allows no data: images."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from pools.access import for_everyone_signed_in, signed_in


@for_everyone_signed_in
@require_GET
def totp_qr(request: HttpRequest) -> HttpResponse:
    """Draw the secret that the set-up page has just put into this session; without one there is nothing."""
    secret = request.session.get(SECRET_SESSION_KEY)
    if not secret:
        raise Http404("No authenticator app is being set up.")
    adapter = get_adapter()
    drawing = adapter.build_totp_svg(adapter.build_totp_url(signed_in(request), secret))
    return HttpResponse(drawing, content_type="image/svg+xml")
