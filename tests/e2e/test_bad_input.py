"""What people type wrongly, and what a hostile server calls itself."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from pools.models import Operation, Role, Server
from tests.e2e.conftest import Open
from tests.e2e.house import Builder
from tests.e2e.journey import connected, create_pool
from tests.e2e.visitor import Visitor
from tests.fixtures.people import make_person
from tests.pools.xapi.hostile import hostile, reply, saying

pytestmark = pytest.mark.e2e

MARKUP = "<img src=x onerror=alert(1)>\"'&{{ 7 }}"
BACKWARDS = "safe\u202egnp.exe"
NOBODY = "127.250.0.1"


def row(visitor: Visitor, address: str) -> Locator:
    return visitor.page.locator("#probes tbody tr").filter(has_text=address)


def test_each_wrong_address_says_what_is_wrong_and_the_right_one_is_added(
    build: Builder, visit: Open, tmp_path: Path
) -> None:
    with (
        hostile(tmp_path, saying(reply(b"<h1>Welcome to the printer</h1>", kind="text/html"))) as printer,
        build.house("two-standalone", lab=False, ports=[printer.endpoint.port]) as house,
        visit(house) as olivia,
    ):
        good, stuck = house.sim.hosts
        house.sim.fault("hang", host=stuck.name, method="session.*", times=None)
        wrong = {
            f"{stuck.address}:{stuck.port}": "The server did not answer in time",
            f"{NOBODY}:{good.port}": "The server cannot be reached",
            f"192.0.2.7:{good.port}": "xenweb may not connect to this address",
            f"127.0.0.1:{printer.endpoint.port}": "What answers there is not XenServer or XCP-ng",
            f"{good.address}:81": "xenweb may not connect to this port",
        }
        olivia.arrive(make_person("olivia", Role.OWNER))
        look_at(olivia, [*wrong, f"{good.address}:{good.port}"], good.password)
        for address, words in wrong.items():
            expect(row(olivia, address.partition(":")[0]).filter(has_text=words)).to_be_visible(timeout=30_000)
        olivia.press("Add the ticked servers")
        olivia.see("1 connected", seconds=30)
        house.sim.world.faults.clear()
        row(olivia, stuck.address).get_by_role("button", name="Look again").click()
        expect(row(olivia, stuck.address)).to_contain_text("Ready to add", timeout=30_000)


def look_at(visitor: Visitor, lines: list[str], password: str) -> None:
    """Paste addresses with one login, and trust what shows a certificate."""
    visitor.go("/connect/")
    visitor.page.get_by_label("Servers", exact=True).fill("\n".join(lines))
    visitor.page.get_by_label("Password").fill(password)
    visitor.press("Look at these servers")
    visitor.see("3 certificates to confirm", seconds=30)
    visitor.press("I have compared them")


def test_a_wrong_password_is_said_and_what_was_typed_stays(build: Builder, visit: Open) -> None:
    with build.house("two-standalone", lab=False) as house, visit(house) as olivia:
        olivia.arrive(make_person("olivia", Role.OWNER))
        host = house.sim.hosts[0]
        olivia.go("/connect/")
        olivia.page.get_by_label("Servers", exact=True).fill(f"{host.address}:{host.port}\nhttps://wrong/path?")
        olivia.page.get_by_label("Password").fill("not it")
        olivia.press("Look at these servers")
        olivia.see("Line 2 does not begin with an address")
        box = olivia.page.get_by_label("Servers", exact=True)
        expect(box).to_have_value(f"{host.address}:{host.port}\nhttps://wrong/path?")
        box.fill(f"{host.address}:{host.port}")
        olivia.page.get_by_label("Password").fill("not it")
        olivia.press("Look at these servers")
        olivia.see("1 certificate to confirm", seconds=30)
        olivia.press("I have compared them")
        olivia.see("Wrong user name or password", seconds=30)
        assert not Server.objects.exists()


def test_hostile_names_are_only_text(build: Builder, visit: Open) -> None:
    with build.house("two-standalone") as house, visit(house) as olivia:
        for host in house.sim.hosts:
            ref = next(iter(host.database.records("host")))
            host.database.set("host", ref, name_label=f"{MARKUP} {host.name}")
        connected(house, olivia, make_person("olivia", Role.OWNER))
        olivia.see(MARKUP)
        create_pool(olivia, MARKUP, 2)
        olivia.press("Start now")
        olivia.see("Done: XAPI says so itself", seconds=60)
        olivia.press("Open the pool")
        olivia.heading(MARKUP)
        for path in ("/", "/estate/", "/operations/", "/audit/", "/lab/"):
            olivia.go(path)
            expect(olivia.page.get_by_role("main")).to_contain_text(MARKUP)


def test_a_name_that_is_too_long_or_invisible_is_refused_and_kept(build: Builder, visit: Open) -> None:
    with build.house("two-standalone") as house, visit(house) as olivia:
        connected(house, olivia, make_person("olivia", Role.OWNER))
        create_pool(olivia, "One", 2)
        olivia.press("Back")
        name = olivia.page.get_by_label("Name", exact=True)
        for text, words in (("x" * 10_000, "at most 255 characters"), (BACKWARDS, "invisible or control characters")):
            name.evaluate("(input, text) => { input.removeAttribute('maxlength'); input.value = text; }", text)
            olivia.press("Continue")
            olivia.see(words)
            expect(name).to_have_value(text)
        assert Operation.objects.get().draft["name"] == "One"
