"""What is offered for the pool that a server has left: to clean up after it, and a secret that it does not know."""

from collections.abc import Iterator
from typing import Final

from django.urls import reverse

from pools import inventories
from pools.access import role_on
from pools.models import Operation, OperationState, Pool, Role, StepState, User
from pools.services import host_forget, host_remove, leftovers, pool_cleanup, secret_rotate
from pools.services.offer import Offer

KINDS: Final = frozenset({host_remove.KIND, host_forget.KIND})
LETS_GO: Final = ("EjectHost", "ForgetHost")


def offers(operation: Operation, user: User) -> Iterator[Offer]:
    """Once a server has left, whether it came back or not; of one that is not trusted the new secret comes first."""
    pool = operation.pool
    if pool is None or pool.retired_at or pool.coordinator_id is None or not may_operate(user, pool):
        return
    if not operation.steps.filter(kind__in=LETS_GO, state=StepState.DONE).exists():
        return
    found = [*cleanup(operation, pool), new_secret(operation, pool)]
    yield from found[::-1] if is_distrusted(operation) else found


def may_operate(user: User, pool: Pool) -> bool:
    role = role_on(user, [pool])
    return role is not None and role >= Role.OPERATOR


def is_distrusted(operation: Operation) -> bool:
    """Whether somebody said that who leaves is not trusted any more."""
    return bool(operation.draft.get("not_trusted"))


def cleanup(operation: Operation, pool: Pool) -> Iterator[Offer]:
    """Only what is there is offered; what was cleaned since is shown."""
    done = later(operation, pool_cleanup.KIND)
    hints = leftovers.hints(pool, inventories.snapshot_of(pool))
    if not done and not hints:
        return
    yield Offer(
        server=str(pool),
        title=f"Clean up {pool}",
        text="Settings that name storage that is gone, and records of VMs without a disk. You choose each of them.",
        label="See what was cleaned up" if done else "See what is left over",
        url=reverse("operation", args=[done.pk]) if done else reverse("pool_cleanup", args=[pool.pk]),
        icon="trash-2",
        done=done is not None,
        posts=done is None,
    )


def new_secret(operation: Operation, pool: Pool) -> Offer:
    """As good as root on every server, and known to who left; said louder when that one is not trusted."""
    done, distrusted = later(operation, secret_rotate.KIND), is_distrusted(operation)
    loud = "You said that the server is not trusted any more: it knows the pool’s secret, which is as good as root."
    quiet = "The server knew the secret of the pool. If it is given away or not trusted, give the pool a new one."
    return Offer(
        server=str(pool),
        title=f"{'Now: a' if distrusted and not done else 'A'} new secret for {pool}",
        text=loud if distrusted else quiet,
        label="See the rotation" if done else "New secret…",
        url=reverse("operation", args=[done.pk]) if done else reverse("secret_rotate", args=[pool.pk]),
        icon="key-round",
        done=done is not None,
    )


def later(operation: Operation, kind: str) -> Operation | None:
    """The last operation of this kind on the same pool that was begun after this one, and succeeded."""
    same = Operation.objects.filter(kind=kind, pool=operation.pool, state=OperationState.SUCCEEDED)
    return same.filter(created_at__gt=operation.created_at).order_by("-created_at").first()
