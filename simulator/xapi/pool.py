"""Messages of class pool that do more than read or write one field."""

from simulator.world.software import EDITION_RANKS
from simulator.xapi.join.contact import Target
from simulator.xapi.join.sequence import join
from simulator.xapi.machines import machine_of_call
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import Row, rows


@message("pool", "join")
def pool_join(call: Call, master_address: str, master_username: str, master_password: str) -> None:
    target = Target(address=master_address, username=master_username, password=master_password)
    join(machine_of_call(call), target, force=False)


@message("pool", "join_force")
def pool_join_force(call: Call, master_address: str, master_username: str, master_password: str) -> None:
    target = Target(address=master_address, username=master_username, password=master_password)
    join(machine_of_call(call), target, force=True)


@message("pool", "get_license_state")
def pool_get_license_state(call: Call, pool: str) -> dict[str, str]:
    """The edition of the lowest rank in the pool, where an unknown one is free, and when the first licence ends."""
    row = Row(call.host.database, "pool", pool)
    editions = {host.text("edition") for host in rows(row.database, "host")}
    return {"edition": min(sorted(editions), key=lambda name: EDITION_RANKS.get(name, 0)), "expiry": "never"}
