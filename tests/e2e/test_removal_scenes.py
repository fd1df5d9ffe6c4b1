"""Servers leave the pools of the scenes, in the browser: with HA on, through ports that want LACP, out of the cloud."""

import pytest
from playwright.sync_api import expect

from pools import archive
from pools.models import NetworkSnapshot
from pools.snapshots.build import snapshot_of
from pools.snapshots.data import NetworkData
from pools.snapshots.diff import difference
from pools.snapshots.runbook import runbook_of
from tests.e2e.conftest import Open
from tests.e2e.house import Builder
from tests.e2e.leaving import accept_all, at_the_server, seen, start
from tests.e2e.test_every_page import picture
from tests.pools.forecast.parity import read
from tests.pools.snapshots.ejecting import Ejected
from tests.pools.snapshots.typing_in import type_in

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def saved_of(name: str) -> NetworkData:
    """The network that the removal saved."""
    return archive.data_of(NetworkSnapshot.objects.get(server_name=name, operation__kind="host_remove"))


def test_with_high_availability_on_it_is_switched_off_and_on_again(build: Builder, visit: Open) -> None:
    with build.house("ha-pool", lab=False) as house, visit(house) as olivia:
        at_the_server(house, olivia, "ha-coordinator", "ha-2")
        accept_all(olivia, "ha-pool")
        olivia.page.get_by_label("Switch it off for the removal").check()
        start(olivia, "ha-2", "ha-pool")
        olivia.see("ha-2 is a pool of its own", seconds=60)
        seen(olivia, "ha-pool done")
        (pool,) = house.sim.host("ha-coordinator").database.records("pool").values()
        assert pool["ha_enabled"] is True


def test_a_port_that_wants_lacp_is_warned_of_and_the_runbook_brings_the_server_back(
    build: Builder, visit: Open
) -> None:
    with build.house("lacp-only-switch", lab=False, patience=2) as house, visit(house) as olivia:
        at_the_server(house, olivia, "lacp-1", "lacp-2")
        accept_all(olivia, "lacp-only")
        olivia.see("LACP")
        start(olivia, "lacp-2", "lacp-only")
        olivia.see("It has another address…", seconds=90)
        seen(olivia, "lacp-only open")
        saved = saved_of("lacp-2")
        olivia.press("Console runbook")
        olivia.see("bond-create")
        leaver = house.sim.host("lacp-2")
        type_in(Ejected(sim=house.sim, leaver=leaver, saved=saved, foretold=None), runbook_of(saved))  # type: ignore[arg-type]
        olivia.page.go_back()
        olivia.press("Check and try again")
        olivia.see("lacp-2 is a pool of its own", seconds=60)
        picture(olivia.page, "journey lacp-only done")
        assert len([call for call in house.sim.calls("pool.eject") if call.host == "lacp-1"]) == 1


def test_a_server_of_the_cloud_gets_its_network_back_item_by_item(build: Builder, visit: Open) -> None:
    with build.house("ibm-cloud", lab=False) as house, visit(house) as olivia:
        at_the_server(house, olivia, "ibm-1", "ibm-2")
        accept_all(olivia, "ibm-cloud")
        start(olivia, "ibm-2", "ibm-cloud")
        olivia.see("ibm-2 is a pool of its own", seconds=60)
        olivia.press("Choose what to rebuild")
        olivia.see("Private bond")
        olivia.press("Continue")
        olivia.see("Make the bond again", seconds=30)
        olivia.press("Start now")
        expect(olivia.page.get_by_text("Succeeded").first).to_be_visible(timeout=60_000)
        seen(olivia, "ibm-cloud rebuilt")
        leaver, saved = house.sim.host("ibm-2"), saved_of("ibm-2")
        assert difference(saved, snapshot_of(read(leaver), leaver.uuid)) == ()
