"""Pool.hello: a starting member makes itself known to its master (xapi_pool.ml: hello; xapi.ml)."""

from simulator.world import reach
from simulator.world.faults import latent
from simulator.world.host import HostMachine
from simulator.world.role import MASTER, master_address
from simulator.xapi.decoding import wire_time
from simulator.xapi.errors import XapiError
from simulator.xapi.machines import host_row
from simulator.xapi.pool.heartbeat import set_live
from simulator.xapi.rows import Row, first, rows
from simulator.xapi.versions import numbers

CANNOT_TALK_BACK = latent("cannot_talk_back", "a starting member is told HOST_MASTER_CANNOT_TALK_BACK")
# Nothing that time alone would mend: the next try comes after a minute and not after five seconds.
PERMANENT = frozenset({"HOST_UNKNOWN_TO_MASTER", "HOST_XAPI_VERSION_HIGHER_THAN_COORDINATOR"})


def master_of(machine: HostMachine) -> HostMachine:
    """The host that pool.conf names, if it is there and a master."""
    address = master_address(machine.pool_conf)
    if address == machine.address:
        raise XapiError("HOST_ITS_OWN_SLAVE")
    master = machine.world.at(address)
    if master is None or not master.up or not reach.between(machine, master):
        raise XapiError("INTERNAL_ERROR", "Connection failed: connection refused.")
    if master.emergency_error:
        raise master.emergency_error
    if not master.is_master:
        raise XapiError("HOST_IS_SLAVE", master_address(master.role))
    return master


def hello(machine: HostMachine, master: HostMachine) -> None:
    """Its address is written, the master calls back; then it is live and disabled, and reads the master's database."""
    known = bool(master.database.find("host", uuid=machine.uuid))
    if not known or machine.disk.pool_secret != master.disk.pool_secret:
        raise XapiError("HOST_UNKNOWN_TO_MASTER", machine.uuid)
    host = Row(master.database, "host", master.database.by_uuid("host", machine.uuid))
    host.set(address=machine.address)
    if machine.world.faults.happens(CANNOT_TALK_BACK, machine.name):
        raise XapiError("HOST_MASTER_CANNOT_TALK_BACK", machine.address)
    _refuse_newer(machine, master)
    machine.database = master.database
    host.set(enabled=False)
    set_live(host, live=True)
    for task in rows(machine.database, "task", resident_on=host.ref, status="pending"):
        task.set(progress=1.0)
        task.set(finished=wire_time(machine.now()))
        task.set(status="cancelled")
        task.set(allowed_operations=[])


def _refuse_newer(machine: HostMachine, master: HostMachine) -> None:
    """Since 23.30; a master without xapi_build is older than the rule."""
    own, masters = machine.software.get("xapi_build", ""), master.software.get("xapi_build", "")
    if own and masters and numbers(own) > numbers(masters):
        raise XapiError("HOST_XAPI_VERSION_HIGHER_THAN_COORDINATOR", own)


def other_master(machine: HostMachine) -> HostMachine | None:
    """Another host of this former master's pool that acts as its master now (xapi.ml: check_no_other_masters)."""
    pool = first(machine.database, "pool")
    if pool is None or pool.text("master") != host_row(machine).ref:
        return None
    for host in rows(machine.database, "host"):
        other = next((each for each in machine.world.machines if each.uuid == host.uuid), None)
        if other and other is not machine and _acts_as_master_of(other, machine):
            return other
    return None


def _acts_as_master_of(other: HostMachine, machine: HostMachine) -> bool:
    acts = other.up and other.role == MASTER and other.emergency_error is None and reach.between(machine, other)
    return acts and _pool(other) == _pool(machine)


def _pool(machine: HostMachine) -> list[str]:
    return [pool.uuid for pool in rows(machine.database, "pool")]
