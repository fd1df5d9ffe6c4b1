"""The main journey: from an empty estate to a pool that XAPI itself reports."""

import pytest
from playwright.sync_api import expect

from pools.models import Role
from simulator.world.host import HostMachine
from tests.e2e.conftest import Open
from tests.e2e.house import Builder
from tests.e2e.journey import connect_lab, create_pool
from tests.fixtures.people import make_person

pytestmark = pytest.mark.e2e


def test_a_pool_is_made_from_nothing(build: Builder, visit: Open) -> None:
    owner, count = make_person("olivia", Role.OWNER), 2
    with build.house("two-standalone") as house, visit(house) as olivia:
        olivia.sign_in(owner)
        olivia.see("Start with the practice lab")
        connect_lab(olivia, count)
        create_pool(olivia, "Frankfurt – production", count)
        olivia.press("Start now")
        olivia.see("Done: XAPI says so itself", seconds=60)
        olivia.press("Open the pool")
        olivia.heading("Frankfurt – production")
        expect(olivia.page.locator("#members-table tbody tr")).to_have_count(count)
        assert len(house.sim.calls("pool.join")) == count - 1, house.log
        assert names_of(house.sim.hosts[0], "host") == sorted(host.name for host in house.sim.hosts)
        assert names_of(house.sim.hosts[0], "pool") == ["Frankfurt – production"]


def names_of(host: HostMachine, table: str) -> list[str]:
    """Return what the server's own database says."""
    return sorted(str(record["name_label"]) for record in host.database.records(table).values())
