"""Sessions end: after 30 minutes without a request, and after 12 hours whatever happens (ASVS 7.3.1, 7.3.2)."""

from collections.abc import Callable
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
NOTED_EVERY = timedelta(minutes=1)


class SessionLimits:
    """Notes when a session was last used, for the list of sessions too, and ends it when it is over."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.session.session_key and request.user.is_authenticated:
            self.check(request)
        return self.get_response(request)

    def check(self, request: HttpRequest) -> None:
        """Costs one read, and one write a minute."""
        session = UserSession.objects.filter(session_key=request.session.session_key).first()
        now = timezone.now()
        if session is not None and is_over(session):
            logout(request)
            session.delete()
            messages.info(request, "Your session ended. Sign in again to go on; nothing was lost.")
        elif session is None or now - session.last_seen_at > NOTED_EVERY:
            UserSession.objects.create_from_request(request)


def is_over(session: UserSession) -> bool:
    """Whether a session was left alone too long, or is too old."""
    now = timezone.now()
    return bool(now - session.last_seen_at > IDLE or now - session.created_at > LONGEST)
