"""The NIC panel as people see it: wide and on a phone, light and dark, with mismatches and without."""

import pytest
from playwright.sync_api import ViewportSize, expect

from pools.models import Role
from tests.e2e.conftest import Open
from tests.e2e.house import Builder
from tests.e2e.test_every_page import TOO_WIDE, faults, picture
from tests.e2e.visitor import WIDE
from tests.fixtures.joining import begin, museum_pieces
from tests.fixtures.people import make_person

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
TABLET: ViewportSize = {"width": 800, "height": 1100}
PIECES = ("m00-sound", "m15-cabling", "m16-no-card")


def test_two_servers_of_a_cloud_one_of_them_with_its_cards_in_another_order(build: Builder, visit: Open) -> None:
    with build.house("ibm-cloud", work=False) as house, visit(house) as olivia:
        found = begin(house.sim, make_person("olivia", Role.OWNER), "ibm-1", ["ibm-4", "ibm-5"])
        olivia.arrive(found.owner)
        olivia.go(found.path)
        assert not list(faults(olivia.page))
        picture(olivia.page, "network ibm-5")
        expect(olivia.page.get_by_role("heading", name="ibm-5 beside the coordinator")).to_be_visible()
        address = olivia.page.get_by_label("IP address of ibm-4 on Storage 1100")
        address.fill("10.110.0")
        olivia.page.get_by_role("button", name="ibm-4").click()
        expect(olivia.page.get_by_role("heading", name="ibm-4 beside the coordinator")).to_be_visible()
        expect(address).to_have_value("10.110.0")
        expect(olivia.page.get_by_label("Address of ibm-4 on Storage 1100 by")).to_have_value("Static")
        expect(olivia.page.get_by_text("Type an IPv4 address")).to_be_visible()
        assert not list(faults(olivia.page))
        olivia.go(f"{found.path}?server={found.servers['ibm-4'].uuid}")
        picture(olivia.page, "network ibm-4")


def test_pieces_of_the_museum(build: Builder, visit: Open) -> None:
    with build.house(museum_pieces(*PIECES), work=False) as house, visit(house) as olivia:
        found = begin(house.sim, make_person("olivia", Role.OWNER), "museum", PIECES)
        olivia.arrive(found.owner)
        for name in PIECES:
            olivia.page.set_viewport_size(WIDE)
            olivia.go(f"{found.path}?server={found.servers[name].uuid}")
            assert not list(faults(olivia.page)), name
            picture(olivia.page, f"network {name}")
            olivia.page.set_viewport_size(TABLET)
            assert not olivia.page.evaluate(TOO_WIDE), name
