"""Pools and hosts held by operations. Rows, not timers: they outlive crashes and go with the terminal state."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction

from pools.models import Operation, ResourceLock


def take(operation: Operation, resources: Iterable[str]) -> Operation | None:
    """Take all in one sorted INSERT; or take none and return the operation that holds one of them."""
    wanted = sorted(set(resources))
    while True:
        try:
            with transaction.atomic():
                ResourceLock.objects.bulk_create([ResourceLock(resource=name, operation=operation) for name in wanted])
        except IntegrityError:
            if other := holder(operation, wanted):
                return other
            wanted = sorted(set(wanted) - set(operation.locks.values_list("resource", flat=True)))
        else:
            return None


def holder(operation: Operation, resources: Iterable[str]) -> Operation | None:
    """Return another operation that holds one of these."""
    taken = ResourceLock.objects.filter(resource__in=resources).exclude(operation=operation)
    first = taken.select_related("operation__submitted_by", "operation__created_by").first()
    return first.operation if first else None


def release(operation: Operation) -> None:
    """Let go of everything."""
    ResourceLock.objects.filter(operation=operation).delete()


def resources_of(operation: Operation) -> set[str]:
    """Name what an operation holds: its pool, its servers, and the pools those are in now."""
    servers = operation.servers.select_related("pool")
    names = {name for server in servers for name in (server.resource, server.pool.resource)}
    return names | ({operation.pool.resource} if operation.pool else set())
