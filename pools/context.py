"""What every page needs: where we are, who looks, what waits for him."""

from django.conf import settings
from django.http import HttpRequest

from pools.models import Approval, Pool, Role


def shell(request: HttpRequest) -> dict[str, object]:
    """Give the application shell its menu state; nothing for people who are not signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"lab": settings.LAB}
    return {"lab": settings.LAB, "approvals_waiting": approvals_waiting(request)}


def approvals_waiting(request: HttpRequest) -> int:
    """Count the open requests that this person may decide; his own never are."""
    decidable = Pool.objects.current().visible_to(request.user, Role.ADMINISTRATOR)
    waiting = Approval.objects.filter(approved__isnull=True, operation__pool__in=decidable)
    return waiting.exclude(asked_by=request.user.pk).count()
