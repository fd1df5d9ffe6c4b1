"""pool.eject on the master: the server first, then what the pool keeps of it (message_forwarding.ml: Pool.eject)."""

from simulator.world.host import HostMachine
from simulator.xapi.forwarding import forwarded
from simulator.xapi.host.sync import refresh_pool_cpu_info
from simulator.xapi.machines import machine_of_call, pool_row
from simulator.xapi.operations import recompute
from simulator.xapi.pool.eject.target import eject_self
from simulator.xapi.pool.join.trust import of_pool, pem
from simulator.xapi.pool.licences import update_pool_features
from simulator.xapi.pool.operations import pool_operation
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import Row, rows


@message("pool", "eject")
def pool_eject(call: Call, host: str) -> None:
    master = machine_of_call(call)
    with pool_operation(master, "eject", call):
        machine = master.world.machine(Row(master.database, "host", host).uuid)
        forwarded(call, host, eject_self)
        for other in of_pool(master):
            other.disk.certificates = {
                name: each for name, each in other.disk.certificates.items() if name != pem(machine)
            }
        master.world.step(master, "eject: before record")
        destroy_record(master, host)


def destroy_record(master: HostMachine, host: str) -> None:
    """The row goes now, what hangs on it is collected later; levels are those of the hosts that are left."""
    master.database.delete("host", host)
    pool = pool_row(master)
    refresh_pool_cpu_info(pool)
    update_pool_features(pool)
    recompute(pool)
    for other in rows(master.database, "host"):
        recompute(other)
