"""New passwords of servers: kept encrypted from the moment they are typed until the server is proved to have them."""

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from pools import connections, vault
from pools.models import NewPassword, Operation, OperationState
from pools.xapi.endpoint import Login

PURPOSE: Final = "new password"
KEPT_FOR: Final = timedelta(days=1)
ENDED: Final = (OperationState.SUCCEEDED, OperationState.CANCELLED, OperationState.UNDONE)
AT_WORK: Final = (OperationState.QUEUED, OperationState.RUNNING, OperationState.NEEDS_ATTENTION)


def keep(operation: Operation, password: str) -> None:
    """Keep it for this operation, instead of an earlier one."""
    blob = vault.encrypt({"password": password}, purpose=PURPOSE, owner=str(operation.pk))
    NewPassword.objects.update_or_create(operation=operation, defaults={"ciphertext": blob, "taken": False})


def login_of(operation: Operation) -> Login | None:
    """Return the login that the server has when the operation is done; nothing when it was erased meanwhile."""
    row = NewPassword.objects.filter(operation=operation).first()
    if row is None or operation.pool is None:
        return None
    stored = connections.login_of(operation.pool)
    if row.taken:
        return stored
    payload = vault.decrypt(row.ciphertext, purpose=PURPOSE, owner=str(operation.pk))
    return Login(username=stored.username, password=payload["password"])


@transaction.atomic
def take(operation: Operation) -> None:
    """Make it the stored login: the server was proved to have it. Both at once, or neither."""
    row = NewPassword.objects.select_for_update().filter(operation=operation, taken=False).first()
    login = login_of(operation) if row else None
    if row is None or login is None or operation.pool is None:
        return
    connections.save_login(operation.pool, login, operation.submitted_by or operation.created_by)
    row.ciphertext, row.taken = b"", True
    row.save(update_fields=["ciphertext", "taken", "kept_at"])


def is_kept(operation: Operation) -> bool:
    return NewPassword.objects.filter(operation=operation).exists()


def erase_ended() -> None:
    """What ended, or was not begun within a day, keeps none."""
    NewPassword.objects.filter(operation__state__in=ENDED).delete()
    NewPassword.objects.filter(kept_at__lt=timezone.now() - KEPT_FOR).exclude(operation__state__in=AT_WORK).delete()
