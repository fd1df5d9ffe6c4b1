"""What people do who remove a server in the browser: from its page, over what is lost, to the typed name."""

from pools.models import Role
from tests.e2e.house import House
from tests.e2e.test_every_page import faults, picture
from tests.e2e.visitor import Visitor
from tests.fixtures.lab import connect_one
from tests.fixtures.people import PASSWORD, make_person
from tests.pools.connected import server_of

TABLES = ("destroyed", "orphaned", "changed")


def at_the_server(house: House, visitor: Visitor, coordinator: str, name: str) -> None:
    """Sign in, with the pool connected, and open the page of the server that is to leave."""
    person = make_person("olivia", Role.OWNER)
    visitor.arrive(person)
    connect_one(house.sim.host(coordinator), person)
    visitor.go(f"/servers/{server_of(house.sim.host(name)).pk}/")


def accept_all(visitor: Visitor, scene: str) -> None:
    """Type the words under every table that wants a decision."""
    visitor.press("Remove from pool")
    visitor.see("Orphaned", seconds=30)
    seen(visitor, f"{scene} losses")
    for table in TABLES:
        field = visitor.page.locator(f"#accept-{table}")
        if field.count():
            field.fill(f"accept all {table}")
    visitor.press("Continue")
    visitor.see("comes back as")
    seen(visitor, f"{scene} return")


def start(visitor: Visitor, name: str, scene: str) -> None:
    """Type the server's name, and prove who starts it."""
    visitor.press("Continue")
    visitor.see("Until here it can be stopped", seconds=30)
    seen(visitor, f"{scene} plan")
    visitor.page.get_by_label(f"Type {name}").fill(name)
    visitor.press("Start now")
    visitor.page.locator("input[type=password]").fill(PASSWORD)
    visitor.press("Confirm")
    visitor.press("Start now")


def seen(visitor: Visitor, name: str) -> None:
    """No page on the way has a fault; what it looks like is kept on request."""
    assert not list(faults(visitor.page)), name
    picture(visitor.page, f"journey {name}")
