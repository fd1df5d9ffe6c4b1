"""Two servers of the simulator, and the endpoints and logins that reach them."""

from collections.abc import Callable, Iterator

import pytest

from pools.xapi.endpoint import Endpoint, Login
from pools.xapi.limits import Limits
from pools.xapi.tls import fetch_certificate
from simulator.running import Simulation, running
from simulator.world.host import HostMachine

Reach = Callable[[HostMachine], tuple[Endpoint, Login]]


@pytest.fixture
def sim() -> Iterator[Simulation]:
    with running("two-standalone") as found:
        yield found


@pytest.fixture
def reach() -> Reach:
    """Make an endpoint with the certificate that the host shows now, and its login."""
    return reach_host


def reach_host(host: HostMachine) -> tuple[Endpoint, Login]:
    pin = fetch_certificate(host.address, host.port).sha256
    endpoint = Endpoint(address=host.address, port=host.port, pin=pin)
    return endpoint, Login(username=host.username, password=host.password)


@pytest.fixture
def hasty() -> Limits:
    """Total times short enough to be waited for."""
    return Limits(connect=1, login=0.5, read=0.5, submit=0.5, logout=0.3, event_margin=0.5, reply_bytes=100_000)
