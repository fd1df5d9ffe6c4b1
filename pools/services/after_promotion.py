"""What is offered once another server coordinates a pool: the dead one still counts as a member, its VMs as running."""

from collections.abc import Iterator

from django.urls import reverse

from pools.models import Operation, Role, Server, StepState, User
from pools.operations.removal.choices import texts
from pools.services import coordinator_promote, host_forget
from pools.services.left_behind import later
from pools.services.offer import Offer

KIND = coordinator_promote.KIND


def offers(operation: Operation, user: User) -> Iterator[Offer]:
    """Nobody starts its VMs elsewhere before it is declared dead, by the pool's new coordinator."""
    seen = Server.objects.visible_to(user, Role.OPERATOR).select_related("pool")
    dead = seen.filter(uuid__in=texts(operation.draft.get("servers"))).first()
    if dead is None or not operation.steps.filter(kind="PromoteMember", state=StepState.DONE).exists():
        return
    done = later(operation, host_forget.KIND)
    if done is None and (dead.pool_id != operation.pool_id or dead.pool.coordinator_id == dead.pk):
        return
    yield Offer(
        server=dead.name_label,
        title=f"Start elsewhere what ran on {dead.name_label}",
        text="The pool still counts it as a member, and its VMs as running there. Declare it dead to start them on "
        "other servers, and let the pool forget it if it never comes back.",
        label="See what was done" if done else "Declare it dead…",
        url=reverse("operation", args=[done.pk]) if done else reverse("silence", args=[dead.pk]),
        icon="monitor",
        done=done is not None,
        posts=done is None,
    )
