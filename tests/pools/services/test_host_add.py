"""Adding servers: the pool is given, its coordinator of now is asked, HA is switched only when somebody chose it."""

import pytest

from pools import inventories
from pools.models import AuditEntry, Inventory, Operation, OperationState, Pool, Role, Server
from pools.services import examination, host_add, keeping, operations, wizards
from pools.services.errors import NotAllowed, WrongState
from tests.fixtures.growing import begun, set_on_pool
from tests.fixtures.lab import Lab
from tests.fixtures.people import make_person


def examined(operation: Operation) -> Operation:
    examination.run(str(operation.pk))
    return Operation.objects.get(pk=operation.pk)


def test_the_draft_knows_the_pool_its_coordinator_and_who_joins(lab: Lab, growing: Pool) -> None:
    operation, joiner = begun(lab, growing), lab.servers[1]
    assert (operation.kind, operation.pool, operation.state) == ("host_add", growing, OperationState.DRAFT)
    assert (operation.draft["servers"], operation.draft["coordinator"]) == ([joiner.uuid], lab.coordinator.uuid)
    assert set(operation.servers.all()) == set(lab.servers)
    assert operation.title == f"Add {joiner.name_label} to “Frankfurt”"
    assert "asked" in operation.report
    assert AuditEntry.objects.filter(action="operation.drafted").exists()


def test_the_pages_are_servers_checks_network_and_plan(lab: Lab, growing: Pool) -> None:
    operation = begun(lab, growing)
    assert wizards.next_page(operation) == "plan"
    assert [wizards.wizard_of(operation).after(page) for page in ("servers", "checks", "network")] == [
        "checks",
        "network",
        "plan",
    ]
    assert wizards.go_on(operation=operation, user=lab.owner, after="network") == "plan"
    operation.refresh_from_db()
    assert operation.draft["plan_asked_at"]


def test_a_server_of_the_pool_itself_does_not_join_it(lab: Lab, growing: Pool) -> None:
    operation = host_add.begin(user=lab.owner, pool=growing, servers=lab.servers)
    assert operation.draft["servers"] == [lab.servers[1].uuid]


def test_the_pool_and_the_servers_need_the_role_operator(lab: Lab, growing: Pool) -> None:
    for where in (growing, lab.servers[1].pool):
        half = make_person(f"half-{where.pk}", Role.OPERATOR, where)
        with pytest.raises(NotAllowed):
            begun(lab, growing, half)
    assert not Operation.objects.exists()


def test_only_pools_that_one_may_operate_can_grow(lab: Lab, growing: Pool) -> None:
    assert [view.pool for view in host_add.growing_pools(lab.owner)] == [growing]
    assert host_add.growing_pools(make_person("viktor", Role.VIEWER)) == []


def test_what_runs_is_what_was_planned(lab: Lab, growing: Pool) -> None:
    planned = operations.make_plan(operation=begun(lab, growing), user=lab.owner)
    done = lab.run(operations.start(operation=planned, user=lab.owner))
    assert done.state == OperationState.SUCCEEDED
    growing.refresh_from_db()
    assert set(growing.servers.all()) == set(Server.objects.all())
    assert growing.name_label == "Frankfurt"


def test_another_coordinator_is_said_and_asked_from_the_next_examination_on(lab: Lab, growing: Pool) -> None:
    operation = begun(lab, growing)
    elsewhere = Server.objects.create(uuid="other", pool=growing, name_label="xs-09", address="127.0.0.99")
    Pool.objects.filter(pk=growing.pk).update(coordinator=elsewhere)
    operation.refresh_from_db()
    growing.refresh_from_db()
    said = host_add.trouble(operation, growing)
    assert said is not None
    assert "xs-09" in said.text
    again = wizards.examine_again(operation=operation, user=lab.owner)
    assert again.draft["coordinator"] == "other"
    assert set(again.servers.all()) == {elsewhere, lab.servers[1]}
    assert host_add.trouble(again, growing) is None


def test_a_pool_that_did_not_answer_is_said_with_what_to_do(lab: Lab, growing: Pool) -> None:
    operation = begun(lab, growing)
    assert host_add.trouble(operation, growing) is None
    Inventory.objects.filter(pool=growing).update(error_code="XENWEB_TIMEOUT", error_params=["127.0.0.1", "5"])
    said = host_add.trouble(operation, growing)
    assert said is not None
    assert "did not answer" in said.title


def test_a_pool_that_is_let_go_meanwhile_is_said_and_the_draft_can_go(lab: Lab, growing: Pool) -> None:
    operation = begun(lab, growing)
    keeping.disconnect(pool=growing, user=lab.owner)
    operation.refresh_from_db()
    assert wizards.next_page(operation) == "servers"
    with pytest.raises(WrongState, match="not managed here any more"):
        wizards.examine_again(operation=operation, user=lab.owner)


def test_ha_of_the_pool_stops_the_plan_until_somebody_chooses_to_switch_it(lab: Lab, growing: Pool) -> None:
    set_on_pool(lab, ha_enabled=True)
    inventories.refresh(growing)
    before = examination.state(examined(begun(lab, growing))).report
    assert before is not None
    assert [finding.code for finding in before.errors] == ["HA_IS_ENABLED"]
    operation = Operation.objects.get()
    wizards.choose_ha(operation=operation, user=lab.owner, switched=True)
    after = examination.state(examined(operation)).report
    assert after is not None
    assert (after.errors, [finding.code for finding in after.warnings]) == ((), ["XENWEB_HA_SWITCHED"])
    operation.refresh_from_db()
    wizards.choose_ha(operation=operation, user=lab.owner, switched=False)
    again = examination.state(examined(operation)).report
    assert again is not None
    assert again.blocked


def test_ha_of_a_server_that_joins_stays_an_error_whatever_is_chosen(lab: Lab, growing: Pool) -> None:
    database = lab.sim.hosts[1].database
    database.set("pool", next(iter(database.records("pool"))), ha_enabled=True)
    operation = begun(lab, growing)
    wizards.choose_ha(operation=operation, user=lab.owner, switched=True)
    report = examination.state(examined(operation)).report
    assert report is not None
    assert [finding.subject for finding in report.errors] == [lab.servers[1].uuid]
