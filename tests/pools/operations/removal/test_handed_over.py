"""A hand-over is done when the servers follow, not when the new coordinator's old records say so."""

import pytest

from pools import connections
from pools.operations.removal.handover import HandOver
from pools.xapi.inventory import Snapshot
from simulator.scenes.loader import load
from simulator.world.role import slave_of
from simulator.xapi.pool.emergency import take_role
from tests.pools.operations.removal.removing import Removing, removing
from tests.simulator.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_follows_another_one_or_still_starts_is_waited_for_whatever_the_records_say() -> None:
    with removing(load("pool-of-four"), "four-1") as four:
        assert astray(four) == []
        lost = four.sim.host("four-3")
        take_role(lost, slave_of("127.64.0.99"))
        until(lambda: astray(four) == ["four-3"])
        four.sim.world.power_off(four.sim.host("four-2"))  # who leaves has to answer; another one may be out of reach
        until(lambda: astray(four) == ["four-2", "four-3"])


def astray(lab: Removing) -> list[str]:
    """As seen when four-2 has handed over to four-1."""
    heir, old = lab.sim.host("four-1"), lab.sim.host("four-2")
    step = HandOver(
        host_uuid=old.uuid,
        host_name=old.name,
        coordinator_name=old.name,
        coordinator_address=old.address,
        username="root",
        next_uuid=heir.uuid,
        next_name=heir.name,
    )
    with connections.connect_pool(lab.pool) as xapi:
        return sorted(step.astray(Snapshot.from_wire(xapi.snapshot(("host",)))))
