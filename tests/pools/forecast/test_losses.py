"""The losses that are foretold are what the pool and the server really lose, no more and no less."""

from collections.abc import Iterator

import pytest

from pools.forecast.losses import Losses, OrphanKind, losses_of
from pools.xapi.gateway import WITH_DISKS, open_session
from pools.xapi.inventory import Snapshot
from pools.xapi.records import NULL
from simulator.running import Simulation, running
from simulator.scenes.model import CpuSpec, HostSpec, PoolSpec, Scene, VmSpec
from simulator.world.host import HostMachine
from simulator.xapi.rows import Row
from tests.pools.connected import reach
from tests.simulator.rpc import Rpc
from tests.simulator.waiting import until

GIB = 1024**3


def read(host: HostMachine) -> Snapshot:
    with open_session(*reach(host)) as xapi:
        return Snapshot.from_wire(xapi.snapshot(WITH_DISKS))


def eject(coordinator: HostMachine, leaver: HostMachine) -> None:
    """Halt what runs there, whatever it is busy with, and eject; wait until the pool has collected the rest."""
    rpc = Rpc(coordinator)
    ref = rpc.ref("host.get_by_uuid", leaver.uuid)
    for vm, row in coordinator.database.records("VM").items():
        if row["resident_on"] == ref and not row["is_control_domain"] and row["power_state"] != "Halted":
            Row(coordinator.database, "VM", vm).set(power_state="Halted", resident_on=NULL)
    rpc.call("pool.eject", ref)
    until(lambda: all(row["host"] != ref for row in coordinator.database.records("PBD").values()))
    until(lambda: leaver.up and leaver.role == "master" and leaver.database is not coordinator.database)


def uuids(rows: dict[str, dict[str, object]]) -> set[str]:
    return {str(row["uuid"]) for row in rows.values()}


@pytest.fixture(params=[("busy-member", "boss", "busy"), ("pool-of-four", "four-1", "four-3")], ids=lambda p: p[0])
def pool(request: pytest.FixtureRequest) -> Iterator[tuple[Simulation, HostMachine, HostMachine]]:
    scene, coordinator, leaver = request.param
    with running(scene) as sim:
        yield sim, sim.host(coordinator), sim.host(leaver)


def test_what_is_destroyed_is_what_the_pool_no_longer_has(pool: tuple[Simulation, HostMachine, HostMachine]) -> None:
    _, coordinator, leaver = pool
    before = read(coordinator)
    foretold = losses_of(before, leaver.uuid)
    removable = {vdi.uuid for vdi in before.vdis.values() if before.srs[vdi.SR].type == "udev"}
    eject(coordinator, leaver)
    gone = {vdi.uuid for vdi in before.vdis.values()} - uuids(coordinator.database.records("VDI")) - removable
    assert {disk.uuid for disk in foretold.destroyed} == gone
    left = coordinator.database.records("VM").values()
    without = {str(row["uuid"]) for row in left if lacks(before, coordinator, row)}
    said = {row.uuid for row in foretold.orphaned if row.kind in {OrphanKind.VM, OrphanKind.TEMPLATE}}
    assert said == without


def lacks(before: Snapshot, coordinator: HostMachine, vm: dict[str, object]) -> bool:
    """Whether a VM that had a disk has lost one."""
    old = next(each for each in before.vms.values() if each.uuid == vm["uuid"])
    had = {before.vdis[vbd.VDI].uuid for vbd in before.vbds.values() if old.ref == vbd.VM and vbd.VDI in before.vdis}
    return bool(had - uuids(coordinator.database.records("VDI"))) and not vm["is_control_domain"]


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
    assert ("Filer", OrphanKind.STORAGE) in {(row.name, row.kind) for row in alone.orphaned}
    assert OrphanKind.DEFAULT_SR in {row.kind for row in alone.orphaned}


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


def processor_level(coordinator: HostMachine) -> str:
    (pool,) = coordinator.database.records("pool").values()
    return str(pool["cpu_info"]["features_hvm_host"])  # type: ignore[index]
