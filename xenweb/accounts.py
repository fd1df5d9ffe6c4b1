"""How people come in: an owner makes accounts, nobody signs up by himself."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from pools import vault


class ClosedSignup(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up is closed; owners create people on the People page."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: str) -> None:
        """Passwords are throttled by axes alone: allauth's own limit would let a stranger lock somebody out."""


class SealedFactors(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors are stored encrypted: a copy of the database must not be enough to make codes."""

    def encrypt(self, text: str) -> str:
        return vault.encrypt({"secret": text}, purpose="second factor", owner="").decode()

    def decrypt(self, encrypted_text: str) -> str:
        return vault.decrypt(encrypted_text.encode(), purpose="second factor", owner="")["secret"]


def name_tried(request: HttpRequest, credentials: dict[str, str] | None) -> str:
    """Tell axes which account somebody tries: one name however it is written, since sign-in ignores capitals too."""
    given = credentials or {}
    name = given.get("username") or given.get("login") or request.POST.get("login", "")
    return str(name).strip().lower()[:150]
