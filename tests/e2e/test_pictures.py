"""The pictures of the README, made anew with ``XENWEB_SCREENSHOTS=1 ./test tests/e2e/test_pictures.py``."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from pools.models import Role
from simulator.scenes.loader import load
from simulator.scenes.model import HostSpec
from tests.e2e.conftest import Open
from tests.e2e.house import Builder
from tests.e2e.journey import connect_lab, create_pool
from tests.e2e.visitor import Visitor
from tests.fixtures.people import make_person

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
WANTED = os.environ.get("XENWEB_SCREENSHOTS", "") not in {"", "0"}

pytestmark = pytest.mark.e2e


def picture(visitor: Visitor, name: str, folder: Path) -> None:
    """Keep what the browser shows; where the README's pictures are not wanted, only that it can be had."""
    path = (IMAGES if WANTED else folder) / f"{name}.png"
    visitor.page.screenshot(path=path)
    assert path.stat().st_size > 10_000


def test_the_plan_and_the_running_operation_are_worth_a_picture(build: Builder, visit: Open, tmp_path: Path) -> None:
    rack = replace(load("two-standalone"), hosts=tuple(HostSpec(name=f"fra-{n:02}") for n in range(1, 6)))
    with build.house(rack) as house:
        olivia = visit(house).arrive(make_person("olivia", Role.OWNER))
        connect_lab(olivia, len(house.sim.hosts))
        create_pool(olivia, "Frankfurt – production", len(house.sim.hosts))
        picture(olivia, "plan-light", tmp_path)
        house.sim.fault("delay", host=house.sim.hosts[2].name, method="Async.pool.join", seconds=4)
        olivia.press("Start now")
        olivia.see("Join", seconds=20)
        olivia.page.locator(".lane .badge", has_text="Done").first.wait_for(timeout=30_000)
        picture(olivia, "operation-light", tmp_path)


def test_the_grid_of_checks_is_worth_a_picture(build: Builder, visit: Open, tmp_path: Path) -> None:
    with build.house("practice-lab") as house:
        olivia = visit(house, dark=True).arrive(make_person("olivia", Role.OWNER))
        olivia.go("/connect/")
        olivia.press("Look at the lab’s servers")
        olivia.see("certificates to confirm", seconds=30)
        olivia.press("I have compared them")
        olivia.see("ready", seconds=30)
        olivia.press("Add the ticked servers")
        olivia.see("connected", seconds=30)
        olivia.press("Go to the estate")
        olivia.page.get_by_label("Select all servers").check()
        olivia.press("Create pool from selection")
        olivia.press("Continue")
        olivia.see("Recommended")
        olivia.press("Continue")
        olivia.page.locator("#pre-flight").wait_for(timeout=30_000)
        picture(olivia, "checks-dark", tmp_path)
