"""A member will not come back: what stays of it, and what it hears when it does (pool.md 3.7)."""

from collections.abc import Iterator

import pytest

from simulator.running import Simulation, running
from simulator.world.host import HostMachine
from simulator.xapi.rows import first, rows
from tests.simulator.pool.running_pool import is_master_of, local, pool_of
from tests.simulator.rpc import Rpc
from tests.simulator.waiting import until


@pytest.fixture
def pool() -> Iterator[Simulation]:
    with running("dead-member") as found:
        yield found


def test_a_host_that_is_declared_dead_stays_and_its_vms_are_free(pool: Simulation) -> None:
    master, _helper, dead = pool.hosts
    vm = first(master.database, "VM", name_label="archive")
    assert vm
    vm.set(power_state="Running", resident_on=dead.ref)
    Rpc(master).call("host.declare_dead", dead.ref)
    assert (vm.text("power_state"), vm.text("resident_on")) == ("Halted", "OpaqueRef:NULL")
    assert master.database.field("host", dead.ref, "enabled") is False
    Rpc(master).call("host.destroy", dead.ref)
    assert len(list(rows(master.database, "host"))) == 2


def forget(master: HostMachine, dead: HostMachine) -> None:
    """Its VMs are free first."""
    Rpc(master).call("host.declare_dead", dead.ref)
    Rpc(master).call("host.destroy", dead.ref)


def test_a_forgotten_host_leaves_its_disks_and_takes_its_processors(pool: Simulation) -> None:
    """SR and VDI stay without a PBD that works; the control domain and the CPUs go."""
    master, _helper, dead = pool.hosts
    assert pool_of(master).mapping("cpu_info")["cpu_count"] == "12"
    domains = len(list(rows(master.database, "VM", is_control_domain=True)))
    disk = first(master.database, "VDI", name_label="archive system")
    forget(master, dead)
    assert pool_of(master).mapping("cpu_info")["cpu_count"] == "8"
    assert len(list(rows(master.database, "VM", is_control_domain=True))) == domains - 1
    assert disk
    assert master.database.has("VDI", disk.ref)
    assert master.database.has("SR", disk.text("SR"))


def test_a_lost_host_record_means_unknown_to_master(pool: Simulation) -> None:
    """pool.md 2.5 [D], 3.7: nobody has told the server, and it stays in emergency mode."""
    master, _helper, dead = pool.hosts
    forget(master, dead)
    pool.world.power_on(dead)
    until(lambda: dead.emergency_error and dead.emergency_error.description == ["HOST_UNKNOWN_TO_MASTER", dead.uuid])
    assert dead.pool_conf == f"slave:{master.address}"
    assert not dead.settled


def test_a_forgotten_coordinator_finds_the_new_one_and_is_unknown_to_it() -> None:
    """pool.md 4.3, 3.7: it is of the same pool, and still follows."""
    with running("dead-coordinator") as pool:
        old, new, _other = pool.hosts
        local(new, "pool.emergency_transition_to_master")
        until(lambda: is_master_of(new))
        ref = new.database.by_uuid("host", old.uuid)
        until(lambda: not Rpc(new).record("host_metrics", Rpc(new).record("host", ref)["metrics"])["live"])
        Rpc(new).call("host.destroy", ref)
        pool.world.power_on(old)
        until(lambda: old.emergency_error and old.emergency_error.description == ["HOST_UNKNOWN_TO_MASTER", old.uuid])
