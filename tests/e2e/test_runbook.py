"""A network snapshot is taken in the browser, and its console runbook is printed on one sheet of paper."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from pools.models import NetworkSnapshot, Role
from pools.services import snapshots
from tests.e2e.conftest import Open
from tests.e2e.house import Builder
from tests.e2e.test_every_page import picture
from tests.fixtures.lab import connect_one
from tests.fixtures.people import make_person
from tests.pools.connected import server_of

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

A_PAGE = re.compile(rb"/Type\s*/Page\b")


def test_the_runbook_of_a_server_with_bonds_and_vlans_is_one_sheet(build: Builder, visit: Open, tmp_path: Path) -> None:
    with build.house("ibm-cloud", work=False) as house, visit(house) as otto:
        person = make_person("otto", Role.OWNER)
        pool = connect_one(house.sim.host("ibm-1"), person).pool
        otto.arrive(person).go(f"/servers/{server_of(house.sim.host('ibm-2')).pk}/")
        otto.press("Network snapshots")
        otto.press("Take a snapshot now")
        otto.see("Being read")
        snapshots.take_asked(pool.pk)
        otto.see("Complete")  # without a reload
        otto.go(f"/snapshots/{NetworkSnapshot.objects.get().pk}/")
        picture(otto.page, "snapshot ibm")
        otto.press("Console runbook")
        expect(otto.page.locator(".runbook-steps > li")).to_have_count(12)
        picture(otto.page, "runbook ibm")
        paper = otto.page.pdf(prefer_css_page_size=True)
        Path(os.environ.get("XENWEB_SCREENSHOTS", tmp_path), "runbook.pdf").write_bytes(paper)
        assert len(A_PAGE.findall(paper)) == 1
