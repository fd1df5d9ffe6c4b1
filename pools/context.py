"""What every page needs: where we are, who looks, what waits for him."""

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from pools.access import grants_held
from pools.models import Approval, Person, Role
from pools.services.approvals import LIFE


def shell(request: HttpRequest) -> dict[str, object]:
    """Give the application shell its menu state; nothing for people who are not signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"lab": settings.LAB}
    held = grants_held(request)
    return {"lab": settings.LAB, "nav_hidden": hidden(held), "approvals_waiting": approvals_waiting(user, held)}


def hidden(held: Sequence[tuple[int | None, int]]) -> set[str]:
    """Name the menu entries that would only answer “not for you”."""
    names = set() if settings.LAB else {"lab"}
    if not held:
        names |= {"estate", "operations", "approvals", "audit"}
    if (None, Role.OWNER) not in held:
        names.add("people")
    return names


def approvals_waiting(user: Person, held: Sequence[tuple[int | None, int]]) -> int:
    """Count the open requests that this person may decide; his own never are."""
    pools = {pool for pool, role in held if role >= Role.ADMINISTRATOR}
    if not pools:
        return 0
    live = Approval.objects.filter(approved__isnull=True, asked_at__gt=timezone.now() - LIFE)
    if None not in pools:
        live = live.filter(operation__pool__in=pools)
    return live.exclude(asked_by=user.pk).exclude(operation__created_by=user.pk).count()
