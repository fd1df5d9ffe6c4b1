"""Create a pool, from plan to XAPI's own word that it exists."""

from pools.models import ResourceLock, Server, StepState
from tests.fixtures.lab import Lab, story


def test_two_servers_become_a_pool_with_one_join(lab: Lab) -> None:
    operation = lab.succeeded()
    assert {step.state for step in operation.steps.all()} == {StepState.DONE}, story(operation)
    assert len(lab.sim.calls("pool.join")) == 1
    assert lab.sim.hosts[0].database.records("pool").popitem()[1]["name_label"] == "One"
    assert lab.sim.hosts[1].role.startswith("slave")


def test_the_joined_server_belongs_to_the_pool_afterwards(lab: Lab) -> None:
    operation = lab.succeeded()
    joined = Server.objects.get(pk=lab.servers[1].pk)
    assert joined.pool == operation.pool
    assert not ResourceLock.objects.exists()
