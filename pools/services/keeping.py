"""Keeping what is connected reachable: a new login, a renewed certificate, or letting go."""

from dataclasses import replace

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from pools import connections, inventories
from pools.models import Credential, Operation, OperationState, Pool, ResourceLock, Server, User
from pools.services import audit, inventory, operations, planning
from pools.services.errors import ResourceBusy, WrongState
from pools.xapi.endpoint import Endpoint, Login
from pools.xapi.errors import XapiFailure
from pools.xapi.gateway import open_session


def renew_login(*, pool: Pool, login: Login, user: User) -> None:
    """Store a login after it was proved on the coordinator, over its pinned certificate. Raises XapiError."""
    if pool.coordinator is None:
        raise WrongState(f"It is not known which server of {pool} to try the login on; nothing was stored.")
    with open_session(connections.endpoint_of(pool.coordinator), login):
        pass
    with transaction.atomic():
        lock_pool(pool)
        connections.save_login(pool, login, user)
        audit.record(actor=user, action="login.renewed", subject=str(pool), pool=pool)
        inventory.mended(pool)


def renew_pin(*, server: Server, pin: str, login: Login, user: User) -> None:
    """Trust a server's new certificate. The login is given again: a stored one never goes to a new pin."""
    proved = signs_in(replace(connections.endpoint_of(server), pin=pin), login)
    with transaction.atomic():
        lock_pool(server.pool)
        old, server.pin, server.refused_pin = server.pin, pin, ""
        server.pinned_at, server.pinned_by = timezone.now(), user
        server.save(update_fields=["pin", "refused_pin", "pinned_at", "pinned_by"])
        if proved:
            connections.save_login(server.pool, login, user)
        data = {"old": old, "new": pin}
        audit.record(actor=user, action="certificate.renewed", subject=str(server), pool=server.pool, data=data)
        inventory.mended(server.pool)


def signs_in(endpoint: Endpoint, login: Login) -> bool:
    """Prove a login; a member answers HOST_IS_SLAVE before it looks at a password (xapi_session.ml): not proved."""
    try:
        with open_session(endpoint, login):
            return True
    except XapiFailure as failure:
        if failure.code == "HOST_IS_SLAVE":
            return False
        raise


@transaction.atomic
def disconnect(*, pool: Pool, user: User) -> None:
    """Forget a pool: erase its login and retire its row, so that history stays readable."""
    lock_pool(pool)
    lock_operations(pool)
    held = [pool.resource, *(server.resource for server in pool.servers.all())]
    lock = ResourceLock.objects.filter(resource__in=held).select_related("operation__created_by").first()
    if lock is not None:
        raise ResourceBusy(lock.operation)
    take_out_of_plans(pool, user)
    name = str(pool)
    pool.coordinator = None
    pool.retired_at = timezone.now()
    pool.save(update_fields=["coordinator", "retired_at"])
    Credential.objects.filter(pool=pool).delete()
    pool.servers.all().delete()
    audit.record(actor=user, action="pool.disconnected", subject=name, pool=pool)


@transaction.atomic
def let_go(*, server: Server, user: User) -> None:
    """Forget one server that its pool does not list any more; nothing on it changes."""
    pool = server.pool
    lock_pool(pool)
    lock_operations(pool)
    snapshot = inventories.snapshot_of(pool)
    if not snapshot.hosts or snapshot.host(server.uuid):
        raise WrongState(f"{server} is in {pool}, as far as is known: only a server that left is let go alone.")
    lock = ResourceLock.objects.filter(resource=server.resource).select_related("operation__created_by").first()
    if lock is not None:
        raise ResourceBusy(lock.operation)
    for draft in Operation.objects.filter(servers=server, state__in=operations.EDITABLE):
        take_out(draft, {server.uuid}, user)
    name = str(server)
    server.delete()
    audit.record(actor=user, action="server.let_go", subject=name, pool=pool)


def lock_pool(pool: Pool) -> None:
    """Let nobody else store or retire a pool in this transaction; one that is let go meanwhile stays so."""
    inventories.lock_servers()
    if not Pool.objects.current().filter(pk=pool.pk).exists():
        raise WrongState("This pool is not managed here any more.")


def lock_operations(pool: Pool) -> None:
    """Let no operation on this pool or its servers start, go on or be approved in this transaction."""
    using = Operation.objects.filter(Q(pool=pool) | Q(pk__in=pool.servers.values("operations"))).order_by("pk")
    list(using.select_for_update(of=("self",), no_key=True).values_list("pk"))


def take_out_of_plans(pool: Pool, user: User) -> None:
    """A server that is let go is chosen nowhere any more; a request for approval that needs it is decided first."""
    using = Operation.objects.filter(servers__pool=pool).distinct()
    if asked := using.filter(state=OperationState.AWAITING_APPROVAL).first():
        raise WrongState(f"“{asked}” needs this and waits for approval. Decide or withdraw the request first.")
    gone = {server.uuid for server in pool.servers.all()}
    for draft in using.filter(state__in=operations.EDITABLE):
        take_out(draft, gone, user)


def take_out(draft: Operation, gone: set[str], user: User) -> None:
    """Forget these servers in a draft; a plan with them is void."""
    stays = draft.draft.get("coordinator") not in gone
    changes = {
        "servers": [uuid for uuid in draft.draft.get("servers", []) if uuid not in gone],
        "coordinator": draft.draft.get("coordinator", "") if stays else "",
    }
    saved = operations.save_draft(operation=draft, user=user, changes=changes | planning.NOT_ASKED)
    saved.pool = saved.pool if stays else None
    saved.report = {}
    saved.save(update_fields=["pool", "report", "changed_at"])
