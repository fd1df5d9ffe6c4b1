"""Stored pools whose servers answer: the rows that the Connect page would have made."""

from datetime import timedelta

from django.utils import timezone

from pools import connections, inventories
from pools.models import Inventory, Pool, Server
from pools.xapi.endpoint import Endpoint, Login
from pools.xapi.errors import XapiError
from pools.xapi.gateway import open_session
from pools.xapi.probe import coordinator_of
from pools.xapi.tls import fetch_certificate
from simulator.world.host import HostMachine
from tests.fixtures.people import make_person
from tests.simulator.waiting import until


def reach(host: HostMachine) -> tuple[Endpoint, Login]:
    """An endpoint pinned to the certificate that the host shows now, and its login."""
    pin = fetch_certificate(host.address, host.port).sha256
    endpoint = Endpoint(address=host.address, port=host.port, pin=pin)
    return endpoint, Login(username=host.username, password=host.password)


def connected(host: HostMachine) -> Pool:
    """Connect the pool of this host as a person would."""
    endpoint, login = reach(host)
    user = make_person(f"who-connects-{host.name}")
    with open_session(endpoint, login) as xapi:
        pool = inventories.adopt(xapi, user=user)
    connections.save_login(pool, login, user)
    return pool


def server_of(host: HostMachine) -> Server:
    return Server.objects.select_related("pool").get(uuid=host.uuid)


def join(joiner: HostMachine, coordinator: HostMachine) -> None:
    """Let XAPI join one host to the other's pool, until it answers as a member."""
    _, pool_login = reach(coordinator)
    endpoint, login = reach(joiner)
    with open_session(endpoint, login) as xapi:
        xapi.pool_join(coordinator.address, pool_login)
    until(lambda: answers_as_member(endpoint, coordinator))


def answers_as_member(endpoint: Endpoint, coordinator: HostMachine) -> bool:
    """Not yet while it restarts."""
    try:
        return coordinator_of(endpoint) == coordinator.address
    except XapiError:
        return False


def age(pool: Pool) -> None:
    """Let the stored inventory be older than the next one."""
    Inventory.objects.filter(pool=pool).update(as_of=timezone.now() - timedelta(minutes=1))
