"""A pool of three as its tests see it: waiting for starts, and local sessions on its members."""

from simulator.running import Simulation
from simulator.world.host import HostMachine
from simulator.xapi.machines import pool_row
from simulator.xapi.rows import Row
from tests.simulator.rpc import Rpc
from tests.simulator.waiting import until


def all_on(sim: Simulation) -> None:
    """Every server has power and has come all the way."""
    for host in sim.hosts:
        sim.world.power_on(host)
    until(lambda: all(host.settled and host.up for host in sim.hosts))


def is_master_of(master: HostMachine, *members: HostMachine) -> bool:
    """Whether all of them have taken up these roles, and are at work."""
    if not (master.is_master and master.settled and master.up):
        return False
    role = f"slave:{master.address}"
    return all(each.role == role and each.settled and each.database is master.database for each in members)


def local(host: HostMachine, method: str, *arguments: object) -> object:
    """A call with a session that lives on this host alone, in whatever state it is."""
    rpc = Rpc(host)
    session = rpc.bare("session.slave_local_login_with_password", host.username, host.password)
    return rpc.bare(method, session, *arguments)


def settled_again(sim: Simulation, host: HostMachine, how: str = "restart") -> None:
    """Restart the toolstack, or reboot the server, and wait until it is at work again."""
    life = host.life
    if how == "reboot":
        sim.world.reboot(host)
    else:
        sim.world.restart(host, after=0)
    until(lambda: host.life is not life and host.settled and host.up)


def pool_of(host: HostMachine) -> Row:
    return pool_row(host)
