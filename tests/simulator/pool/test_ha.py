"""High availability: what it writes, what it plans, and what it forbids (xapi_ha.ml, xapi_ha_vm_failover.ml)."""

from collections.abc import Iterator

import pytest

from simulator.running import Simulation, running
from simulator.world.host import HostMachine
from simulator.xapi.machines import host_row
from simulator.xapi.pool.ha_plan import breaks_plan
from simulator.xapi.rows import Row, first, rows
from tests.simulator.pool.running_pool import local, pool_of, settled_again
from tests.simulator.rpc import Rpc, XapiFailure
from tests.simulator.waiting import until


@pytest.fixture
def ha() -> Iterator[Simulation]:
    with running("ha-pool") as found:
        yield found


def coordinator(sim: Simulation) -> HostMachine:
    return sim.host("ha-coordinator")


def test_it_goes_off_and_on_again_and_cleans_up(ha: Simulation) -> None:
    master = coordinator(ha)
    rpc, pool = Rpc(master), pool_of(master)
    rpc.call("pool.disable_ha")
    assert (pool.flag("ha_enabled"), pool.items("ha_statefiles")) == (False, [])
    assert list(rows(master.database, "VDI", type="ha_statefile")) == []
    assert [machine.disk.ha_armed for machine in ha.hosts] == [False, False, False]
    assert [host.items("ha_network_peers") for host in rows(master.database, "host")] == [[], [], []]
    rpc.call("pool.enable_ha", [], {"timeout": "60"})
    (statefile,) = pool.items("ha_statefiles")
    assert Row(master.database, "VDI", statefile).to("SR", "SR").text("name_label") == "Heartbeat filer"
    assert pool.mapping("ha_configuration") == {"timeout": "60"}
    assert sorted(host_row(ha.hosts[0]).items("ha_network_peers")) == sorted(machine.uuid for machine in ha.hosts)
    assert all(machine.disk.ha_armed for machine in ha.hosts)


def test_a_host_that_cannot_arm_itself_undoes_it_all(ha: Simulation) -> None:
    master = coordinator(ha)
    Rpc(master).call("pool.disable_ha")
    ha.fault("drop_before", host="ha-2", method="pool.enable_ha")
    with pytest.raises(XapiFailure, match="CANNOT_CONTACT_HOST"):
        Rpc(master).call("pool.enable_ha", [], {})
    assert not pool_of(master).flag("ha_enabled")
    assert [machine.disk.ha_armed for machine in ha.hosts] == [False, False, False]
    assert list(rows(master.database, "VDI", type="redo_log")) == []


def test_a_host_that_was_off_disarms_itself_when_it_starts(ha: Simulation) -> None:
    master, member = coordinator(ha), ha.hosts[0]
    ha.world.power_off(member)
    Rpc(master).call("pool.disable_ha")
    assert member.disk.ha_armed
    ha.world.power_on(member)
    settled_again(ha, member)
    assert not member.disk.ha_armed


def test_an_armed_host_can_be_disarmed_in_an_emergency_once(ha: Simulation) -> None:
    member = ha.hosts[0]
    local(member, "host.emergency_ha_disable", False)
    assert not member.disk.ha_armed
    with pytest.raises(XapiFailure, match="HA_NOT_ENABLED"):
        local(member, "host.emergency_ha_disable", False)


def test_the_plan_counts_the_hosts_that_may_fail(ha: Simulation) -> None:
    """One VM of 16 GiB on hosts of 64: two of three may fail; with one of 50 GiB none may."""
    master = coordinator(ha)
    rpc = Rpc(master)
    assert rpc.call("pool.ha_compute_max_host_failures_to_tolerate") == 2
    vm = first(master.database, "VM", name_label="orders")
    assert vm
    hypothetical = "pool.ha_compute_hypothetical_max_host_failures_to_tolerate"
    assert rpc.call(hypothetical, {vm.ref: "restart"}) == 2
    plan = rpc.call("pool.ha_compute_vm_failover_plan", [master.ref], [])
    assert isinstance(plan, dict)
    assert plan[vm.ref]["host"] in {machine.ref for machine in ha.hosts[:2]}
    vm.set(memory_dynamic_max=100 * 1024**3)
    assert rpc.call("pool.ha_failover_plan_exists", 1) is False
    assert rpc.call(hypothetical, {vm.ref: "restart"}) == 0
    assert rpc.call(hypothetical, {vm.ref: "best-effort"}) == 2
    assert rpc.call("pool.ha_compute_vm_failover_plan", [master.ref], []) == {
        vm.ref: {"error_code": "HOST_NOT_ENOUGH_FREE_MEMORY"}
    }


def test_a_host_is_kept_in_use_while_the_plan_needs_it(ha: Simulation) -> None:
    """pool.md 5.1: unless overcommitting is allowed."""
    master = coordinator(ha)
    pool = pool_of(master)
    assert not breaks_plan(host_row(ha.hosts[0]))
    pool.set(ha_host_failures_to_tolerate=2)
    assert breaks_plan(host_row(ha.hosts[0]))
    pool.set(ha_allow_overcommit=True)
    assert not breaks_plan(host_row(ha.hosts[0]))


def test_only_a_vm_that_any_host_could_start_may_be_protected(ha: Simulation) -> None:
    master = coordinator(ha)
    vm = first(master.database, "VM", name_label="scratch")
    assert vm
    local_sr = next(rows(master.database, "SR", name_label="Local storage"))
    with pytest.raises(XapiFailure) as failure:
        Rpc(master).call("VM.set_ha_restart_priority", vm.ref, "always")
    assert failure.value.description == ["INVALID_VALUE", "ha_restart_priority", "always"]
    vm.set(memory_dynamic_max=100 * 1024**3)
    Rpc(master).call("VM.set_ha_restart_priority", vm.ref, "restart")
    until(lambda: pool_of(master).flag("ha_overcommitted"))
    Rpc(master).call("VM.set_ha_restart_priority", vm.ref, "")
    vm.all("VBDs", "VBD")[0].to("VDI", "VDI").set(SR=local_sr.ref)
    with pytest.raises(XapiFailure) as failure:
        Rpc(master).call("VM.set_ha_restart_priority", vm.ref, "restart")
    assert failure.value.description == ["HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED", local_sr.ref]
