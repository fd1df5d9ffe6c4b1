"""A new password for a server that is alone: kept encrypted, planned like every change, stored when it is proved."""

import secrets
from typing import Final

from django.db import transaction

from pools import connections, passwords
from pools.models import Operation, Server, User
from pools.operations.password_change import KIND
from pools.services import audit, operations, planning
from pools.services.errors import WrongState
from pools.xapi.errors import LoginMissing

LETTERS: Final = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without those that look alike on a console."""
GROUPS, LENGTH = 5, 4


def made() -> str:
    """Make a password that can be typed on any console's keyboard: about 115 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(GROUPS))


def why_not(server: Server) -> str:
    """Say why this server’s password is not changed here; empty when it can be."""
    if server.pool.coordinator_id != server.pk or server.pool.servers.count() > 1:
        return f"{server} is in a pool with others: its password is that of all of them."
    return ""


@transaction.atomic
def begin(*, user: User, server: Server, password: str) -> Operation:
    """Keep the password, and have the plan made."""
    if refused := why_not(server):
        raise WrongState(refused)
    operation = operations.create_draft(user=user, kind=KIND)
    operation.pool = server.pool
    operation.title = f"Change the password of {server.name_label}"
    operation.draft = {"servers": [server.uuid], "coordinator": server.uuid, **planning.NOT_ASKED}
    operation.save()
    operation.servers.set([server])
    audit.record(actor=user, action="operation.drafted", subject=operation.title, operation=operation)
    return keep(operation=operation, user=user, password=password)


@transaction.atomic
def keep(*, operation: Operation, user: User, password: str) -> Operation:
    """Keep another password for a draft; its plan is made anew."""
    assert_new(operation, password)
    saved = operations.save_draft(operation=operation, user=user, changes={"password_kept": True, **planning.NOT_ASKED})
    passwords.keep(saved, password)
    planning.ask(operation=saved, user=user)
    return saved


def assert_new(operation: Operation, password: str) -> None:
    """Refuse the password that the server has."""
    try:
        old = connections.login_of(operation.pool) if operation.pool else None
    except LoginMissing:
        return
    if old is not None and secrets.compare_digest(old.password.encode(), password.encode()):
        raise WrongState("That is the password which the server has now. Nothing was kept.")
