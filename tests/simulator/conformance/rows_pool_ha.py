"""HA on, off, and what it forbids elsewhere (pool.md 1.2, 3.1, 3.7, 4.2, 4.3; network.md 2.2, 2.6, 2.7; xapi_ha.ml)."""

from collections.abc import Callable
from functools import partial

from simulator.running import Simulation
from simulator.world.host import HostMachine
from simulator.xapi.machines import pool_row
from simulator.xapi.rows import first, rows
from tests.simulator.conformance.runner import Asked, Row

SOURCE = "xapi_ha.ml; pool.md 4.2, 5.1; network.md 2.6, 2.7"
Arrange = Callable[[Simulation], Asked]


def _coordinator(sim: Simulation) -> HostMachine:
    return next(host for host in sim.hosts if host.is_master)


def _ask(sim: Simulation, *args: object, error: list[str]) -> Asked:
    return Asked(host=_coordinator(sim), args=args, error=error)


def _set(sim: Simulation, **fields: object) -> None:
    pool_row(_coordinator(sim)).set(**fields)


def _fields(sim: Simulation, fields: dict[str, object], args: tuple[object, ...], error: list[str]) -> Asked:
    _set(sim, **fields)
    return _ask(sim, *args, error=error)


def _off(error: list[str], **fields: object) -> Arrange:
    """HA is off; these fields of the pool are set, and it is switched on."""
    return partial(_fields, fields={"ha_enabled": False, **fields}, args=([], {}), error=error)


def _local_sr(sim: Simulation) -> Asked:
    _set(sim, ha_enabled=False)
    sr = first(_coordinator(sim).database, "SR", name_label="Local storage")
    assert sr
    return _ask(sim, [sr.ref], {}, error=["SR_HAS_NO_PBDS", sr.ref])


def _iso_sr(sim: Simulation) -> Asked:
    """Plugged everywhere, but its driver can give no configuration to HA's daemon."""
    _set(sim, ha_enabled=False)
    sr = next(rows(_coordinator(sim).database, "SR", is_tools_sr=True))
    return _ask(sim, [sr.ref], {}, error=["SR_OPERATION_NOT_SUPPORTED", sr.ref])


def _no_sr(sim: Simulation) -> Asked:
    _set(sim, ha_enabled=False)
    for pbd in rows(_coordinator(sim).database, "PBD"):
        pbd.set(currently_attached=False)
    return _ask(sim, [], {}, error=["CANNOT_CREATE_STATE_FILE"])


def _unplugged(sim: Simulation) -> Asked:
    _set(sim, ha_enabled=False)
    pif = first(_coordinator(sim).database, "PIF", device="eth3", host=sim.hosts[0].ref)
    assert pif
    pif.set(disallow_unplug=True, currently_attached=False)
    return _ask(sim, [], {}, error=["REQUIRED_PIF_IS_UNPLUGGED", pif.ref])


def _dead(sim: Simulation) -> Asked:
    _set(sim, ha_enabled=False)
    host = sim.hosts[0]
    metrics = str(host.database.field("host", host.ref, "metrics"))
    sim.world.hush(host)
    host.database.set("host_metrics", metrics, live=False)
    return _ask(sim, [], {}, error=["HOST_OFFLINE", host.ref])


def _management(sim: Simulation, *rest: object, error: list[str]) -> Asked:
    pif = first(_coordinator(sim).database, "PIF", management=True, host=_coordinator(sim).ref)
    assert pif
    return _ask(sim, pif.ref, *rest, error=error)


def _host(sim: Simulation, error: list[str]) -> Asked:
    return _ask(sim, sim.hosts[0].ref, error=error)


def _tight(sim: Simulation) -> Asked:
    """Two of three may fail: none can be missed."""
    _set(sim, ha_host_failures_to_tolerate=2)
    return _host(sim, error=BREAKS)


def _pool(sim: Simulation, value: int, error: list[str]) -> Asked:
    return _ask(sim, pool_row(_coordinator(sim)).ref, value, error=error)


def _armed(sim: Simulation) -> Asked:
    sim.hosts[0].disk.ha_armed = False
    return Asked(host=_coordinator(sim), args=(False,), error=[])


def _row(name: str, method: str, arrange: Arrange) -> Row:
    return Row(
        id=f"ha-{name}",
        source="xapi_ha.ml; pool.md 4.2",
        method=method,
        arrange=arrange,
        scene="ha-pool",
        calm=name != "dead-host",
    )


ENABLED, BREAKS = ["HA_IS_ENABLED"], ["HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN"]
ROWS = (
    _row("twice", "pool.enable_ha", lambda sim: _ask(sim, [], {}, error=ENABLED)),
    _row("licence", "pool.enable_ha", _off(["LICENCE_RESTRICTION", "HA"], restrictions={"enable_xha": "false"})),
    _row("busy", "pool.enable_ha", _off(["APPLY_UPDATES_IN_PROGRESS"], current_operations={"t": "apply_updates"})),
    _row("unplugged", "pool.enable_ha", _unplugged),
    _row("local-storage", "pool.enable_ha", _local_sr),
    _row("iso-storage", "pool.enable_ha", _iso_sr),
    _row("no-storage", "pool.enable_ha", _no_sr),
    _row("dead-host", "pool.enable_ha", _dead),
    _row("not-on", "pool.disable_ha", partial(
        _fields, fields={"ha_enabled": False}, args=(), error=["HA_NOT_ENABLED"])),
    _row("prevent", "pool.ha_prevent_restarts_for", partial(
        _fields, fields={"ha_enabled": False}, args=(5,), error=["HA_NOT_ENABLED"])),
    _row("negative", "pool.set_ha_host_failures_to_tolerate", partial(
        _pool, value=-1, error=["INVALID_VALUE", "ha_host_failures_to_tolerate", "-1"])),
    _row("too-many", "pool.set_ha_host_failures_to_tolerate", partial(_pool, value=3, error=BREAKS)),
    _row("disable", "host.disable", _tight),
    _row("evacuate", "host.evacuate", _tight),
    _row("eject", "pool.eject", partial(_host, error=ENABLED)),
    _row("edition", "host.apply_edition", lambda sim: _ask(sim, sim.hosts[0].ref, "free", False, error=ENABLED)),
    _row("verification", "pool.enable_tls_verification", partial(_ask, error=ENABLED)),
    _row("secret", "pool.rotate_secret", partial(_ask, error=ENABLED)),
    _row("designate", "pool.designate_new_master", partial(_host, error=ENABLED)),
    _row("transition", "pool.emergency_transition_to_master", partial(_ask, error=ENABLED)),
    _row("reset-master", "pool.emergency_reset_master", lambda sim: _ask(sim, sim.hosts[0].address, error=ENABLED)),
    _row("armed", "host.emergency_ha_disable", _armed),
    _row("unplug", "PIF.unplug", partial(_management, error=ENABLED)),
    _row("reconfigure", "host.management_reconfigure", partial(_management, error=ENABLED)),
)  # fmt: skip
