"""The README's pictures: XENWEB_SCREENSHOTS=docs/images ./test tests/e2e/test_pictures.py."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from pools.models import Role
from simulator.scenes.model import HostSpec, Scene
from tests.e2e import gallery
from tests.e2e.conftest import Open
from tests.e2e.house import Builder
from tests.e2e.journey import connected, create_pool
from tests.e2e.visitor import Visitor

FOLDER = os.environ.get("XENWEB_SCREENSHOTS", "")
pytestmark = [pytest.mark.e2e, pytest.mark.skipif(not FOLDER, reason="pictures are taken on request")]


def picture(visitor: Visitor, name: str) -> None:
    """Take what one screen shows, without what only a pointer brings."""
    visitor.page.mouse.move(0, 0)
    visitor.page.screenshot(path=Path(FOLDER) / f"{name}.png")


def test_a_plan_and_its_run(build: Builder, visit: Open) -> None:
    with build.house("sixteen-standalone", lab=False, profile="fast") as house, visit(house) as olivia:
        connected(house, olivia, gallery.named("olivia", "Olivia Owens", Role.OWNER))
        create_pool(olivia, "Frankfurt – production", 16)
        picture(olivia, "plan-light")
        olivia.press("Start now")
        expect(olivia.page.locator(".lane").filter(has_text="xs-06").locator(".step-now")).to_be_visible(timeout=60_000)
        picture(olivia, "operation-light")


def test_the_checks(build: Builder, visit: Open) -> None:
    hosts = [HostSpec(name=f"rack1-{number:02}") for number in range(1, 7)]
    spoilt = [HostSpec(name=f"rack2-{place:02}", spoil=(rule,)) for place, rule in enumerate(SPOILT, start=1)]
    with (
        build.house(Scene(name="checks", hosts=(*hosts, *spoilt)), lab=False) as house,
        visit(house, dark=True) as olivia,
    ):
        connected(house, olivia, gallery.named("olivia", "Olivia Owens", Role.OWNER))
        olivia.page.get_by_label("Select all servers").check()
        olivia.press("Create pool from selection")
        olivia.press("Continue")
        olivia.page.locator(".choice").filter(has_text="rack1-01 127").click()
        olivia.press("Continue")
        olivia.see("Findings", seconds=60)
        picture(olivia, "checks-dark")


SPOILT = ("running-vm", "cpu-vendor", "shared-sr", "vlan", "updates", "bond")
