"""Servers leave the pools of the scenes: with HA, by a coordinator that leaves too, through a port that stays dark."""

from collections.abc import Iterator

import pytest
from django.test import override_settings

from pools.models import Attempt, NetworkSnapshot, Operation, OperationState, Server
from pools.operations.choices import choices_of
from pools.operations.host_remove import HostRemove
from pools.services import confirming
from pools.xapi.limits import LIMITS
from simulator.scenes.loader import parse
from simulator.world.role import slave_of
from tests.fixtures.lab import story
from tests.pools.connected import server_of
from tests.pools.operations.after_join.adding import rows
from tests.pools.operations.removal.removing import Removing, removing
from tests.pools.operations.test_bad_days import at_work
from tests.simulator.rpc import Rpc
from tests.simulator.waiting import until

LEAVES = "four-3"


@pytest.fixture
def ha(transactional_db: None) -> Iterator[Removing]:
    with removing("ha-pool", "ha-coordinator") as found:
        yield found


@pytest.fixture
def four(transactional_db: None) -> Iterator[Removing]:
    with removing("pool-of-four", "four-1") as found:
        yield found


def pool_of(lab: Removing, name: str) -> dict[str, object]:
    (row,) = lab.sim.host(name).database.records("pool").values()
    return row


def ejects(lab: Removing) -> list[str]:
    """Who was ejected, in order, as the coordinators of the time were asked."""
    coordinators = {call.host for call in lab.sim.calls("session.login_with_password") if call.outcome == "ok"}
    return [call.host for call in lab.sim.calls("pool.eject") if call.session and call.host in coordinators]


def test_the_coordinator_of_a_pool_with_ha_leaves_and_ha_is_on_again(ha: Removing) -> None:
    heir = ha.sim.host("ha-1")
    operation = ha.succeeded("ha-coordinator", ha=True, next_coordinator=heir.uuid)
    kinds = list(operation.steps.order_by("seq").values_list("kind", flat=True))
    assert kinds[:3] == ["DisableHA", "HandOver", "SaveNetwork"]
    assert kinds[-1] == "EnableHA"
    assert pool_of(ha, "ha-1")["ha_enabled"] is True
    assert {row["name_label"] for row in rows(heir, "host")} == {"ha-1", "ha-2"}
    assert server_of(ha.sim.host("ha-coordinator")).pool != ha.pool
    ha.pool.refresh_from_db()
    assert ha.pool.coordinator == server_of(heir)
    assert len(ha.sim.calls("pool.designate_new_master", host="ha-coordinator")) == 1


def test_several_servers_leave_one_after_the_other_the_coordinator_last(four: Removing) -> None:
    heir = four.sim.host("four-4")
    operation = four.succeeded("four-1", "four-2", next_coordinator=heir.uuid)
    in_order = [four.sim.host(name).uuid for name in ("four-2", "four-1")]
    asked = confirming.asked(operation, four.owner).servers
    assert operation.draft["servers"] == [each.uuid for each in asked] == in_order
    assert {row["name_label"] for row in rows(heir, "host")} == {"four-3", "four-4"}
    assert Server.objects.filter(pool=four.pool).count() == 2
    assert pool_of(four, "four-1")["uuid"] != pool_of(four, "four-2")["uuid"]
    assert ejects(four) == ["four-1", "four-4"]


def test_a_coordinator_does_not_hand_over_while_a_member_is_away(four: Removing) -> None:
    """XAPI would ask every member, and fail half-way."""
    operation = four.started("four-1", next_coordinator=four.sim.host("four-4").uuid)
    four.sim.world.power_off(four.sim.host("four-2"))
    coordinator = four.sim.host("four-1").database
    until(lambda: not all(row["live"] for row in coordinator.records("host_metrics").values()))
    assert four.lab.run(operation).state == OperationState.STALE, story(operation)
    assert four.sim.calls("pool.designate_new_master") == []
    report = HostRemove().check(HostRemove().facts(operation), choices_of(operation))
    assert "HOST_OFFLINE" in {finding.code for finding in report.errors}


def test_a_pool_whose_coordinator_changed_meanwhile_is_asked_through_the_new_one(four: Removing) -> None:
    operation = four.lab.run_steps(four.started("four-3"), 1)
    change_coordinator(four, "four-2")
    four.lab.run(operation)
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    assert len(four.sim.calls("pool.eject", host="four-2")) == 1
    asked = Attempt.objects.filter(step__operation=operation, step__kind="EjectHost").get()
    assert asked.server_uuid == four.sim.host("four-2").uuid


