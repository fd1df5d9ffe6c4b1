"""What is offered once a server has left its pool and is back; each offer leads to a page of its own.

To offer something else: write a function from the operation and the server to its offers, and add it to ``OFFERS``.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse

from pools import archive
from pools.models import NetworkSnapshot, Operation, OperationState, Role, Server, StepState, User
from pools.operations.password_change import KIND
from pools.operations.removal.choices import mapping, texts
from pools.services import after_promotion, host_remove, left_behind, password_change
from pools.services.offer import Offer


def its_page(_operation: Operation, server: Server) -> Iterator[Offer]:
    """A pool of its own: nothing else has to be done before it is used again."""
    yield Offer(
        server=server.name_label,
        title=f"{server.name_label} is a pool of its own",
        text="Its page shows what it came back with. From there it can join a pool again, or become the first of one.",
        label="Open its page",
        url=reverse("server", args=[server.pk]),
        icon="server",
    )


def its_network(operation: Operation, server: Server) -> Iterator[Offer]:
    """What was chosen in the wizard is ticked; everything can be."""
    row = archive.of_operation(operation, server.uuid)
    if row is None or server.pool.coordinator_id != server.pk:
        return
    wanted = texts(mapping(operation.draft.get("rebuild")).get(server.uuid))
    query = urlencode([("item", key) for key in wanted])
    taken = Operation.objects.filter(kind="network_rebuild", draft__snapshot=row.pk, servers=server)
    done = taken.filter(state=OperationState.SUCCEEDED).order_by("-created_at").first()
    yield Offer(
        server=server.name_label,
        title=f"Rebuild the network of {server.name_label}",
        text="Bonds, VLANs, names and addresses, out of the snapshot that was taken before. Not if it is to join "
        "another pool at once: that gives it its networks.",
        label="See what was rebuilt" if done else "Choose what to rebuild",
        url=reverse("operation", args=[done.pk]) if done else f"{reverse('network_rebuild', args=[row.pk])}?{query}",
        icon="network",
        done=done is not None,
    )


def its_password(operation: Operation, server: Server) -> Iterator[Offer]:
    """It came back with the pool's password, which others know; wished for in the wizard or not, it can be changed."""
    if password_change.why_not(server):
        return
    begun = Operation.objects.filter(kind=KIND, servers=server, created_at__gt=operation.created_at)
    done = begun.filter(state=OperationState.SUCCEEDED).order_by("-created_at").first()
    wished = "You wished for one before the removal. " if operation.draft.get("new_password") else ""
    yield Offer(
        server=server.name_label,
        title=f"A password of its own for {server.name_label}",
        text=f"{wished}Until then the password of the pool that it left opens it, and its password opens the pool.",
        label="See how it was changed" if done else "New password…",
        url=reverse("operation", args=[done.pk]) if done else reverse("password_change", args=[server.pk]),
        icon="key-round",
        done=done is not None,
    )


OFFERS: Final[Sequence[Callable[[Operation, Server], Iterable[Offer]]]] = (its_page, its_network, its_password)


def saved_networks(operation: Operation, user: User) -> list[NetworkSnapshot]:
    """The networks that were saved for this operation: each has the console runbook of its server."""
    if operation.kind != host_remove.KIND:
        return []
    seen = NetworkSnapshot.objects.visible_to(user)
    return list(seen.filter(operation=operation, complete=True).without_data())


def offers(operation: Operation, user: User) -> list[Offer]:
    """Return what is offered for the pool that was left, and for each server that is back, in the order of leaving."""
    if operation.kind == after_promotion.KIND:
        return list(after_promotion.offers(operation, user))
    if operation.kind not in left_behind.KINDS:
        return []
    of_pool = list(left_behind.offers(operation, user))
    back = of_those_back(operation, user) if operation.kind == host_remove.KIND else []
    return [*of_pool, *back] if left_behind.is_distrusted(operation) else [*back, *of_pool]


def of_those_back(operation: Operation, user: User) -> list[Offer]:
    """Return what is offered for each server that is back, to who may operate it."""
    back = operation.steps.filter(kind="AwaitOwnPool", state=StepState.DONE).order_by("seq")
    uuids = list(back.values_list("lane", flat=True))
    may_follow = Server.objects.visible_to(user, Role.OPERATOR).select_related("pool")
    seen = {server.uuid: server for server in may_follow.filter(uuid__in=uuids)}
    return [each for uuid in uuids if uuid in seen for offer in OFFERS for each in offer(operation, seen[uuid])]
