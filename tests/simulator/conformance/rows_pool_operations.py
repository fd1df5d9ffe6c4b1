"""Operations of a pool beside others (pool.md 3.1, 4.2): a second blocking one fails at once, all others wait first."""

from dataclasses import replace
from functools import partial

from simulator.running import Simulation
from simulator.xapi.machines import pool_row
from simulator.xapi.pool.operations import BLOCKING
from tests.simulator.conformance.runner import Asked, Row

TASK = "OpaqueRef:another's"
WAITING = (
    "cert_refresh",
    "exchange_certificates_on_join",
    "exchange_ca_certificates_on_join",
    "exchange_crls_on_join",
    "copy_primary_host_certs",
    "eject",
    "get_updates",
)


def _beside(sim: Simulation, running: str, *, blocking: bool) -> Asked:
    """No wait is needed to see that one comes to its end."""
    host = sim.hosts[0]
    sim.world.timing = replace(sim.world.timing, wait_pool=0)
    pool = pool_row(host)
    pool.set(current_operations={TASK: running})
    in_the_way = ["OTHER_OPERATION_IN_PROGRESS", "pool", pool.ref, running, TASK]
    error = [BLOCKING[running]] if blocking and running in BLOCKING else in_the_way
    return Asked(host=host, args=(host.ref,), error=error)


def _rows(method: str, *, blocking: bool) -> tuple[Row, ...]:
    return tuple(
        Row(
            id=f"operations-{method.removeprefix('pool.')}-{running}",
            source="pool.md 3.1",
            method=method,
            arrange=partial(_beside, running=running, blocking=blocking),
            calm=True,
        )
        for running in (*BLOCKING, *WAITING)
    )


ROWS = (*_rows("pool.designate_new_master", blocking=True), *_rows("pool.eject", blocking=False))
