"""Hosts that are off, busy, booting, old or members: what the calls for them answer (pool.md 4.5, 4.6, 5, 6.1, 7)."""

from collections.abc import Callable

from simulator.running import Simulation
from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.machines import host_row, pool_row
from simulator.xapi.rows import NULL, first
from simulator.xapi.rows import Row as Object
from tests.simulator.conformance.runner import Asked, Row

Arrange = Callable[[Simulation], Asked]
MASTER, HELPER, DEAD = 0, 1, 2
COUNT = "MESSAGE_PARAMETER_COUNT_MISMATCH"


def _off(code: str, *, named: bool) -> Arrange:
    def arrange(sim: Simulation) -> Asked:
        ref = sim.hosts[DEAD].ref
        return Asked(host=sim.hosts[MASTER], args=(ref,), error=[code, ref] if named else [code])

    return arrange


def _member(sim: Simulation) -> Asked:
    """Already the login is refused."""
    return Asked(host=sim.hosts[HELPER], args=(), error=["HOST_IS_SLAVE", sim.hosts[MASTER].address])


def _booting(sim: Simulation) -> Asked:
    sim.hosts[HELPER].emergency_error = XapiError("HOST_STILL_BOOTING")
    return Asked(host=sim.hosts[HELPER], args=(), error=["HOST_STILL_BOOTING"])


def _of(sim: Simulation, machine: HostMachine, *args: object, error: list[str]) -> Asked:
    return Asked(host=sim.hosts[MASTER], args=(machine.ref, *args), error=error)


def _starting(sim: Simulation) -> Asked:
    sim.host("busy").settled = False
    return _of(sim, sim.host("busy"), error=["HOST_STILL_BOOTING"])


def _to_be_rebooted(sim: Simulation) -> Asked:
    busy = sim.host("busy")
    busy.disk.disabled_until_reboot = True
    return _of(sim, busy, error=["HOST_DISABLED_UNTIL_REBOOT", busy.ref])


def _receiving(sim: Simulation) -> Asked:
    busy = sim.host("busy")
    host_row(busy).set(current_operations={"OpaqueRef:t": "vm_migrate"})
    return _of(sim, busy, error=["OTHER_OPERATION_IN_PROGRESS", "host", busy.ref, "vm_migrate", "OpaqueRef:t"])


def _alone(sim: Simulation, name: str) -> Object:
    """The only guest of the busy member."""
    host = host_row(sim.host("busy"))
    for guest in host.all("resident_VMs", "VM"):
        if not guest.flag("is_control_domain") and guest.text("name_label") != name:
            guest.database.delete("VM", guest.ref)
    found = first(host.database, "VM", name_label=name)
    assert found
    return found


def _old_form(sim: Simulation) -> Asked:
    vm, busy = _alone(sim, "blocked"), sim.host("busy")
    return _of(sim, busy, error=["CANNOT_EVACUATE_HOST", f"OPERATION_BLOCKED,{vm.ref},VM_OPERATION_BLOCKED"])


def _dead_target(sim: Simulation) -> Asked:
    _alone(sim, "web")
    host_row(sim.host("boss")).to("metrics", "host_metrics").set(live=False)
    return _of(sim, sim.host("busy"), error=["HOST_NOT_LIVE"])


def _without_virtualisation(sim: Simulation) -> Asked:
    vm = _alone(sim, "web")
    for name in ("boss", "spare"):
        host_row(sim.host(name)).set(capabilities=["xen-3.0-x86_64"])
    return _of(sim, sim.host("busy"), error=["VM_HVM_REQUIRED", vm.ref])


def _over_network(code: str, fields: dict[str, object]) -> Arrange:
    """The migration network of an evacuation, which the guest can follow but the host cannot."""

    def arrange(sim: Simulation) -> Asked:
        _alone(sim, "web")
        busy = sim.host("busy")
        pif = first(busy.database, "PIF", host=busy.ref, device="eth1")
        assert pif
        network = pif.text("network")
        pif.set(**fields)
        if code == "PIF_NOT_PRESENT":
            busy.database.delete("PIF", pif.ref)
        rest = [busy.ref, network] if code == "PIF_NOT_PRESENT" else [pif.ref]
        return _of(sim, busy, network, error=[code, *rest])

    return arrange


def _old_server(method: str, *args: object) -> Arrange:
    def arrange(sim: Simulation) -> Asked:
        old = sim.host("eight-1")
        return Asked(host=old, args=(old.ref, *args), error=[COUNT, method, "1", "2"])

    return arrange


def _edition(sim: Simulation) -> Asked:
    return _of(sim, sim.hosts[MASTER], "gold", False, error=["INVALID_EDITION", "gold"])


def _editions(sim: Simulation) -> Asked:
    ref = pool_row(sim.hosts[MASTER]).ref
    return Asked(host=sim.hosts[MASTER], args=(ref, "gold"), error=["INVALID_EDITION", "gold"])


def _removed(sim: Simulation) -> Asked:
    return _of(sim, sim.hosts[MASTER], "", error=["MESSAGE_REMOVED"])


def _row(name: str, source: str, method: str, scene: str, arrange: Arrange) -> Row:
    return Row(
        id=f"host-{name}",
        source=f"pool.md {source}",
        method=method,
        arrange=arrange,
        scene=scene,
        calm=name not in {"starting", "booting"},
    )


ROWS = (
    _row("member", "4.5", "pool.get_all", "dead-member", _member),
    _row("booting", "4.6", "pool.get_all", "dead-member", _booting),
    _row("disable-off", "5.1", "host.disable", "dead-member", _off("HOST_OFFLINE", named=True)),
    _row("disable-old", "5.1", "host.disable", "old-and-new", _old_server("host.disable", False)),
    _row("assert-can-evacuate", "5.2", "host.assert_can_evacuate", "busy-member", _old_form),
    _row("evacuate-to-the-dead", "5.2", "host.evacuate", "busy-member", _dead_target),
    _row("evacuate-hvm", "5.2", "host.evacuate", "busy-member", _without_virtualisation),
    _row("evacuate-old", "5.3", "host.evacuate", "old-and-new", _old_server("host.evacuate", NULL)),
    _row("evacuate-busy", "5.3", "host.evacuate", "busy-member", _receiving),
    _row("evacuate-no-pif", "5.3", "host.evacuate", "busy-member", _over_network("PIF_NOT_PRESENT", {})),
    _row("evacuate-unplugged", "5.3", "host.evacuate", "busy-member", _over_network(
        "REQUIRED_PIF_IS_UNPLUGGED", {"currently_attached": False})),
    _row("evacuate-no-ip", "5.3", "host.evacuate", "busy-member", _over_network("INTERFACE_HAS_NO_IP", {"IP": ""})),
    _row("starting", "5.4", "host.enable", "busy-member", _starting),
    _row("to-be-rebooted", "5.4", "host.enable", "busy-member", _to_be_rebooted),
    _row("power-on-without-mode", "5.5", "host.power_on", "dead-member", _off(
        "HOST_POWER_ON_MODE_DISABLED", named=False)),
    _row("cpu-features", "6.1", "host.set_cpu_features", "two-standalone", _removed),
    _row("edition", "7", "host.apply_edition", "two-standalone", _edition),
    _row("editions", "7", "pool.apply_edition", "two-standalone", _editions),
)  # fmt: skip
