"""Calls for a member that cannot be reached (network.md 2.1)."""

from simulator.running import Simulation
from tests.simulator.conformance.runner import Asked, Row
from tests.simulator.pool.joining import joined
from tests.simulator.waiting import until


def _unreachable(sim: Simulation, code: str) -> Asked:
    joiner, master = sim.hosts
    joined(sim, joiner, master)
    until(lambda: joiner.settled)
    sim.world.hush(joiner)
    if code == "HOST_OFFLINE":
        metrics = str(master.database.field("host", joiner.ref, "metrics"))
        master.database.set("host_metrics", metrics, live=False)
    return Asked(host=master, args=(joiner.ref,), error=[code, joiner.ref])


ROWS = (
    Row(
        id="forward-silent",
        source="network.md 2.1",
        method="host.enable",
        arrange=lambda sim: _unreachable(sim, "CANNOT_CONTACT_HOST"),
    ),
    Row(
        id="forward-dead",
        source="network.md 2.1",
        method="host.enable",
        arrange=lambda sim: _unreachable(sim, "HOST_OFFLINE"),
    ),
)
