"""A server that answers at another address: found there by its own certificate, and followed."""

from dataclasses import replace

from django.db import transaction

from pools import connections
from pools.models import Operation, Server, Step, User
from pools.services import audit, connect, inventory, live, steering
from pools.services.errors import ServiceError, WrongState
from pools.xapi.probe import ServerAnswer, probe_server


def move(*, user: User, server: Server, address: str) -> Server:
    """Store the address, after the server itself was found there. Raises XapiError, WrongState, TooOften.

    The certificate that is trusted is asked for before anything is sent: another one gets no password.
    """
    connect.assert_not_too_often(user)
    audit.record(actor=user, action="server.sought", subject=f"{server} at {address}", pool=server.pool)
    endpoint = replace(connections.endpoint_of(server), address=connections.allowed_address(address, server.port))
    found = probe_server(endpoint, connections.login_of(server.pool))
    assert_itself(server, found, address)
    return store(user=user, server=server, address=endpoint.address)


def assert_itself(server: Server, found: ServerAnswer, address: str) -> None:
    """One certificate may be on several servers; the server's own uuid is not."""
    if found.role == "member":
        raise WrongState(
            f"What answers at {address} is a member of the pool at {found.coordinator_address}: its address is "
            "known to that pool. Nothing was changed."
        )
    if found.host_uuid != server.uuid:
        raise WrongState(f"What answers at {address} is {found.host_name or 'another server'}. Nothing was changed.")


@transaction.atomic
def store(*, user: User, server: Server, address: str) -> Server:
    locked = Server.objects.select_for_update(of=("self",)).select_related("pool").get(pk=server.pk)
    old, locked.address = locked.address, address
    locked.save(update_fields=["address"])
    data = {"old": old, "new": address}
    audit.record(actor=user, action="server.moved", subject=str(locked), pool=locked.pool, data=data)
    if locked.pool.coordinator_id == locked.pk:
        inventory.mended(locked.pool)
    return locked


def look_again(*, user: User, server: Server, operation: Operation) -> bool:
    """Try again what waits for this server in an operation; who may not do that leaves it to others."""
    waiting = Step.objects.filter(operation=operation, lane=server.uuid, state__in=live.TROUBLED).first()
    if waiting is None:
        return False
    try:
        steering.retry_step(step=waiting, user=user)
    except ServiceError:
        return False
    return True
