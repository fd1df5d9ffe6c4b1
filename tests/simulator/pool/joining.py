"""Joins as a client makes them, and what it sees afterwards."""

from simulator.running import Simulation
from simulator.world.host import HostMachine
from tests.simulator.rpc import Rpc, XapiFailure
from tests.simulator.waiting import until


def refusal(joiner: HostMachine, master: HostMachine, message: str = "pool.join") -> list[str]:
    """Error code and parameters with which the join is refused; empty when it was not."""
    try:
        Rpc(joiner).call(message, master.address, master.username, master.password)
    except XapiFailure as failure:
        return failure.description
    return []


def record(host: HostMachine, cls: str, uuid: str) -> dict[str, object]:
    rpc = Rpc(host)
    return rpc.record(cls, rpc.call(f"{cls}.get_by_uuid", uuid))


def is_enabled(master: HostMachine, uuid: str) -> bool:
    try:
        return bool(record(master, "host", uuid)["enabled"])
    except XapiFailure:
        return False


def joined(sim: Simulation, joiner: HostMachine, master: HostMachine) -> None:
    """Join, and wait until the member has come all the way."""
    assert refusal(joiner, master) == []
    until(lambda: joiner.role != "master" and is_enabled(master, joiner.uuid))
    until(lambda: level_is_computed(sim, master))


def level_is_computed(sim: Simulation, master: HostMachine) -> bool:
    """The last thing that a starting member does."""
    hosts = [host for host in sim.hosts if host.database is master.database]
    (pool,) = master.database.records("pool").values()
    info = pool["cpu_info"]
    return isinstance(info, dict) and info["cpu_count"] == str(sum(h.hardware.cpu_count for h in hosts))
