"""Sixteen servers, two of them in trouble: the others go on; what is parked is mended, and resumed."""

import pytest
from playwright.sync_api import expect

from pools.models import Role
from simulator.scenes.spoil_state import run_vm
from tests.e2e.conftest import Open
from tests.e2e.house import Builder, House
from tests.e2e.journey import connected, create_pool
from tests.e2e.visitor import Visitor
from tests.fixtures.people import make_person
from tests.simulator.waiting import until

pytestmark = pytest.mark.e2e


def spoil_two(house: House) -> None:
    """While the first servers join, a VM is started on one of the last and another one loses its power."""
    until(lambda: bool(house.sim.calls("pool.join")))
    run_vm(house.sim.hosts[13], house.sim.hosts[0])
    house.sim.world.power_off(house.sim.hosts[14])


def mend_the_first(olivia: Visitor) -> None:
    """Its VM is shut down by the plan that its open point leads to."""
    olivia.press("Stop its VMs")
    olivia.press("Show the plan")
    olivia.see("The same with xe", seconds=30)
    olivia.press("Start now")
    olivia.see("Done: XAPI says so itself", seconds=60)
    olivia.page.get_by_role("link", name="Create pool “Munich”").click()


def test_two_of_sixteen_are_parked_mended_and_resumed(build: Builder, visit: Open) -> None:
    with build.house("sixteen-standalone", lab=False) as house, visit(house) as olivia:
        connected(house, olivia, make_person("olivia", Role.OWNER))
        create_pool(olivia, "Munich", 16)
        olivia.press("Start now")
        spoil_two(house)
        olivia.see("13 of 15 done, 2 parked", seconds=90)
        expect(olivia.page.locator("#operation-open article")).to_have_count(2)
        mend_the_first(olivia)
        house.sim.world.power_on(house.sim.hosts[14])
        until(lambda: house.sim.hosts[14].up)
        olivia.press("Resume what is parked")
        olivia.see("Done: XAPI says so itself", seconds=60)
        olivia.press("Open the pool")
        expect(olivia.page.locator("#members-table tbody tr")).to_have_count(16)
