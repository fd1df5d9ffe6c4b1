"""pool.join and join_force on the joiner (xapi_pool.ml: join)."""

from simulator.xapi.machines import machine_of_call
from simulator.xapi.pool.join.contact import Target
from simulator.xapi.pool.join.sequence import join
from simulator.xapi.registry import Call, message


@message("pool", "join")
def pool_join(call: Call, master_address: str, master_username: str, master_password: str) -> None:
    target = Target(address=master_address, username=master_username, password=master_password)
    join(machine_of_call(call), target, force=False)


@message("pool", "join_force")
def pool_join_force(call: Call, master_address: str, master_username: str, master_password: str) -> None:
    target = Target(address=master_address, username=master_username, password=master_password)
    join(machine_of_call(call), target, force=True)
