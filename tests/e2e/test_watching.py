"""The live page: the same for everybody, after a reload, and without scripts."""

import pytest
from playwright.sync_api import expect

from pools.models import Operation, Role
from tests.e2e.conftest import Open
from tests.e2e.house import Builder, House
from tests.e2e.journey import connected, create_pool
from tests.e2e.visitor import Visitor
from tests.fixtures.people import make_person

pytestmark = pytest.mark.e2e
DONE = "Done: XAPI says so itself"


def plan(house: House, olivia: Visitor) -> None:
    """The owner stands before the button that starts it."""
    connected(house, olivia, make_person("olivia", Role.OWNER))
    create_pool(olivia, "Watched", 2)


def slow_join(house: House) -> None:
    """Keep the join under way for a while."""
    house.sim.fault("delay", host=house.sim.hosts[1].name, method="Async.pool.join", seconds=3)


def test_a_reload_a_second_viewer_and_a_browser_without_scripts_see_the_same(build: Builder, visit: Open) -> None:
    with (
        build.house("two-standalone") as house,
        visit(house) as olivia,
        visit(house, phone=True) as vera,
        visit(house, scripts=False) as plain,
    ):
        plan(house, olivia)
        slow_join(house)
        olivia.press("Start now")
        olivia.see("Stop after this step")
        vera.arrive(make_person("vera", Role.VIEWER))
        plain.arrive(make_person("paul", Role.VIEWER))
        for watcher in (vera, plain):
            watcher.go(olivia.page.url)
            expect(watcher.page.locator(".lane")).to_have_count(2)
        olivia.page.reload()
        for watcher in (olivia, vera, plain):
            watcher.see(DONE, seconds=60)
        assert olivia.page.locator(".journal-line").count() == vera.page.locator(".journal-line").count()


def test_a_second_click_and_the_back_button_start_nothing_twice(build: Builder, visit: Open) -> None:
    with build.house("two-standalone") as house, visit(house) as olivia:
        plan(house, olivia)
        olivia.page.get_by_role("button", name="Start now").dblclick()
        olivia.see(DONE, seconds=60)
        olivia.page.go_back()
        olivia.page.reload()
        olivia.see(DONE)
        assert Operation.objects.count() == 1
        assert len(house.sim.calls("pool.join")) == 1


def test_two_vendors_make_no_plan_and_lose_nothing(build: Builder, visit: Open) -> None:
    with build.house("mixed-vendors") as house, visit(house) as olivia:
        connected(house, olivia, make_person("olivia", Role.OWNER))
        olivia.page.get_by_label("Select all servers").check()
        olivia.press("Create pool from selection")
        olivia.press("Continue")
        olivia.press("Continue")
        card = olivia.page.get_by_role("heading", name="Processors of different makers")
        expect(card).to_be_visible(timeout=30_000)
        olivia.press("Continue")
        olivia.page.wait_for_url("**/network/")
        olivia.press("Continue")
        olivia.page.get_by_label("Name", exact=True).fill("Mixed")
        olivia.press("Continue")
        olivia.see("There is no plan yet", seconds=30)
        olivia.press("Back")
        expect(olivia.page.get_by_label("Name", exact=True)).to_have_value("Mixed")
        assert house.sim.calls("pool.join") == []
