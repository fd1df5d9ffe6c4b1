"""Disabling, enabling and switching hosts (pool.md 5.1, 5.4, 5.5)."""

from simulator.running import Simulation
from simulator.world.host import HostMachine
from simulator.xapi.rows import Row
from tests.simulator.hosts.lab import error, pool, row
from tests.simulator.waiting import until


def _host(sim: Simulation, place: int) -> tuple[HostMachine, Row]:
    machine = sim.hosts[place]
    return machine, row(sim, "host", machine.name)


def test_a_disabled_host_is_not_disabled_again() -> None:
    """pool.md 5.1: a no-op, so the flag is not stored either."""
    with pool() as sim:
        machine, host = _host(sim, 1)
        assert error(sim, "host.disable", host.ref) == []
        assert machine.auto_enable
        assert error(sim, "host.disable", host.ref, False) == []
        assert machine.auto_enable
        assert error(sim, "host.enable", host.ref) == []
        assert error(sim, "host.disable", host.ref, False) == []
        assert not machine.auto_enable


def test_enabling_is_refused_in_xapis_order() -> None:
    with pool() as sim:
        machine, host = _host(sim, 1)
        machine.settled = False
        host.set(pending_guidances=["reboot_host"], enabled=False)
        machine.disk.disabled_until_reboot = True
        assert error(sim, "host.enable", host.ref) == ["HOST_STILL_BOOTING"]
        machine.settled = True
        assert error(sim, "host.enable", host.ref) == ["HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY", host.ref]
        host.set(pending_guidances=[])
        assert error(sim, "host.enable", host.ref) == ["HOST_DISABLED_UNTIL_REBOOT", host.ref]
        machine.disk.disabled_until_reboot = False
        assert error(sim, "host.enable", host.ref) == []


def test_only_a_disabled_host_reboots_and_is_enabled_when_it_is_back() -> None:
    with pool() as sim:
        machine, host = _host(sim, 1)
        booted = machine.booted_at
        assert error(sim, "host.reboot", host.ref) == ["HOST_NOT_DISABLED"]
        assert error(sim, "host.disable", host.ref) == []
        assert error(sim, "host.reboot", host.ref) == []
        assert not host.to("metrics", "host_metrics").flag("live"), "dead at once"
        until(lambda: machine.booted_at > booted and machine.settled)
        assert host.flag("enabled")
        assert not machine.disk.disabled_until_reboot


def test_a_server_is_shut_down_and_woken_by_its_power_on_mode() -> None:
    with pool() as sim:
        machine, host = _host(sim, 1)
        assert error(sim, "host.power_on", host.ref) == ["HOST_IS_LIVE", host.ref]
        assert error(sim, "host.disable", host.ref) == []
        assert error(sim, "host.shutdown", host.ref) == []
        until(lambda: not machine.powered)
        assert error(sim, "host.power_on", host.ref) == ["HOST_POWER_ON_MODE_DISABLED"]
        assert error(sim, "host.set_power_on_mode", host.ref, "wake-on-lan", {}) == []
        assert "power_on" in host.items("allowed_operations")
        assert error(sim, "host.power_on", host.ref) == []
        until(lambda: machine.powered and machine.settled)


def test_what_a_host_allows_follows_from_its_state() -> None:
    with pool() as sim:
        _machine, host = _host(sim, 1)
        assert not {"reboot", "shutdown", "power_on"} & set(host.items("allowed_operations"))
        assert error(sim, "host.disable", host.ref) == []
        assert {"reboot", "shutdown", "evacuate"} <= set(host.items("allowed_operations"))


def test_a_hostname_is_made_of_letters_digits_hyphens_and_dots() -> None:
    with pool() as sim:
        _machine, host = _host(sim, 1)
        assert error(sim, "host.set_hostname_live", host.ref, "") == ["HOST_NAME_INVALID", "empty hostname"]
        wrong = ["HOST_NAME_INVALID", "hostname contains invalid characters"]
        assert error(sim, "host.set_hostname_live", host.ref, "a b") == wrong
        assert error(sim, "host.set_hostname_live", host.ref, "new-name") == []
        assert host.text("hostname") == "new-name"


def test_guests_of_a_server_that_boots_are_halted_and_may_be_started() -> None:
    with pool() as sim:
        vm, (machine, host) = row(sim, "VM", "roaming"), _host(sim, 1)
        assert error(sim, "VM.pool_migrate", vm.ref, host.ref, {}) == []
        sim.world.power_off(machine)
        sim.world.power_on(machine)
        until(lambda: machine.settled)
        assert vm.text("power_state") == "Halted"
        assert "start" in vm.items("allowed_operations")
        assert error(sim, "VM.start", vm.ref, False, False) == []
