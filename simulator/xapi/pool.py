"""Messages of class pool that do more than read or write one field."""

from simulator.xapi.join.contact import Target
from simulator.xapi.join.sequence import join
from simulator.xapi.machines import machine_of_call
from simulator.xapi.registry import Call, message


@message("pool", "join")
def pool_join(call: Call, master_address: str, master_username: str, master_password: str) -> None:
    target = Target(address=master_address, username=master_username, password=master_password)
    join(machine_of_call(call), target, force=False)


@message("pool", "join_force")
def pool_join_force(call: Call, master_address: str, master_username: str, master_password: str) -> None:
    target = Target(address=master_address, username=master_username, password=master_password)
    join(machine_of_call(call), target, force=True)
