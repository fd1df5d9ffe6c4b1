"""Four eyes: a junior prepares and asks, an administrator decides on a phone, both see it run."""

import pytest
from playwright.sync_api import expect

from pools.models import Operation, Role
from tests.e2e.conftest import Open
from tests.e2e.house import Builder, House
from tests.e2e.journey import connected, create_pool
from tests.e2e.visitor import Visitor
from tests.fixtures.people import make_person

pytestmark = pytest.mark.e2e


def ask(house: House, junior: Visitor) -> None:
    """The junior plans a pool of the lab's servers and asks for it to be run."""
    connected(house, junior, make_person("jun", Role.OPERATOR))
    create_pool(junior, "Web shop", 2)
    junior.page.get_by_label("A word for the approver").fill("For the new web shop.")
    junior.press("Ask for approval")
    junior.see("Waiting for an administrator")


def test_an_administrator_approves_on_a_phone_and_the_junior_sees_it_run(build: Builder, visit: Open) -> None:
    with (
        build.house("two-standalone") as house,
        visit(house) as junior,
        visit(house, phone=True, dark=True) as owner,
    ):
        ask(house, junior)
        owner.arrive(make_person("olivia", Role.OWNER))
        owner.go("/")
        owner.see("For the new web shop.")
        owner.press("Look and decide")
        owner.see("Async.pool.join")
        owner.press("Approve and start")
        junior.see("Done: XAPI says so itself", seconds=60)
        assert Operation.objects.get().approvals.get().approved is True


def test_a_refusal_reaches_the_junior_with_its_reason(build: Builder, visit: Open) -> None:
    with (
        build.house("two-standalone") as house,
        visit(house) as junior,
        visit(house, phone=True) as owner,
    ):
        ask(house, junior)
        owner.arrive(make_person("olivia", Role.OWNER))
        owner.go("/approvals/")
        owner.page.get_by_role("link", name="Web shop").first.click()
        owner.page.get_by_label("Note").fill("Not before Monday.")
        owner.press("Refuse")
        junior.see("Not before Monday.")
        junior.press("Make the plan again")
        expect(junior.page.get_by_role("button", name="Ask for approval")).to_be_visible(timeout=30_000)
        assert house.sim.calls("pool.join") == []
