"""Pools and hosts held by operations. Rows, not timers: they outlive crashes and go with the terminal state.

An operation that waits for a person lends what it holds to the fix that was made for it, and has it back at its end.
"""

from collections.abc import Iterable

from django.db import IntegrityError, transaction

from pools.models import Operation, OperationState, ResourceLock


def take(operation: Operation, resources: Iterable[str]) -> Operation | None:
    """Take all in one sorted INSERT; or take none and return the operation that holds one of them."""
    wanted = sorted(set(resources))
    borrow(operation, wanted)
    while True:
        try:
            with transaction.atomic():
                ResourceLock.objects.bulk_create([ResourceLock(resource=name, operation=operation) for name in wanted])
        except IntegrityError:
            if other := holder(operation, wanted):
                give_back(operation)
                return other
            wanted = sorted(set(wanted) - set(operation.locks.values_list("resource", flat=True)))
        else:
            return None


def holder(operation: Operation, resources: Iterable[str]) -> Operation | None:
    """Return another operation that holds one of these."""
    taken = ResourceLock.objects.filter(resource__in=resources).exclude(operation=operation)
    first = taken.select_related("operation__submitted_by", "operation__created_by").first()
    return first.operation if first else None


def borrow(operation: Operation, resources: Iterable[str]) -> None:
    """Take over what the operation holds that this one was made to mend, while that waits for a person."""
    if lender := lender_of(operation):
        ResourceLock.objects.filter(operation=lender, resource__in=resources).update(operation=operation)


def give_back(operation: Operation) -> None:
    """What was lent is held again by who waits for it."""
    if lender := lender_of(operation):
        ResourceLock.objects.filter(operation=operation, resource__in=resources_of(lender)).update(operation=lender)


def lender_of(operation: Operation) -> Operation | None:
    """The operation that this one was made to mend, its row locked, if it waits for a person."""
    if operation.parent_id is None:
        return None
    waiting = Operation.objects.filter(pk=operation.parent_id, state=OperationState.NEEDS_ATTENTION)
    return waiting.select_for_update(of=("self",), no_key=True).first()


def release(operation: Operation) -> None:
    """Let go of everything; what an operation that waits could need is left to that."""
    give_back(operation)
    ResourceLock.objects.filter(operation=operation).delete()


def resources_of(operation: Operation) -> set[str]:
    """Name what an operation holds: its pool, its servers, and the pools those are in now."""
    servers = operation.servers.select_related("pool")
    names = {name for server in servers for name in (server.resource, server.pool.resource)}
    return names | ({operation.pool.resource} if operation.pool else set())
