"""Stretches of the way that several journeys share."""

from playwright.sync_api import expect

from pools.models import User
from tests.e2e.house import House
from tests.e2e.visitor import Visitor
from tests.fixtures.lab import connect_one


def connect_lab(visitor: Visitor, count: int) -> None:
    """Look at the lab's servers, confirm their certificates, add them."""
    visitor.go("/connect/")
    visitor.press("Look at the lab’s servers")
    visitor.see(f"{count} certificates to confirm", seconds=30)
    visitor.press("I have compared them")
    visitor.see(f"{count} servers ready", seconds=30)
    visitor.press("Add the ticked servers")
    visitor.see(f"{count} connected", seconds=30)
    visitor.press("Go to the estate")


def connected(house: House, visitor: Visitor, person: User) -> None:
    """Sign in, with every server connected already; the journey goes on at the estate."""
    visitor.arrive(person)
    for host in house.sim.hosts:
        connect_one(host, person)
    visitor.go("/estate/")


def create_pool(visitor: Visitor, name: str, count: int) -> None:
    """Answer the wizard's questions, from the estate to the plan."""
    page = visitor.page
    page.get_by_label("Select all servers").check()
    visitor.press("Create pool from selection")
    expect(page.get_by_text(f"{count} of {count} chosen")).to_be_visible()
    visitor.press("Continue")
    visitor.see("Recommended")
    visitor.press("Continue")
    visitor.see("servers fit together", seconds=30)
    visitor.press("Continue")
    page.wait_for_url("**/network/")
    visitor.press("Continue")
    page.get_by_label("Name", exact=True).fill(name)
    visitor.press("Continue")
    visitor.see("The same with xe", seconds=30)
