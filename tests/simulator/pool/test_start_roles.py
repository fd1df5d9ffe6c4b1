"""What every start does to a host, whatever its role (pool.md 2.5, 4.1, 4.3, 5.6; network.md R7)."""

from collections.abc import Iterator

import pytest

from simulator.running import Simulation, running
from simulator.xapi.machines import host_row, pool_row
from simulator.xapi.pool import startup
from simulator.xapi.rows import first, rows
from tests.simulator.pool.joining import refusal
from tests.simulator.pool.running_pool import settled_again
from tests.simulator.rpc import Rpc
from tests.simulator.waiting import until


@pytest.fixture
def dead() -> Iterator[Simulation]:
    with running("dead-coordinator") as found:
        yield found


def test_every_start_disables_the_host_until_its_end(sim: Simulation, monkeypatch: pytest.MonkeyPatch) -> None:
    """network.md R7: also that of a master."""
    host, seen = sim.hosts[0], []
    look = startup.Step("look", lambda machine, _pause: seen.append(host_row(machine).flag("enabled")))
    monkeypatch.setattr(startup, "MASTER_STEPS", (*startup.MASTER_STEPS[:-1], look, startup.MASTER_STEPS[-1]))
    settled_again(sim, host)
    assert seen == [False]
    assert host_row(host).flag("enabled")


def test_a_host_that_prepared_a_reboot_is_enabled_only_by_a_boot(sim: Simulation) -> None:
    """pool.md 5.4: HOST_DISABLED_UNTIL_REBOOT."""
    host = sim.hosts[0]
    host.disk.disabled_until_reboot = True
    settled_again(sim, host)
    assert not host_row(host).flag("enabled")
    settled_again(sim, host, "reboot")
    assert host_row(host).flag("enabled")


def test_a_start_does_what_guidance_asked_for_and_a_boot_more(sim: Simulation) -> None:
    """pool.md 5.6."""
    host = sim.hosts[0]
    asked = ["restart_toolstack", "reboot_host", "reboot_host_on_livepatch_failure", "restart_vm"]
    host_row(host).set(pending_guidances_full=asked)
    settled_again(sim, host)
    assert host_row(host).items("pending_guidances_full") == asked[1:]
    settled_again(sim, host, "reboot")
    assert host_row(host).items("pending_guidances_full") == ["restart_vm"]


def test_vms_are_lost_by_a_boot_and_kept_by_a_restart() -> None:
    with running("practice-lab") as sim:
        host = sim.host("web-01")
        vm = first(host.database, "VM", name_label="intranet")
        assert vm
        settled_again(sim, host)
        assert vm.text("power_state") == "Running"
        settled_again(sim, host, "reboot")
        assert (vm.text("power_state"), vm.text("resident_on")) == ("Halted", "OpaqueRef:NULL")


def test_a_former_master_becomes_the_slave_of_the_one_it_finds(dead: Simulation) -> None:
    """pool.md 4.1, 4.3: check_no_other_masters; the new one has written pool.master and told of it."""
    old, new, _other = dead.hosts
    new.pool_conf = "master"
    settled_again(dead, new)
    assert pool_row(new).text("master") == new.ref
    (message,) = rows(new.database, "message", name="POOL_MASTER_TRANSITION")
    assert (message.text("cls"), message.text("obj_uuid")) == ("Host", new.uuid)
    dead.world.power_on(old)
    until(lambda: old.role == f"slave:{new.address}" and old.settled)
    assert old.database is new.database
    assert Rpc(new).record("host", old.ref)["enabled"] is True


def test_a_new_master_ignores_the_old_one_that_still_acts() -> None:
    """pool.md 4.3: two masters, until the old one restarts."""
    with running("dead-member") as pool:
        old, new, _dead = pool.hosts
        new.pool_conf = "master"
        settled_again(pool, new)
        assert (new.role, old.role) == ("master", "master")
        assert new.database is not old.database
        settled_again(pool, old)
        assert old.role == f"slave:{new.address}"


def test_a_forced_join_starts_a_rolling_upgrade(sim: Simulation) -> None:
    """pool.md 8 [D]: hosts that differ in version."""
    joiner, master = sim.hosts
    joiner.software["xapi_build"] = "26.16.0"
    host_row(joiner).set(software_version=dict(joiner.software))
    assert refusal(joiner, master, "pool.join_force") == []
    until(lambda: pool_row(master).mapping("other_config").get("rolling_upgrade_in_progress") == "true")
    until(lambda: joiner.settled and not joiner.is_master)
    joiner.software["xapi_build"] = master.software["xapi_build"]
    settled_again(sim, joiner)
    assert "rolling_upgrade_in_progress" not in pool_row(master).mapping("other_config")
