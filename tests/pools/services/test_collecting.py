"""Answers are kept as they come: reading some servers again, twice, and beside servers that hang."""

from collections.abc import Iterator

import pytest

from pools import inventories
from pools.models import Operation
from pools.services import examination, operations, wizards
from pools.services.examination import Examination
from pools.xapi.limits import Limits
from simulator.scenes.model import VmSpec
from simulator.xapi.machines import host_row, pool_row
from simulator.xapi.vm.rows import add_guest
from tests.fixtures.lab import Lab, lab_of
from tests.simulator.waiting import until


@pytest.fixture
def three(transactional_db: None) -> Iterator[Lab]:
    """Two servers that fit each other, and one with another vendor's processors."""
    with lab_of("mixed-vendors") as found:
        yield found


def known(operation: Operation) -> Examination:
    operation.refresh_from_db()
    return examination.state(operation)


def examined(lab: Lab, operation: Operation, *again: str) -> Examination:
    """Ask, let a worker read, and look at what it stored."""
    examination.ask(operation=operation, user=lab.owner, again=again)
    examination.run(str(operation.pk))
    return known(operation)


def codes(found: Examination) -> list[str]:
    return sorted(finding.code for finding in found.report.errors) if found.report else []


def hosts_asked(lab: Lab) -> set[str]:
    return {call.host for call in lab.sim.calls()}


def test_reading_one_server_again_leaves_the_answers_of_the_others(three: Lab) -> None:
    operation = three.draft()
    first = examined(three, operation)
    amd = three.sim.hosts[2]
    for host in three.sim.hosts[1:]:
        pool_row(host).set(ha_enabled=True)
    three.sim.world.calllog.clear()
    second = examined(three, operation, amd.uuid)
    assert hosts_asked(three) == {"intel-01", "amd-01"}
    assert codes(second) == sorted([*codes(first), "HA_IS_ENABLED"])
    assert [finding.subject for finding in (second.report.errors if second.report else ())] == [amd.uuid] * 2
    newer = {uuid for uuid, moment in second.read_at.items() if moment > first.read_at[uuid]}
    assert newer == {three.coordinator.uuid, amd.uuid}
    assert second.changed == "1 new."


def test_the_result_says_what_was_solved(three: Lab) -> None:
    operation = three.draft()
    for host in three.sim.hosts[1:]:
        pool_row(host).set(ha_enabled=True)
    assert examined(three, operation).changed == ""
    for host in three.sim.hosts[1:]:
        pool_row(host).set(ha_enabled=False)
    found = examined(three, operation)
    assert (found.changed, codes(found)) == ("2 problems solved.", ["HOSTS_NOT_HOMOGENEOUS"])
    assert examined(three, operation).changed == "Nothing has changed."


def test_the_answers_before_stay_visible_while_servers_are_read_again(three: Lab) -> None:
    operation = three.draft()
    before = examined(three, operation)
    examination.ask(operation=operation, user=three.owner, again=[three.servers[1].uuid])
    found = known(operation)
    assert found.running
    assert found.report == before.report
    assert found.reading == {server.uuid for server in three.servers[:2]}


def test_who_presses_twice_gets_one_reading(three: Lab) -> None:
    operation = three.draft()
    for again in ([], [], [three.servers[1].uuid]):
        operation = wizards.examine_again(operation=operation, user=three.owner, again=again)
    three.sim.world.calllog.clear()
    for _ in range(3):
        examination.run(str(operation.pk))
    assert len(three.sim.calls("session.login_with_password")) == 3
    assert not known(operation).running


def test_another_server_asked_for_meanwhile_is_read_too(three: Lab) -> None:
    operation = three.draft()
    examined(three, operation)
    for server in three.servers[1:]:
        operation = wizards.examine_again(operation=operation, user=three.owner, again=[server.uuid])
    assert known(operation).reading == {server.uuid for server in three.servers}


