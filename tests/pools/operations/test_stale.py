"""What was approved rests on facts: when they changed, nothing is sent."""

from pools.models import OperationState, ResourceLock
from pools.services import operations
from simulator.world.host import HostMachine
from tests.fixtures.lab import Lab


def rename(host: HostMachine, name: str) -> None:
    host.database.set("host", host.ref, name_label=name)


def test_facts_that_changed_before_the_first_step_make_the_plan_stale(lab: Lab) -> None:
    operation = lab.started()
    rename(lab.sim.hosts[1], "another name")
    lab.run(operation)
    assert operation.state == OperationState.STALE
    assert "was xs-02, is now another name" in operation.stale_reason
    assert not lab.sim.calls("pool.set_name_label")
    assert not lab.sim.calls("pool.join")
    assert not ResourceLock.objects.exists()


def test_a_stale_plan_can_be_made_anew_and_run(lab: Lab) -> None:
    operation = lab.started()
    rename(lab.sim.hosts[1], "another name")
    lab.run(operation)
    operations.make_plan(operation=operation, user=lab.owner)
    operations.start(operation=operation, user=lab.owner)
    assert lab.run(operation).state == OperationState.SUCCEEDED


def test_a_server_that_changed_later_stops_its_own_join_only(lab: Lab) -> None:
    operation = lab.run_steps(lab.started(), 1)
    rename(lab.sim.hosts[1], "another name")
    lab.run(operation)
    assert operation.state == OperationState.NEEDS_ATTENTION
    assert operation.steps.get(kind="JoinPool").error_code == "XENWEB_FACTS_CHANGED"
    assert operation.steps.get(kind="NamePool").state == "done"
    assert not lab.sim.calls("pool.join")


def test_a_new_finding_makes_the_plan_stale(lab: Lab) -> None:
    operation = lab.started()
    host = lab.sim.hosts[1]
    pool = next(iter(host.database.records("pool")))
    host.database.set("pool", pool, ha_enabled=True)
    lab.run(operation)
    assert operation.state == OperationState.STALE
    assert "findings was none" in operation.stale_reason


def test_the_same_facts_give_the_same_hash(lab: Lab) -> None:
    first = lab.planned()
    again = operations.make_plan(operation=first, user=lab.owner)
    assert again.plan_hash == first.plan_hash
    assert again.steps.count() == first.steps.count()
