"""Which VMs of a dead server can run elsewhere, in which order, and why the others cannot."""

from collections.abc import Callable, Iterator

import pytest

from pools.forecast.restarts import Restart, restarts_of
from simulator.running import Simulation, running
from simulator.scenes.model import DiskSpec, HostSpec, PoolSpec, Scene, SrSpec, VmSpec
from simulator.xapi.rows import Row, add, first
from tests.pools.forecast.losing import read

FILER = SrSpec(name="Filer", shared=True, device_config={"server": "10.0.9.7", "serverpath": "/pool"})
NAMES = ("alpha", "beta", "gamma", "delta")


@pytest.fixture
def pool() -> Iterator[Simulation]:
    """Four VMs of 20 GiB on a server that dies, and one other server with 64 GiB."""
    disks = tuple((DiskSpec(name=f"{name} disk", size_gib=1, sr="Filer"),) for name in NAMES)
    vms = tuple(
        VmSpec(name=name, host="m1", power_state="Running", memory_mib=20 * 1024, disks=disk)
        for name, disk in zip(NAMES, disks, strict=True)
    )
    hosts = (HostSpec(name="m0", srs=(FILER,)), HostSpec(name="m1", memory_gib=128))
    with running(
        Scene(name="two", hosts=hosts, pools=(PoolSpec(name="P", master="m0", members=("m1",), vms=vms),))
    ) as sim:
        yield sim


def row(sim: Simulation, cls: str, **fields: object) -> Row:
    found = first(sim.host("m0").database, cls, **fields)
    assert found
    return found


def foretold(sim: Simulation, *chosen: str) -> list[Restart]:
    uuids = {row(sim, "VM", name_label=name).uuid for name in chosen}
    return list(restarts_of(read(sim.host("m0")), sim.host("m1").uuid, uuids or None))


def test_what_ha_is_to_restart_comes_first_then_the_vms_own_order(pool: Simulation) -> None:
    row(pool, "VM", name_label="delta").set(ha_restart_priority="restart")
    row(pool, "VM", name_label="gamma").set(ha_restart_priority="best-effort")
    row(pool, "VM", name_label="beta").set(order=1)
    assert [vm.name for vm in foretold(pool)] == ["delta", "gamma", "alpha", "beta"]


def test_those_that_come_later_find_no_memory_and_room_is_counted_for_the_chosen_alone(pool: Simulation) -> None:
    assert [(vm.name, vm.on, bool(vm.doubt)) for vm in foretold(pool)] == [
        ("alpha", "m0", False),
        ("beta", "m0", False),
        ("delta", "m0", False),
        ("gamma", "", True),
    ]
    assert not any(vm.doubt for vm in foretold(pool, "gamma"))


def on_its_own_disks(sim: Simulation) -> None:
    local = next(pbd.to("SR", "SR") for pbd in host_row(sim).all("PBDs", "PBD") if is_own(pbd))
    row(sim, "VDI", name_label="alpha disk").set(SR=local.ref)


def on_a_filer_of_its_own(sim: Simulation) -> None:
    """Nobody else is connected to it."""
    filer = row(sim, "SR", name_label="Filer")
    for pbd in filer.all("PBDs", "PBD"):
        if pbd.text("host") != host_row(sim).ref:
            pbd.database.delete("PBD", pbd.ref)


def on_a_network_of_its_own(sim: Simulation) -> None:
    network = add(host_row(sim).database, "network", name_label="Alone", bridge="xapi99")
    host_row(sim).all("PIFs", "PIF")[-1].set(network=network.ref)
    add(network.database, "VIF", VM=row(sim, "VM", name_label="alpha").ref, network=network.ref, device="0")


def with_nobody_at_work(sim: Simulation) -> None:
    row(sim, "host", name_label="m0").set(enabled=False)


def host_row(sim: Simulation) -> Row:
    return row(sim, "host", name_label="m1")


def is_own(pbd: Row) -> bool:
    return pbd.to("SR", "SR").text("type") in {"ext", "lvm"}


REASONS: dict[str, tuple[Callable[[Simulation], None], bool]] = {
    "alpha disk lies on the server’s own disks": (on_its_own_disks, True),
    "Only the dead server was connected to Filer (10.0.9.7:/pool)": (on_a_filer_of_its_own, False),
    "all of its storage and networks": (on_a_network_of_its_own, False),
    "No other server works": (with_nobody_at_work, False),
}


@pytest.mark.parametrize("reason", REASONS)
def test_a_vm_that_cannot_run_elsewhere_says_why_and_what_to_do(pool: Simulation, reason: str) -> None:
    spoil, lost = REASONS[reason]
    spoil(pool)
    alpha = next(vm for vm in foretold(pool) if vm.name == "alpha")
    assert reason in alpha.why_not
    assert (alpha.can_start, alpha.lost, alpha.on) == (False, lost, "")
