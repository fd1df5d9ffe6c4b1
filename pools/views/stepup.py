"""Step-up: whoever starts or approves what erases a server proves anew who he is, however long he is signed in."""

import time
from urllib.parse import urlencode

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from pools.access import signed_in
from pools.models import Operation
from pools.services import confirming


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person proved it just now; who has a second factor, with that."""
    wanted = "mfa" if has_factor(request) else "password"
    proofs = [
        float(record["at"])
        for record in get_authentication_records(request, signed_in(request))
        if record.get("reauthenticated") and record.get("method") == wanted
    ]
    return bool(time.time() - max(proofs, default=0.0) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)


def shown(request: HttpRequest, operation: Operation) -> dict[str, object]:
    """What a page with such a button says of it."""
    needed = confirming.is_destructive(operation)
    return {"step_up": needed and not is_fresh(request), "stepped_up": needed and is_fresh(request)}


def has_factor(request: HttpRequest) -> bool:
    return bool(Authenticator.objects.filter(user=signed_in(request), type=Authenticator.Type.TOTP).exists())


def url(request: HttpRequest, back_to: str) -> str:
    """The page on which it is proved; it leads back."""
    page = "mfa_reauthenticate" if has_factor(request) else "account_reauthenticate"
    return f"{reverse(page)}?{urlencode({'next': back_to})}"
