"""The page of checks: a cell explains itself, one press reads again, and the page says what that changed."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from pools.models import Operation, Role, User
from pools.services import examination
from simulator.xapi.machines import pool_row
from tests.e2e import gallery
from tests.e2e.conftest import Open
from tests.e2e.house import Builder, House
from tests.e2e.visitor import Visitor
from tests.fixtures.lab import connect_one
from tests.fixtures.people import make_person

pytestmark = pytest.mark.e2e
COLUMNS = 16
LEFT_OUT = ("trio", "pool-", "same-uuid", "no-management", "other-hosts")


def draft(house: House, person: User) -> Operation:
    """A sound server, and fifteen with something wrong."""
    chosen = [host for host in house.sim.hosts if not host.name.startswith(LEFT_OUT)][:COLUMNS]
    return gallery.draft([connect_one(host, person) for host in chosen], person)


def look(visitor: Visitor, name: str) -> None:
    """Keep a picture, where somebody asked for pictures."""
    if folder := os.environ.get("XENWEB_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        visitor.page.screenshot(path=Path(folder) / f"{name}.png")
        visitor.page.screenshot(path=Path(folder) / f"{name}-full.png", full_page=True)


def test_a_cell_explains_itself_and_is_read_again_at_a_press(build: Builder, visit: Open) -> None:
    olivia = make_person("olivia", Role.OWNER)
    with build.house("every-join-refusal", profile="fast") as house, visit(house) as visitor:
        operation = draft(house, olivia)
        visitor.arrive(olivia).go(f"/operations/{operation.pk}/checks/")
        visitor.see("problems on", seconds=30)
        look(visitor, "checks-wide")
        row = visitor.page.get_by_role("row", name=re.compile("High availability is off on the server"))
        row.get_by_role("link").hover()
        told = visitor.page.locator("#cell-explain")
        expect(told).to_contain_text("XAPI would stop here")
        look(visitor, "checks-explained")
        pool_row(house.sim.host("ha")).set(ha_enabled=False)
        told.get_by_role("button", name="Read this server again").click()
        visitor.see("1 problem solved.")
        expect(row).to_have_count(0)
        visitor.press("Show all")
        expect(row).to_be_visible()
        look(visitor, "checks-all")


def test_without_scripts_everything_is_there_too(build: Builder, visit: Open) -> None:
    olivia = make_person("olivia", Role.OWNER)
    with build.house("mixed-vendors", work=False) as house, visit(house, scripts=False) as visitor:
        operation = gallery.draft([connect_one(host, olivia) for host in house.sim.hosts], olivia)
        examination.run(str(operation.pk))
        visitor.arrive(olivia).go(f"/operations/{operation.pk}/checks/")
        visitor.page.get_by_role("table").get_by_role("link").first.click()
        assert "#finding-1" in visitor.page.url
        visitor.page.get_by_role("button", name="Read amd-01 again").click()
        visitor.see("Being read again: intel-01, amd-01")
        examination.run(str(operation.pk))
        visitor.page.reload()
        visitor.see("Nothing has changed.")


def test_on_a_phone_a_tap_explains_and_findings_stand_by_server(build: Builder, visit: Open) -> None:
    olivia = make_person("olivia", Role.OWNER)
    with build.house("every-join-refusal", work=False) as house, visit(house, phone=True, dark=True) as visitor:
        operation = draft(house, olivia)
        examination.run(str(operation.pk))
        visitor.arrive(olivia).go(f"/operations/{operation.pk}/checks/")
        look(visitor, "checks-phone")
        cell = visitor.page.locator(".stops-here .cell-link").first
        cell.evaluate("cell => cell.scrollIntoView({block: 'center', inline: 'center'})")
        cell.tap()
        told = visitor.page.locator("#cell-explain")
        expect(told).to_be_visible()
        box = told.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        look(visitor, "checks-phone-cell")
