"""What is said of each loss: whose it is, what it changes, and where the rest finds a place."""

from collections.abc import Iterator

import pytest

from pools.checks.facts import ServerFacts
from pools.forecast.losses import Losses, OrphanKind, losses_of
from pools.operations.host_remove import rests_on
from simulator.running import running
from simulator.scenes.model import CpuSpec, HostSpec, PoolSpec, Scene, VmSpec
from simulator.xapi.rows import Row
from tests.pools.forecast.losing import eject, processor_level, read


@pytest.fixture(scope="module")
def busy() -> Iterator[Losses]:
    with running("busy-member") as sim:
        yield losses_of(read(sim.host("boss")), sim.host("busy").uuid)


def test_a_disk_says_whose_it_is_how_big_and_when_it_was_last_used(busy: Losses) -> None:
    disk = next(disk for disk in busy.destroyed if disk.name_label == "local disk")
    assert disk.virtual_size > 0
    assert [name for _, name in disk.vms] == ["local-disk"]
    assert disk.last_known == "in use now by local-disk"
    assert disk.movable


def test_what_finds_no_memory_elsewhere_is_named(busy: Losses) -> None:
    assert "much-memory" in busy.capacity.unplaced
    assert not busy.capacity.fits
    assert busy.capacity.tolerates_after == 0
    assert {server.name for server in busy.capacity.servers} == {"boss", "spare"}
    assert all(server.used_after <= server.total for server in busy.capacity.servers)


def test_what_changes_has_its_values_on_both_sides(busy: Losses) -> None:
    changed = {row.what: (row.before, row.after) for row in busy.changed}
    assert changed["Servers"] == ("3", "2")
    assert changed["Memory"] == ("320 GiB", "64 GiB")


def test_storage_that_the_last_but_one_shared_is_lost_with_the_last() -> None:
    """Who left before counts no more: what two of them shared goes with the second."""
    with running("busy-member") as sim:
        before, boss, spare = read(sim.host("boss")), sim.host("boss").uuid, sim.host("spare").uuid
        alone = losses_of(before, sim.host("busy").uuid, gone=(boss, spare))
    filer = next(row for row in alone.orphaned if row.kind is OrphanKind.STORAGE)
    assert (filer.name, filer.movable) == ("Filer", False)
    assert "stay on 10.0.9.8:/pool" in filer.reason
    assert "Filer" not in {disk.sr_name for disk in alone.destroyed}
    assert OrphanKind.DEFAULT_SR in {row.kind for row in alone.orphaned}


def test_what_a_plan_rests_on_is_lost_in_the_order_in_which_they_leave() -> None:
    """The coordinator is the last, wherever it was chosen: what all of them share goes with it."""
    with running("busy-member") as sim:
        boss, leaving = sim.host("boss"), [sim.host(name).uuid for name in ("boss", "busy", "spare")]
        said = rests_on(ServerFacts(uuid=boss.uuid, name_label="boss", address="", snapshot=read(boss)), leaving)
    assert "Filer" in said["lost with boss"]
    assert "Filer" not in said["lost with busy"] + said["lost with spare"]


def test_who_leaves_second_needs_room_for_the_vms_of_the_first_too() -> None:
    """One VM of 20 GiB fits the server of 40 GiB that stays; two do not."""
    vms = tuple(VmSpec(name=f"on {n}", host=n, power_state="Running", memory_mib=20 * 1024) for n in ("m1", "m2"))
    hosts = tuple(HostSpec(name=f"m{n}", memory_gib=40) for n in range(3))
    pools = (PoolSpec(name="P", master="m0", members=("m1", "m2"), vms=vms),)
    with running(Scene(name="three", hosts=hosts, pools=pools)) as sim:
        pool, first, second = read(sim.host("m0")), sim.host("m1").uuid, sim.host("m2").uuid
    assert losses_of(pool, first).capacity.fits
    assert losses_of(pool, second).capacity.fits
    assert len(losses_of(pool, second, gone=(first,)).capacity.unplaced) == 1


def test_the_weakest_and_least_licensed_server_takes_its_limits_with_it() -> None:
    """What is licensed is not called restricted: one flag says what is there, where all others say what is not."""
    hosts = (HostSpec(name="m0"), HostSpec(name="m1", cpu=CpuSpec(model="haswell"), edition="free"))
    with running(Scene(name="two", hosts=hosts, pools=(PoolSpec(name="P", master="m0", members=("m1",)),))) as sim:
        coordinator, leaver = sim.host("m0"), sim.host("m1")
        Row(coordinator.database, "pool", next(iter(coordinator.database.records("pool")))).set(
            restrictions={"enable_xha": "true", "restrict_rbac": "true"}
        )
        changed = {row.what: row for row in losses_of(read(coordinator), leaver.uuid).changed}
        assert changed["Editions"].note == "Restricted now: roles for users."
        assert "AVX-512" in changed["Processor level"].note
        level = processor_level(coordinator)
        eject(coordinator, leaver)
        assert processor_level(coordinator) != level
