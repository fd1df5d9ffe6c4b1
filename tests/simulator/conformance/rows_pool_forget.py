"""host.destroy and host.declare_dead (pool.md 3.7)."""

from collections.abc import Callable
from functools import partial

from simulator.running import Simulation
from simulator.xapi.machines import pool_row
from simulator.xapi.rows import NULL, rows
from tests.simulator.conformance.runner import Asked, Row

MASTER, HELPER, DEAD = 0, 1, 2


def _ask(sim: Simulation, which: int, code: str = "") -> Asked:
    ref = sim.hosts[which].ref
    return Asked(host=sim.hosts[MASTER], args=(ref,), error=[code, ref] if code else [])


def _with_ha(sim: Simulation, error: list[str]) -> Asked:
    pool_row(sim.hosts[MASTER]).set(ha_enabled=True)
    return Asked(host=sim.hosts[MASTER], args=(sim.hosts[DEAD].ref,), error=error)


def _free(sim: Simulation) -> Asked:
    """The guests that ran there count as halted, as after declare_dead."""
    dead = sim.hosts[DEAD]
    for vm in rows(dead.database, "VM", resident_on=dead.ref, is_control_domain=False):
        vm.set(resident_on=NULL, power_state="Halted")
    return _ask(sim, DEAD)


def _silent(sim: Simulation) -> Asked:
    """Alive by the database, and yet it does not answer: that proves its death."""
    sim.world.power_off(sim.hosts[HELPER])
    return _ask(sim, HELPER)


def _row(name: str, method: str, arrange: Callable[[Simulation], Asked]) -> Row:
    calm = "silent" not in name
    return Row(id=name, source="pool.md 3.7", method=method, arrange=arrange, scene="dead-member", calm=calm)


def _nobody(sim: Simulation) -> Asked:
    return Asked(host=sim.hosts[MASTER], args=("OpaqueRef:none",), error=["HANDLE_INVALID", "host", "OpaqueRef:none"])


BOTH = tuple(
    _row(f"{short}-{name}", f"host.{method}", arrange)
    for short, method in (("forget", "destroy"), ("dead", "declare_dead"))
    for name, arrange in (
        ("nobody", _nobody),
        ("live", partial(_ask, which=HELPER, code="HOST_IS_LIVE")),
        ("master", partial(_ask, which=MASTER, code="HOST_IS_LIVE")),
        ("silent", _silent),
    )
)
ROWS = (
    *BOTH,
    _row("forget-ha", "host.destroy", partial(_with_ha, error=["HA_IS_ENABLED"])),
    _row("dead-ha", "host.declare_dead", partial(_with_ha, error=[])),
    _row("forget-resident", "host.destroy", partial(_ask, which=DEAD, code="HOST_HAS_RESIDENT_VMS")),
    _row("forget-done", "host.destroy", _free),
)
