"""Servers that do not answer, in the browser: a dead member is forgotten, a dead coordinator is replaced."""

from dataclasses import replace

import pytest

from pools import inventories
from pools.models import Pool, Role, Server
from simulator.scenes.loader import load
from simulator.scenes.model import Scene
from tests.e2e.conftest import Open
from tests.e2e.house import Builder, House
from tests.e2e.test_every_page import faults, picture
from tests.e2e.visitor import Visitor
from tests.fixtures.lab import connect_one
from tests.fixtures.people import PASSWORD, make_person
from tests.pools.connected import server_of

pytestmark = pytest.mark.e2e


def all_on(name: str) -> Scene:
    """The scene before the power went: a pool is known to xenweb before one of its servers dies."""
    scene = load(name)
    return replace(scene, hosts=tuple(replace(host, powered=True) for host in scene.hosts))


def at_the_server(house: House, visitor: Visitor, name: str) -> None:
    """Sign in, with the pool connected, and open the page of the server that is silent."""
    person = make_person("olivia", Role.OWNER)
    pool = connect_one(house.sim.host("coordinator"), person).pool
    if name == "coordinator":
        house.sim.world.power_off(house.sim.host(name))
        inventories.refresh(pool)  # as every minute
    visitor.arrive(person)
    visitor.go(f"/servers/{server_of(house.sim.host(name)).pk}/")


def start(visitor: Visitor) -> None:
    """The plan, then proof of who starts it."""
    visitor.see("Start now", seconds=30)
    visitor.press("Start now")
    visitor.page.locator("input[type=password]").fill(PASSWORD)
    visitor.press("Confirm")
    visitor.press("Start now")


def test_a_dead_member_is_forgotten_and_its_vms_run_elsewhere(build: Builder, visit: Open) -> None:
    with build.house("dead-member", lab=False) as house, visit(house) as olivia:
        at_the_server(house, olivia, "dead")
        olivia.press("It does not answer")
        olivia.see("Not heard by the pool", seconds=30)
        picture(olivia.page, "journey dead-member evidence")
        assert not list(faults(olivia.page))
        olivia.page.get_by_label("to state that it is dead").fill("dead")
        olivia.page.get_by_label("The pool forgets it").check()
        olivia.press("Continue")
        olivia.see("Forget")
        picture(olivia.page, "journey dead-member plan")
        start(olivia)
        olivia.see("Succeeded", seconds=60)
        picture(olivia.page, "journey dead-member done")
        rows = house.sim.host("coordinator").database.records("VM").values()
        running = {row["name_label"] for row in rows if row["power_state"] == "Running"}
        assert {"web", "ledger"} <= running, house.log
        assert not Server.objects.filter(name_label="dead", pool__name_label="Pool").exists()


def test_a_members_word_and_a_typed_name_replace_a_dead_coordinator(build: Builder, visit: Open) -> None:
    with build.house(all_on("dead-coordinator"), lab=False) as house, visit(house) as olivia:
        at_the_server(house, olivia, "coordinator")
        olivia.press("It does not answer")
        olivia.see("Names as coordinator", seconds=40)
        assert not olivia.page.get_by_text("there is no plan before the pool answers").count()
        picture(olivia.page, "journey dead-coordinator evidence")
        olivia.page.get_by_label("Who takes the pool over").select_option(label="helper-1")
        olivia.page.get_by_label("to state that it is dead").fill("coordinator")
        olivia.press("Continue")
        start(olivia)
        olivia.see("Succeeded", seconds=60)
        picture(olivia.page, "journey dead-coordinator done")
        assert house.sim.host("helper-1").role == "master"
        assert Pool.objects.get(name_label="Pool").coordinator == server_of(house.sim.host("helper-1"))
