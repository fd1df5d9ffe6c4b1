"""Rebuilding a removed server's network: a draft from a snapshot, with all of it chosen or what the removal named."""

from collections.abc import Sequence

from django.db import transaction

from pools import archive
from pools.models import NetworkSnapshot, Operation, Server, User
from pools.services import audit, operations, planning
from pools.services.errors import WrongState
from pools.snapshots.items import items_of

KIND = "network_rebuild"


@transaction.atomic
def begin(*, user: User, server: Server, snapshot: NetworkSnapshot, keys: Sequence[str] | None = None) -> Operation:
    """Begin a draft; ``keys``: the items to rebuild, all of them where none are named."""
    if snapshot.server_uuid != server.uuid or not snapshot.complete:
        raise WrongState("This snapshot is of another server, or not complete: it cannot be rebuilt from.")
    if server.pool.coordinator_id != server.pk:
        raise WrongState(f"{server} is a member of a pool: its network follows its coordinator’s.")
    every = [item.key for item in items_of(archive.data_of(snapshot))]
    chosen = every if keys is None else [key for key in every if key in set(keys)]
    operation = operations.create_draft(user=user, kind=KIND)
    operation.pool = server.pool
    operation.title = f"Rebuild the network of {server.name_label}"
    operation.draft = {"servers": [server.uuid], "coordinator": server.uuid, "snapshot": snapshot.pk, "items": chosen}
    operation.draft |= planning.NOT_ASKED
    operation.save()
    operation.servers.set([server])
    audit.record(actor=user, action="operation.drafted", subject=operation.title, operation=operation)
    return operation


def choose(*, operation: Operation, user: User, keys: Sequence[str]) -> Operation:
    """Store which items are made again."""
    changes = {"items": list(keys), **planning.NOT_ASKED}
    return operations.save_draft(operation=operation, user=user, changes=changes)
