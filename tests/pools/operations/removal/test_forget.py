"""A member that is dead is declared so, forgotten, and what it leaves behind is dealt with."""

from collections.abc import Iterator

import pytest

from pools.models import Operation, OperationState
from pools.operations.host_forget import HostForget, leftovers_of
from pools.services import answers, host_forget, operations
from pools.services.errors import ChecksFailed
from simulator.xapi.rows import first
from tests.fixtures.lab import story
from tests.pools.connected import server_of
from tests.pools.operations.after_join.adding import rows, step
from tests.pools.operations.removal.removing import Removing, removing
from tests.simulator.waiting import until


@pytest.fixture
def three(transactional_db: None) -> Iterator[Removing]:
    with removing("dead-member", "coordinator") as found:
        yield found


def draft(lab: Removing, **chosen: object) -> Operation:
    server = server_of(lab.sim.host("dead"))
    operation = host_forget.begin(user=lab.owner, pool=lab.pool, server=server)
    return host_forget.choose(operation=operation, user=lab.owner, stated_dead="dead", **chosen)


def ran(lab: Removing, operation: Operation) -> Operation:
    planned = operations.make_plan(operation=operation, user=lab.owner)
    return lab.lab.run(operations.start(operation=planned, user=lab.owner))


def leftovers(lab: Removing) -> dict[str, list[str]]:
    pool = HostForget().facts(draft(lab)).pool
    keys = leftovers_of(pool, lab.sim.host("dead").uuid)
    of = {kind: [key.partition(":")[2] for key in keys if key.startswith(kind)] for kind in ("sr", "vm")}
    return {"forget_srs": of["sr"], "remove_vms": of["vm"]}


def test_a_dead_member_is_forgotten_with_its_storage_and_its_vms(three: Removing) -> None:
    chosen = leftovers(three)
    operation = ran(three, draft(three, **chosen))
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    coordinator = three.sim.host("coordinator")
    assert {row["name_label"] for row in rows(coordinator, "host")} == {"coordinator", "helper"}
    assert not {row["uuid"] for row in rows(coordinator, "SR")} & set(chosen["forget_srs"])
    assert "archive" not in {row["name_label"] for row in rows(coordinator, "VM")}


def test_a_vm_without_disks_is_not_left_over_because_of_a_disc(three: Removing) -> None:
    archive = first(three.sim.host("coordinator").database, "VM", name_label="archive")
    assert archive
    assert archive.uuid in leftovers(three)["remove_vms"]
    archive.all("VBDs", "VBD")[0].set(type="CD")
    assert archive.uuid not in leftovers(three)["remove_vms"]


def test_who_is_only_to_be_declared_dead_stays_a_member(three: Removing) -> None:
    operation = ran(three, draft(three, forget_host=False))
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    dead = three.sim.host("dead")
    shown = next(row for row in rows(three.sim.host("coordinator"), "host") if row["uuid"] == dead.uuid)
    assert shown["enabled"] is False


def test_without_a_typed_statement_there_is_no_plan(three: Removing) -> None:
    operation = draft(three)
    host_forget.choose(operation=operation, user=three.owner, stated_dead="deed")
    operation.refresh_from_db()
    with pytest.raises(ChecksFailed):
        operations.make_plan(operation=operation, user=three.owner)
    assert "XENWEB_NOT_STATED_DEAD" in codes(operation)


def test_a_server_that_answers_is_not_declared_dead(three: Removing) -> None:
    """It came back between the plan and the start: what it says makes the plan out of date."""
    planned = operations.make_plan(operation=draft(three), user=three.owner)
    three.sim.world.power_on(three.sim.host("dead"))
    until(lambda: three.sim.host("dead").up)
    operation = three.lab.run(operations.start(operation=planned, user=three.owner))
    assert operation.state == OperationState.STALE, story(operation)
    assert three.sim.calls("host.declare_dead") == []
    with pytest.raises(ChecksFailed):
        operations.make_plan(operation=draft(three), user=three.owner)


def test_the_coordinator_is_not_forgotten_this_way(three: Removing) -> None:
    server = server_of(three.sim.host("coordinator"))
    operation = host_forget.begin(user=three.owner, pool=three.pool, server=server)
    host_forget.choose(operation=operation, user=three.owner, stated_dead="coordinator")
    operation.refresh_from_db()
    with pytest.raises(ChecksFailed):
        operations.make_plan(operation=operation, user=three.owner)
    assert {"XENWEB_DEAD_COORDINATOR", "XENWEB_IT_ANSWERS"} <= codes(operation)


def test_a_lost_reply_to_the_forgetting_sends_it_no_second_time(three: Removing) -> None:
    three.sim.fault("drop_after", method="Async.host.destroy")
    operation = ran(three, draft(three))
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    assert len(three.sim.calls("host.destroy")) == 1
    assert step(operation, "ForgetHost").state == "done"


def codes(operation: Operation) -> set[str]:
    operation.refresh_from_db()
    report = answers.report_in(operation.report)
    assert report is not None
    return {finding.code for finding in report.findings}
