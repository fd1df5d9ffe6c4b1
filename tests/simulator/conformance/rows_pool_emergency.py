"""Emergency mode: what every call hears, by the reason of the failed start (pool.md 4.6)."""

from collections.abc import Callable
from dataclasses import replace

from simulator.running import Simulation
from simulator.world.host import HostMachine
from tests.simulator.conformance.runner import Asked, Row
from tests.simulator.waiting import until

Make = Callable[[Simulation, HostMachine], list[str]]


def _starting(sim: Simulation, make: Make) -> Asked:
    """The helper of a pool of three starts with this wrong."""
    member = sim.hosts[1]
    error = make(sim, member)
    sim.world.crash(member)
    until(lambda: member.up and member.emergency_error and member.emergency_error.description == error)
    return Asked(host=member, args=(), error=error)


def _no_address(sim: Simulation, _member: HostMachine) -> list[str]:
    """The first of the two halves of its boot."""
    sim.world.timing = replace(sim.world.timing, booting=3600)
    return ["HOST_HAS_NO_MANAGEMENT_IP"]


def _own_slave(_sim: Simulation, member: HostMachine) -> list[str]:
    member.pool_conf = f"slave:{member.address}"
    return ["HOST_ITS_OWN_SLAVE"]


def _unknown(sim: Simulation, member: HostMachine) -> list[str]:
    sim.hosts[0].database.delete("host", member.ref)
    return ["HOST_UNKNOWN_TO_MASTER", member.uuid]


def _not_called_back(sim: Simulation, member: HostMachine) -> list[str]:
    sim.fault("cannot_talk_back", host=member.name, times=None)
    return ["HOST_MASTER_CANNOT_TALK_BACK", member.address]


def _newer(_sim: Simulation, member: HostMachine) -> list[str]:
    member.software["xapi_build"] = "27.0.0"
    return ["HOST_XAPI_VERSION_HIGHER_THAN_COORDINATOR", "27.0.0"]


def _broken(_sim: Simulation, member: HostMachine) -> list[str]:
    member.pool_conf = "broken"
    return ["HOST_BROKEN"]


def _orphan(sim: Simulation, _member: HostMachine) -> list[str]:
    sim.world.power_off(sim.hosts[0])
    return ["INTERNAL_ERROR", "Connection failed: connection refused."]


def _slave_of_a_slave(sim: Simulation, member: HostMachine) -> list[str]:
    """The master that pool.conf names is a member now."""
    sim.world.power_on(sim.hosts[2])
    until(lambda: sim.hosts[2].settled)
    member.pool_conf = f"slave:{sim.hosts[2].address}"
    return ["HOST_IS_SLAVE", sim.hosts[0].address]


REASONS: dict[str, Make] = {
    "no-address": _no_address,
    "own-slave": _own_slave,
    "unknown": _unknown,
    "not-called-back": _not_called_back,
    "newer": _newer,
    "broken": _broken,
    "orphan": _orphan,
    "slave-of-a-slave": _slave_of_a_slave,
}

ROWS = tuple(
    Row(
        id=f"emergency-{name}",
        source="pool.md 4.6",
        method="pool.get_all",
        arrange=lambda sim, make=make: _starting(sim, make),  # type: ignore[misc]
        scene="dead-member",
    )
    for name, make in REASONS.items()
)
