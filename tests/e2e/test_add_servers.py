"""A pool grows: from its page on a phone, and past a change that came while somebody was thinking."""

import pytest
from playwright.sync_api import expect

from pools.models import Operation, Role
from simulator.scenes.model import HostSpec, PoolSpec, Scene
from tests.e2e.conftest import Open
from tests.e2e.house import Builder
from tests.e2e.journey import connected
from tests.e2e.visitor import Visitor
from tests.fixtures.people import make_person

pytestmark = pytest.mark.e2e

HOSTS = tuple(HostSpec(name=name) for name in ("web-1", "web-3", "web-4"))
SCENE = Scene(name="growing", hosts=HOSTS, pools=(PoolSpec(name="Frankfurt", master="web-1"),))


def to_the_plan(visitor: Visitor) -> None:
    """Choose every server that is left, and go on to the plan."""
    page = visitor.page
    page.get_by_label("web-3", exact=True).check()
    page.get_by_label("web-4", exact=True).check()
    visitor.press("Continue")
    visitor.see("servers fit together", seconds=30)
    visitor.press("Continue")
    page.wait_for_url("**/network/")
    visitor.press("Continue")
    visitor.see("The same with xe", seconds=30)


def test_servers_are_added_from_the_pools_page_on_a_phone(build: Builder, visit: Open) -> None:
    with build.house(SCENE, lab=False) as house, visit(house, phone=True, dark=True) as olivia:
        connected(house, olivia, make_person("olivia", Role.OWNER))
        olivia.page.get_by_role("link", name="Frankfurt").click()
        olivia.press("Add servers")
        olivia.heading("Add servers to Frankfurt")
        to_the_plan(olivia)
        olivia.press("Start now")
        olivia.see("Done: XAPI says so itself", seconds=60)
        olivia.press("Open the pool")
        expect(olivia.page.locator("#members-table tbody tr")).to_have_count(3)
        assert len(house.sim.calls("pool.join")) == 2, house.log


def test_an_open_plan_says_by_itself_that_it_is_out_of_date(build: Builder, visit: Open) -> None:
    with build.house(SCENE, lab=False) as house, visit(house) as olivia:
        connected(house, olivia, make_person("olivia", Role.OWNER))
        olivia.page.get_by_role("link", name="Frankfurt").click()
        olivia.press("Add servers")
        to_the_plan(olivia)
        host = house.sim.host("web-4")
        host.database.set("host", host.ref, name_label="renamed")
        olivia.see("The plan is out of date; nothing was sent", seconds=45)
        olivia.see("is now renamed")
        assert house.sim.calls("pool.join") == []
        olivia.press("Make the plan again")
        expect(olivia.page.get_by_role("button", name="Start now")).to_be_visible(timeout=30_000)


def test_the_second_window_sees_what_the_first_one_stored(build: Builder, visit: Open) -> None:
    with build.house(SCENE, lab=False) as house, visit(house) as olivia:
        connected(house, olivia, make_person("olivia", Role.OWNER))
        olivia.page.get_by_role("link", name="Frankfurt").click()
        olivia.press("Add servers")
        olivia.page.get_by_label("web-3", exact=True).check()
        olivia.press("Continue")
        olivia.press("Back")
        second = olivia.new_page()
        second.goto(olivia.page.url)
        olivia.page.get_by_label("web-4", exact=True).check()
        olivia.press("Continue")
        second.get_by_role("button", name="Continue").click()
        expect(second.get_by_text("This was changed in another window meanwhile")).to_be_visible()
        second.get_by_role("button", name="Store mine instead").click()
        second.wait_for_url("**/checks/")
        assert Operation.objects.get().draft["servers"] == [house.sim.host("web-3").uuid]
