"""Stored pools whose servers answer: the rows that the Connect page would have made."""

from datetime import timedelta

from django.utils import timezone

from pools import connections, inventories
from pools.models import Inventory, Pool, Server
from pools.xapi.endpoint import Endpoint, Login
from pools.xapi.gateway import open_session
from pools.xapi.tls import fetch_certificate
from simulator.world.host import HostMachine
from tests.fixtures.people import make_person


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
    """Let XAPI join one host to the other's pool, and wait for the task's end."""
    _, pool_login = reach(coordinator)
    endpoint, login = reach(joiner)
    with open_session(endpoint, login) as xapi:
        task = xapi.wait_task(xapi.pool_join(coordinator.address, pool_login), 20)
    assert task.status == "success", task.error_info


def age(pool: Pool) -> None:
    """Let the stored inventory be older than the next one."""
    Inventory.objects.filter(pool=pool).update(as_of=timezone.now() - timedelta(minutes=1))
