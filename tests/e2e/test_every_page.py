"""Every page: no accessibility violation in light and dark, nothing wider than a small phone, nothing refused."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, ViewportSize

from pools import inventories
from pools.models import Server, Team
from tests.access_matrix import MATRIX
from tests.e2e import gallery, gallery_cleaning, gallery_silence, gallery_snapshots
from tests.e2e.conftest import Open
from tests.e2e.gallery import Gallery
from tests.e2e.house import Builder
from tests.e2e.visitor import PHONE, WIDE, Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
NO_PAGES = {"mfa_totp_qr", "healthz", "readyz", "operation_stream", "operation_buttons", "operation_xe"}
NO_PAGES |= {"snapshot_json", "snapshot_xe", "host_remove_server", "fix_return", "plan_watch", "audit_export"}
NO_PAGES |= {"pool_network_csv", "wizard_checks_csv"}
NARROW: ViewportSize = {"width": 360, "height": 740}
SETTLED = """() => Promise.allSettled(
  document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished)
)"""
TOO_WIDE = """() => {
  const page = document.scrollingElement;
  if (page.scrollWidth <= page.clientWidth) return [];
  const sticksOut = (element) => element.getBoundingClientRect().right > page.clientWidth + 1;
  const wide = [...document.querySelectorAll("main *")].filter(sticksOut);
  return [`${page.scrollWidth} of ${page.clientWidth}`, ...wide.slice(0, 5).map(e => e.outerHTML.slice(0, 160))];
}"""


def pages(shown: Gallery) -> Iterator[tuple[str, str]]:
    """Name every page there is, with an object that has something to show."""
    plain = ("home", "errors", "lab", "components", "connect", "estate", "operations")
    begins = ("pool_create", "host_add_pool", "drafts")
    people = ("people", "person_add", "team_add", "approvals", "audit")
    account = ("account_logout", "account_change_password", "mfa_index", "mfa_activate_totp", "usersessions_list")
    for name in (*plain, *begins, *people, *account):
        yield name, reverse(name)
    for code in ("HOSTS_NOT_HOMOGENEOUS", "NOBODY_KNOWS_THIS"):
        yield f"error {code}", reverse("error", args=[code])
    yield "connect_batch", reverse("connect_batch", args=[shown.probes[0].batch])
    yield "approval", reverse("approval", args=[shown.approval.pk])
    yield "person", reverse("person", args=[shown.junior.pk])
    yield "team", reverse("team", args=[Team.objects.get().pk])
    yield from estate_pages(shown)
    yield from operation_pages(shown)
    yield from gallery_snapshots.pages()
    yield from gallery_silence.pages()
    yield from gallery_cleaning.pages()


def estate_pages(shown: Gallery) -> Iterator[tuple[str, str]]:
    office = next(server for server in shown.lab.servers if server.name_label == "office-1")
    for name in ("pool", "pool_login", "pool_disconnect", "host_add", "host_remove"):
        yield name, reverse(name, args=[office.pool_id])
    matrix = reverse("pool_network", args=[office.pool_id])
    yield "pool_network", matrix
    yield "pool_network cell", f"{matrix}?server={office.uuid}&network={network_of(office)}#panel"
    yield "pool_network nics", f"{matrix}?by=nics&problems=on"
    for name in ("server", "server_certificate"):
        yield name, reverse(name, args=[office.pk])
    yield "server standalone", reverse("server", args=[gallery.chosen(shown.lab, "bonded")[0].pk])


def network_of(server: Server) -> str:
    """The uuid of a network that its pool has."""
    snapshot = inventories.snapshot_of(server.pool)
    return next(iter(snapshot.networks.values())).uuid


def operation_pages(shown: Gallery) -> Iterator[tuple[str, str]]:
    drafts = shown.drafts
    for name in ("servers", "coordinator", "checks", "network", "name"):
        yield f"wizard_{name}", reverse(f"wizard_{name}", args=[drafts["examined"].pk])
    for state in ("fine", "refused", "stale"):
        yield f"wizard_plan {state}", reverse("wizard_plan", args=[drafts[state].pk])
    forced = drafts["forced"]
    yield "wizard_force", reverse("wizard_force", args=[forced.pk, forced.servers.get(name_label="pavo-2").uuid])
    yield "wizard_checks forced", reverse("wizard_checks", args=[forced.pk])
    yield "wizard_plan forced", reverse("wizard_plan", args=[forced.pk])
    for page in ("servers", "checks", "network", "plan"):
        yield f"wizard_{page} growing", reverse(f"wizard_{page}", args=[drafts["growing"].pk])
    yield "wizard_checks growing blocked", reverse("wizard_checks", args=[drafts["blocked"].pk])
    yield "wizard_checks fine", reverse("wizard_checks", args=[drafts["fine"].pk])
    for page in ("leaving", "losses", "return"):
        yield f"wizard_{page}", reverse(f"wizard_{page}", args=[drafts["left"].pk])
    yield "wizard_losses undecided", f"{reverse('wizard_losses', args=[drafts['leaving'].pk])}?open=1"
    yield "wizard_losses crowded", reverse("wizard_losses", args=[drafts["crowded"].pk])
    crowded = drafts["crowded"].draft["servers"]
    yield "fix guests", reverse("fix", args=[drafts["crowded"].pk, "guests", crowded[0]])
    yield "wizard_plan leaving", reverse("wizard_plan", args=[drafts["left"].pk])
    fix, examined = drafts["fix"], drafts["examined"]
    yield "wizard_fix", reverse("wizard_fix", args=[fix.pk])
    yield "wizard_plan fix", reverse("wizard_plan", args=[fix.pk])
    yield "fix vms", reverse("fix", args=[examined.pk, "vms", examined.servers.get(name_label__startswith="web").uuid])
    for state, operation in shown.ran.items():
        yield f"operation {state}", reverse("operation", args=[operation.pk])
    yield "operation awaiting", reverse("operation", args=[shown.approval.operation_id])
    yield "operation_journal", reverse("operation_journal", args=[shown.ran["done"].pk])
    yield "404", "/nowhere/"


def faults(page: Page) -> Iterator[str]:
    """Ask axe in both themes, then look for what sticks out of a small phone."""
    page.emulate_media(color_scheme="light")
    yield from violations(page)
    page.emulate_media(color_scheme="dark")
    yield from violations(page, runOnly=["color-contrast"])  # nothing else depends on the theme
    page.set_viewport_size(NARROW)
    yield from page.evaluate(TOO_WIDE)
    page.set_viewport_size(WIDE)


def violations(page: Page, **options: object) -> Iterator[str]:
    page.evaluate(SETTLED)
    for violation in Axe().run(page, options=options).response["violations"]:
        nodes = "; ".join(node["html"][:160] for node in violation["nodes"][:3])
        yield f"{violation['id']} ({len(violation['nodes'])}): {nodes}"


def picture(page: Page, name: str) -> None:
    """Keep what the page looks like, when somebody wants to see (XENWEB_SCREENSHOTS=a directory)."""
    folder = os.environ.get("XENWEB_SCREENSHOTS", "")
    if not folder:
        return
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            page.evaluate(SETTLED)
            page.screenshot(path=Path(folder) / f"{name.replace(' ', '-')}-{theme}-{size['width']}.png", full_page=True)
    page.set_viewport_size(WIDE)


def look(visitor: Visitor, name: str, path: str) -> list[str]:
    visitor.go(path)
    visitor.page.wait_for_load_state()
    found = [f"{name}: {fault}" for fault in faults(visitor.page)]
    picture(visitor.page, name)
    return found


def test_no_page_has_a_fault(build: Builder, visit: Open) -> None:
    with (
        build.house(gallery.scene(), work=False) as house,
        visit(house) as olivia,
        visit(house) as stranger,
    ):
        shown = gallery.make(house.sim)
        olivia.arrive(shown.lab.owner)
        everything = dict(pages(shown))
        found = [fault for name, path in everything.items() for fault in look(olivia, name, path)]
        found += look(stranger, "account_login", reverse("account_login"))
        assert not found, "\n".join(found)
    seen = {name.split()[0] for name in everything}
    assert {line.name for line in MATRIX if "GET" in line.methods} - NO_PAGES - seen == set()
