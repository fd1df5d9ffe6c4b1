"""A member leaves its pool, and comes back as a pool of its own."""

from collections.abc import Iterator

import pytest

from pools.models import Grant, Pool, Role, Server
from tests.fixtures.people import make_person
from tests.pools.connected import server_of
from tests.pools.operations.removal.removing import Removing, removing


@pytest.fixture
def four(transactional_db: None) -> Iterator[Removing]:
    with removing("pool-of-four", "four-1") as found:
        yield found


def test_a_member_leaves_and_is_a_pool_of_its_own_that_the_old_password_opens(four: Removing) -> None:
    Grant.objects.create(user=make_person("oscar"), pool=four.pool, role=Role.OPERATOR)
    four.succeeded("four-3")
    server = server_of(four.sim.host("four-3"))
    assert server.pool != four.pool
    assert server.pool.coordinator == server
    assert server.pool.credential.username == four.pool.credential.username
    assert Pool.objects.visible_to(make_person("otto"), Role.OPERATOR).count() == 0
    assert Grant.objects.filter(user__username="oscar", pool=server.pool, role=Role.OPERATOR).exists()
    assert Server.objects.filter(pool=four.pool).count() == 3
    assert len(four.sim.calls("pool.eject", host="four-1")) == 1
