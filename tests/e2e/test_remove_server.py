"""A member leaves its pool in the browser: losses decided, its name typed, its return followed to the end."""

import pytest
from playwright.sync_api import expect

from pools.models import Role, Server
from simulator.scenes.model import DiskSpec, HostSpec, PoolSpec, Scene, SrSpec, VmSpec
from tests.e2e.conftest import Open
from tests.e2e.house import Builder, House
from tests.e2e.visitor import Visitor
from tests.fixtures.lab import connect_one
from tests.fixtures.people import PASSWORD, make_person

pytestmark = pytest.mark.e2e

FILER = SrSpec(
    name="Filer", type="nfs", shared=True, size_gib=4000, device_config={"server": "10.0.9.8", "serverpath": "/p"}
)
VMS = (
    VmSpec(name="web", host="store-2", power_state="Running", disks=(DiskSpec(name="web disk", sr="Filer"),)),
    VmSpec(name="old shop", host="store-2", disks=(DiskSpec(name="shop disk"),)),
)
SCENE = Scene(
    name="busy-enough",
    hosts=(HostSpec(name="store-1", srs=(FILER,)), HostSpec(name="store-2"), HostSpec(name="store-3")),
    pools=(PoolSpec(name="Store", master="store-1", members=("store-2", "store-3"), default_sr="Filer", vms=VMS),),
)


def at_the_server(house: House, visitor: Visitor) -> None:
    """Sign in, with the pool connected, and open the page of the server that is to leave."""
    person = make_person("olivia", Role.OWNER)
    visitor.arrive(person)
    connect_one(house.sim.host("store-1"), person)
    visitor.go(f"/servers/{Server.objects.get(name_label='store-2').pk}/")


def decide(visitor: Visitor) -> None:
    """Export one disk by hand, and accept the rest with the words that are asked for."""
    page = visitor.page
    page.get_by_label("What becomes of shop disk").select_option("export")
    for table in ("orphaned", "changed"):
        page.locator(f"#accept-{table}").fill(f"accept all {table}")
    visitor.press("Continue")
    visitor.see("comes back as")
    visitor.press("Continue")
    visitor.see("Until here it can be stopped", seconds=30)


def confirm(visitor: Visitor) -> None:
    """Type the server's name, say that the export is done, and sign in once more: what was typed is kept."""
    page = visitor.page
    page.get_by_label("Type store-2").fill("store-2")
    page.get_by_label("I have exported the 1 row").check()
    visitor.press("Start now")
    page.locator("input[type=password]").fill(PASSWORD)
    visitor.press("Confirm")
    expect(page.get_by_label("Type store-2")).to_have_value("store-2")
    visitor.press("Start now")


def test_a_member_is_removed_from_its_page_to_a_pool_of_its_own(build: Builder, visit: Open) -> None:
    with build.house(SCENE, lab=False) as house, visit(house) as olivia:
        at_the_server(house, olivia)
        olivia.press("Remove from pool")
        olivia.heading("Remove servers from Store")
        olivia.see("shop disk", seconds=30)
        decide(olivia)
        confirm(olivia)
        olivia.see("store-2 is a pool of its own", seconds=60)
        olivia.see("Past the point of no return")
        olivia.press("Open its page")
        olivia.heading("store-2")
        sent = [call for call in house.sim.calls("pool.eject") if call.transport != "internal"]
        assert len(sent) == 1, house.log
