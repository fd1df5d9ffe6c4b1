"""An estate of any size from the records of one simulated server, without a server behind it."""

import json
from collections.abc import Callable

import pytest
from django.utils import timezone

from pools.models import Inventory, Pool, Server
from pools.xapi.gateway import open_session
from pools.xapi.tables import Tables
from simulator.running import running
from tests.pools.connected import reach

MakeEstate = Callable[..., list[Pool]]


@pytest.fixture(scope="session")
def recorded() -> tuple[str, Tables]:
    """What one standalone server says of itself, and its uuid."""
    with running("two-standalone") as sim:
        endpoint, login = reach(sim.hosts[0])
        with open_session(endpoint, login) as xapi:
            return sim.hosts[0].uuid, xapi.snapshot()


@pytest.fixture
def make_estate(db: None, recorded: tuple[str, Tables]) -> MakeEstate:
    """Make standalone servers; with a name they are pools."""

    def make(count: int, name: str = "") -> list[Pool]:
        return [make_one(recorded, number, name and f"{name} {number}") for number in range(count)]

    return make


def make_one(recorded: tuple[str, Tables], number: int, name: str) -> Pool:
    uuid, tables = recorded
    own = f"{name or 'alone'}-{number}"[:36]
    pool = Pool.objects.create(uuid=own, name_label=name)
    address = f"10.1.{number // 250}.{number % 250 + 1}"
    pool.coordinator = Server.objects.create(uuid=own, pool=pool, name_label=f"xs-{number}", address=address)
    pool.save()
    records = json.loads(json.dumps(tables).replace(uuid, own))
    Inventory.objects.create(pool=pool, records=records, as_of=timezone.now())
    return pool
