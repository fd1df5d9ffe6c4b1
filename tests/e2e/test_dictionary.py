"""The error dictionary while somebody types: subjects open for what is found, and close again."""

from playwright.sync_api import expect

from pools.models import Role
from simulator.scenes.loader import load
from tests.e2e.conftest import Open
from tests.e2e.house import Builder
from tests.e2e.test_every_page import picture
from tests.fixtures.people import make_person


def test_typing_finds_cards_in_closed_subjects_and_an_address_opens_one(build: Builder, visit: Open) -> None:
    with build.house(load("two-standalone"), work=False) as house, visit(house) as vera:
        vera.arrive(make_person("vera", Role.VIEWER))
        vera.go("/errors/")
        page = vera.page
        picture(page, "errors closed")
        slave = page.get_by_text("The server is a member of a pool", exact=True)
        expect(slave).not_to_be_visible()
        box = page.get_by_placeholder("Find a code or a word")
        box.fill("host_is_slave")
        expect(slave).to_be_visible()
        expect(page.locator("details.dictionary:visible")).to_have_count(1)
        picture(page, "errors found")
        box.fill("zzzz")
        expect(page.get_by_text("No code matches. Try a shorter word.")).to_be_visible()
        box.fill("")
        expect(slave).not_to_be_visible()
        vera.go("/errors/#HOST_IS_SLAVE")
        expect(page.locator("#HOST_IS_SLAVE")).to_be_visible()