def test_a_server_that_became_the_coordinator_meanwhile_is_not_ejected(four: Removing) -> None:
    operation = four.lab.run_steps(four.started("four-3"), 1)
    change_coordinator(four, "four-3")
    four.lab.run(operation)
    step = operation.steps.get(kind="ProveNothingElseIsLost")
    assert "XENWEB_NO_HEIR" in {finding["code"] for finding in step.findings}, story(operation)
    assert four.sim.calls("pool.eject") == []


def change_coordinator(lab: Removing, name: str) -> None:
    """Somebody else does that, and everybody is at work again."""
    new = lab.sim.host(name)
    old = next(host for host in lab.sim.hosts if host.role == "master")
    Rpc(old).call("pool.designate_new_master", new.ref)
    until(lambda: new.role == "master" and new.up and old.pool_conf.startswith("slave:") and old.up)
    roles = {"master", slave_of(new.address)}
    until(lambda: all(host.up and host.settled and host.role in roles for host in lab.sim.hosts))
    until(lambda: all(at_work(new, host.uuid) for host in lab.sim.hosts if host is not lab.sim.host(LEAVES)))


def test_a_server_on_ports_that_want_lacp_stays_dark_and_says_where_to_look(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vars(LIMITS), "login", 1.5)
    with removing("lacp-only-switch", "lacp-1") as lab:
        operation = lab.lab.run_steps(lab.started("lacp-2"), 7)
        with override_settings(PATIENCE=0.1):
            lab.lab.run(operation)
        assert operation.state == OperationState.OPEN_POINTS, story(operation)
        step = operation.steps.get(kind="AwaitAnswer")
        assert step.error_code == "XENWEB_NOT_SEEN"
        assert "console runbook" in step.attempts.last().evidence["Look at"]  # type: ignore[union-attr]
        assert NetworkSnapshot.objects.filter(operation=operation).get().come_back["from_bond"]


def test_a_member_with_vms_on_shared_storage_is_emptied_and_leaves(transactional_db: None) -> None:
    """Those that nothing can move were shut down before."""
    with removing("busy-member", "boss") as lab:
        database = lab.sim.host("boss").database
        for ref, vm in database.records("VM").items():
            if (
                vm["power_state"] != "Halted"
                and vm["name_label"] not in {"mail", "web"}
                and not vm["is_control_domain"]
            ):
                database.set("VM", ref, power_state="Halted", resident_on="OpaqueRef:NULL")
        lab.succeeded("busy")
        there = {row["name_label"]: row["power_state"] for row in rows(lab.sim.host("boss"), "VM")}
        assert (there["mail"], there["web"]) == ("Running", "Running")


def test_a_server_of_the_cloud_comes_back_as_foretold(transactional_db: None) -> None:
    with removing("ibm-cloud", "ibm-1") as lab:
        lab.succeeded("ibm-2")


OLD = """
name: eight
hosts:
  - {name: eight-1, software: &eight {product_version: 8.2.1, platform_version: 3.2.1, xapi: "1.249", xapi_build: "", db_schema: "5.603"}, api_version: "2.15"}
  - {name: eight-2, software: *eight, api_version: "2.15"}
pools: [{name: Eight, master: eight-1, members: [eight-2]}]
"""  # noqa: E501


def test_an_older_server_is_disabled_as_it_knows_how_and_leaves(transactional_db: None) -> None:
    """Its host.disable has one parameter: the longer form is refused, and has done nothing."""
    with removing(parse(OLD, "eight.yaml"), "eight-1") as lab:
        lab.succeeded("eight-2")
        outcomes = [call.outcome for call in lab.sim.calls("host.disable", host="eight-1")]
        assert outcomes == ["MESSAGE_PARAMETER_COUNT_MISMATCH", "ok"]


def test_ha_that_cannot_go_on_as_it_was_is_said_before(ha: Removing) -> None:
    operation = ha.draft("ha-1", "ha-2", ha=True)
    report = HostRemove().check(HostRemove().facts(operation), choices_of(operation))
    assert "XENWEB_HA_ENDS" in {finding.code for finding in report.findings}
    assert "EnableHA" not in planned_kinds(operation)


def planned_kinds(operation: Operation) -> list[str]:
    facts, choices = HostRemove().facts(operation), choices_of(operation)
    return [step.kind for step in HostRemove().plan(facts, choices)]


def test_a_member_in_maintenance_does_not_hold_up_the_hand_over(four: Removing) -> None:
    Rpc(four.sim.host("four-1")).call("host.disable", four.sim.host("four-2").ref, False)
    operation = four.succeeded("four-1", next_coordinator=four.sim.host("four-4").uuid)
    assert operation.steps.get(kind="HandOver").params["resting"] == [four.sim.host("four-2").uuid]
    (resting,) = (row for row in rows(four.sim.host("four-4"), "host") if row["name_label"] == "four-2")
    assert resting["enabled"] is False