def test_another_choice_needs_another_reading(three: Lab) -> None:
    operation = wizards.examine_again(operation=three.draft(), user=three.owner)
    asked = operation.report["asked"]
    operation = wizards.choose_ha(operation=operation, user=three.owner, switched=True)
    assert operation.report["asked"] != asked


def test_answers_about_other_servers_are_not_kept(three: Lab) -> None:
    operation = three.draft()
    examined(three, operation)
    operation.servers.remove(three.servers[2])
    examination.ask(operation=operation, user=three.owner, again=[three.servers[1].uuid])
    found = known(operation)
    assert found.report is None
    assert found.reading == {server.uuid for server in three.servers[:2]}


@pytest.fixture
def few_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that hangs is given up soon, and a worker soon goes on to something else."""
    monkeypatch.setattr("pools.operations.facts.LIMITS", Limits(login=1.5))
    monkeypatch.setattr(examination, "PATIENCE", 0.4)


@pytest.mark.usefixtures("few_seconds")
def test_a_server_that_hangs_keeps_nobody_waiting(three: Lab) -> None:
    operation, hanging = three.draft(), three.servers[1]
    three.sim.fault("hang", host=three.sim.hosts[1].name, times=None)
    found = examined(three, operation)
    assert found.running
    assert found.reading == {hanging.uuid}
    assert codes(found) == ["HOSTS_NOT_HOMOGENEOUS"]
    assert hanging.uuid not in found.read_at
    until(lambda: not known(operation).running)
    end = known(operation)
    assert {finding.subject for finding in (end.report.unknowns if end.report else ())} == {hanging.uuid}
    assert end.read_at[three.coordinator.uuid] == found.read_at[three.coordinator.uuid]


@pytest.mark.usefixtures("few_seconds")
def test_without_the_coordinator_only_what_is_the_servers_own_is_answered(three: Lab) -> None:
    operation, amd = three.draft(), three.servers[2]
    pool_row(three.sim.hosts[2]).set(ha_enabled=True)
    three.sim.fault("hang", host=three.sim.hosts[0].name, times=None)
    found = examined(three, operation)
    assert codes(found) == ["HA_IS_ENABLED"]
    rules = {cell.rule for cell in (found.report.cells if found.report else ()) if cell.server_uuid == amd.uuid}
    assert "joiner_has_no_ha" in rules
    assert "processors_are_of_one_vendor" not in rules
    until(lambda: not known(operation).running)


@pytest.mark.usefixtures("few_seconds")
def test_late_answers_to_an_older_question_are_dropped(three: Lab) -> None:
    operation = three.draft()
    three.sim.fault("hang", host=three.sim.hosts[1].name, times=None)
    examined(three, operation)
    three.sim.world.faults.clear()
    examined(three, operation)
    until(lambda: not known(operation).running)
    end = known(operation)
    assert end.report is not None
    assert end.report.unknowns == ()


def test_a_plan_is_an_answer_about_every_server(three: Lab) -> None:
    operation = three.draft(three.servers[:2])
    examination.ask(operation=operation, user=three.owner)
    operations.make_plan(operation=operation, user=three.owner)
    found = known(operation)
    assert not found.running
    assert found.read_at.keys() == {server.uuid for server in three.servers[:2]}


def test_read_again_alone_a_server_is_still_compared_with_those_that_join_before_it(three: Lab) -> None:
    first, second = sorted(three.sim.hosts[1:], key=lambda host: host.name)
    rows = [add_guest(host_row(host), VmSpec(name="shop")) for host in (first, second)]
    rows[1].set(uuid=rows[0].text("uuid"))
    for server in three.servers:
        inventories.refresh(server.pool)
    operation = three.draft()
    found = [examined(three, operation), examined(three, operation, second.uuid)]
    assert [report_of(each, second.uuid) for each in found] == [report_of(found[0], second.uuid)] * 2
    assert found[1].changed == "Nothing has changed."
    assert any("VM" in code for code in report_of(found[0], second.uuid))


def report_of(found: Examination, uuid: str) -> list[str]:
    return sorted(finding.code for finding in found.report.about(uuid)) if found.report else []
