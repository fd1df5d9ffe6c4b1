"""pool.designate_new_master and the calls around it (pool.md 4.2 to 4.4)."""

from collections.abc import Callable
from functools import partial

from simulator.running import Simulation
from simulator.world.host import HostMachine
from simulator.world.life import Proposal
from simulator.xapi.machines import pool_row
from tests.simulator.conformance.runner import Asked, Row
from tests.simulator.waiting import until

Change = Callable[[Simulation], object]
MASTER, HELPER, DEAD = 0, 1, 2
DESIGNATE = "pool.designate_new_master"


def _ask(sim: Simulation, which: int, error: list[str], change: Change | None = None) -> Asked:
    if change:
        change(sim)
    return Asked(host=sim.hosts[MASTER], args=(sim.hosts[which].ref,), error=error)


def _offline(sim: Simulation, which: int) -> Asked:
    return _ask(sim, which, ["HOST_OFFLINE", sim.hosts[DEAD].ref])


def _silent(sim: Simulation) -> Asked:
    sim.world.hush(sim.hosts[HELPER])
    return _ask(sim, HELPER, ["CANNOT_CONTACT_HOST", sim.hosts[HELPER].ref])


def _set(sim: Simulation, **fields: object) -> None:
    pool_row(sim.hosts[MASTER]).set(**fields)


def _all_on(sim: Simulation) -> None:
    sim.world.power_on(sim.hosts[DEAD])
    until(lambda: sim.hosts[DEAD].settled)


def _promised(sim: Simulation) -> Asked:
    """The other member has agreed to another master a moment ago."""
    _all_on(sim)
    other: HostMachine = sim.hosts[DEAD]
    other.life.proposal = Proposal("127.0.0.99")
    return _ask(sim, HELPER, ["HA_ABORT_NEW_MASTER", "Already agreed to commit host address '127.0.0.99'"])


def _lost(sim: Simulation) -> Asked:
    _all_on(sim)
    sim.fault("drop_before", host=sim.hosts[DEAD].name, method="host.propose_new_master")
    return _ask(sim, HELPER, ["INTERNAL_ERROR", "Connection failed: connection lost."])


def _sync(sim: Simulation) -> Asked:
    return Asked(host=sim.hosts[MASTER], args=(), error=["HOST_OFFLINE", sim.hosts[DEAD].ref])


CALM = frozenset({"rotation", "blocked", "nobody", "offline", "already", "ha", "other-offline", "sync"})


def _row(
    name: str, step: str, arrange: Callable[[Simulation], Asked], method: str = "pool.designate_new_master"
) -> Row:
    return Row(
        id=f"roles-{name}",
        source=f"pool.md {step}",
        method=method,
        arrange=arrange,
        scene="dead-member",
        calm=name in CALM,
    )


def _updating(sim: Simulation) -> None:
    _set(sim, current_operations={"OpaqueRef:task": "apply_updates"})


ROWS = (
    _row("rotation", "4.2, 1", partial(_ask, which=HELPER, error=["POOL_SECRET_ROTATION_PENDING"],
                                       change=partial(_set, is_psr_pending=True))),
    _row("blocked", "4.2, 1", partial(_ask, which=HELPER, error=["APPLY_UPDATES_IN_PROGRESS"], change=_updating)),
    _row("nobody", "4.2, 3", lambda sim: Asked(
        host=sim.hosts[MASTER], args=("OpaqueRef:none",), error=["HANDLE_INVALID", "host", "OpaqueRef:none"])),
    _row("offline", "4.2, 3", partial(_offline, which=DEAD)),
    _row("silent", "4.2, 3", _silent),
    _row("already", "4.2, 3", partial(_ask, which=MASTER, error=[])),
    _row("ha", "4.2, 4", partial(_ask, which=HELPER, error=["HA_IS_ENABLED"], change=partial(_set, ha_enabled=True))),
    _row("other-offline", "4.2, 5", partial(_offline, which=HELPER)),
    _row("promised", "4.2, 6", _promised),
    _row("lost", "4.2, 6", _lost),
    _row("sync", "4.4", _sync, method="pool.sync_database"),
)  # fmt: skip
