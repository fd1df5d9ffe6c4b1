"""The wizard's answers: in the draft at once, and what depended on a changed answer is forgotten."""

import pytest

from pools.models import AuditEntry, Operation, OperationState, Role, User
from pools.services import drafts, operations, pool_create, wizards
from pools.services.errors import NotAllowed, WrongState
from tests.fixtures.lab import Lab
from tests.fixtures.people import make_person


def begun(lab: Lab, user: User | None = None) -> Operation:
    return pool_create.begin(user=user or lab.owner, servers=lab.servers)


def fresh(operation: Operation) -> Operation:
    return Operation.objects.get(pk=operation.pk)


def with_coordinator(lab: Lab) -> Operation:
    operation = begun(lab)
    pool_create.choose_coordinator(operation=operation, user=lab.owner, uuid=lab.coordinator.uuid)
    return fresh(operation)


def test_a_draft_belongs_to_who_began_it_and_is_in_the_audit(lab: Lab) -> None:
    operation = fresh(begun(lab))
    assert (operation.created_by, operation.state, operation.pool) == (lab.owner, OperationState.DRAFT, None)
    assert operation.draft["servers"] == [server.uuid for server in lab.servers]
    assert set(operation.servers.all()) == set(lab.servers)
    assert AuditEntry.objects.filter(action="operation.drafted").exists()


def test_the_coordinators_pool_is_the_one_that_grows_and_the_servers_are_examined(lab: Lab) -> None:
    operation = with_coordinator(lab)
    assert operation.pool == lab.coordinator.pool
    assert "asked" in operation.report


def test_the_same_coordinator_again_asks_nothing_anew(lab: Lab) -> None:
    operation = with_coordinator(lab)
    pool_create.choose_coordinator(operation=operation, user=lab.owner, uuid=lab.coordinator.uuid)
    assert fresh(operation).report == operation.report


def test_a_coordinator_that_is_no_longer_chosen_is_forgotten(lab: Lab) -> None:
    operation = with_coordinator(lab)
    pool_create.choose_servers(operation=operation, user=lab.owner, servers=lab.servers[1:])
    changed = fresh(operation)
    assert (changed.draft["coordinator"], changed.pool, changed.report) == ("", None, {})


def test_a_coordinator_that_stays_is_examined_with_the_others(lab: Lab) -> None:
    operation = with_coordinator(lab)
    pool_create.choose_servers(operation=operation, user=lab.owner, servers=lab.servers)
    changed = fresh(operation)
    assert changed.draft["coordinator"] == lab.coordinator.uuid
    assert changed.report["asked"] != operation.report["asked"]


def test_the_name_is_the_operations_title_and_going_on_asks_for_the_plan(lab: Lab) -> None:
    operation = with_coordinator(lab)
    named = pool_create.name(operation=operation, user=lab.owner, name="Frankfurt", description="Production")
    assert wizards.go_on(operation=named, user=lab.owner, after="name") == "plan"
    changed = fresh(operation)
    assert changed.title == "Create pool “Frankfurt”"
    assert changed.draft["plan_asked_at"]


def test_a_name_before_the_coordinator_is_kept_and_asks_for_no_plan(lab: Lab) -> None:
    operation = begun(lab)
    named = pool_create.name(operation=operation, user=lab.owner, name="Frankfurt", description="")
    wizards.go_on(operation=named, user=lab.owner, after="name")
    changed = fresh(operation)
    assert changed.draft["name"] == "Frankfurt"
    assert not changed.draft.get("plan_asked_at")
    assert wizards.next_page(changed) == "coordinator"


def test_each_answer_leads_to_the_next_question(lab: Lab) -> None:
    operation = lab.draft()
    assert wizards.next_page(operation) == "plan"
    for missing, page in (("name", "name"), ("coordinator", "coordinator"), ("servers", "servers")):
        del operation.draft[missing]
        assert wizards.next_page(operation) == page


def test_only_standalone_servers_that_one_may_use_can_be_chosen(lab: Lab) -> None:
    pool = lab.servers[1].pool
    pool.name_label = "A real pool"
    pool.save()
    assert [str(view.pool) for view in pool_create.candidates(lab.owner)] == [lab.coordinator.name_label]
    viewer = make_person("viktor", Role.VIEWER)
    assert pool_create.candidates(viewer) == []


def test_every_chosen_server_is_ranked_with_reasons(lab: Lab) -> None:
    ranked = pool_create.recommendations(lab.draft())
    assert {server.uuid for server, _ in ranked} == {server.uuid for server in lab.servers}
    scores = [advice.score for _, advice in ranked]
    assert scores == sorted(scores, reverse=True)


def test_a_draft_can_be_deleted_and_what_ran_cannot(lab: Lab) -> None:
    operation = begun(lab)
    drafts.discard(operation=operation, user=lab.owner)
    assert not Operation.objects.exists()
    started = lab.started()
    with pytest.raises(WrongState):
        drafts.discard(operation=started, user=lab.owner)


def test_a_page_opened_before_the_start_deletes_nothing_that_runs(lab: Lab) -> None:
    planned = lab.planned()
    opened = fresh(planned)
    operations.start(operation=planned, user=lab.owner)
    with pytest.raises(WrongState):
        drafts.discard(operation=opened, user=lab.owner)
    assert fresh(planned).state == OperationState.QUEUED
    assert planned.locks.exists()


def test_what_was_planned_once_is_cancelled_and_keeps_its_journal(lab: Lab) -> None:
    planned = lab.planned()
    drafts.discard(operation=planned, user=lab.owner)
    edited = lab.planned()
    wizards.examine_again(operation=edited, user=lab.owner)
    drafts.discard(operation=edited, user=lab.owner)
    for operation in (planned, edited):
        assert fresh(operation).state == OperationState.CANCELLED
        assert operation.journal.filter(text__startswith="A plan of 6 steps").exists()


def test_a_draft_is_discarded_by_who_began_it_or_by_an_administrator_of_its_pools(lab: Lab) -> None:
    otto, oscar = make_person("otto", Role.OPERATOR), make_person("oscar", Role.OPERATOR)
    for operation in (begun(lab, otto), lab.planned(user=otto)):
        with pytest.raises(NotAllowed):
            drafts.discard(operation=operation, user=oscar)
        assert fresh(operation).state == operation.state
    drafts.discard(operation=begun(lab, otto), user=otto)
    drafts.discard(operation=begun(lab, otto), user=make_person("adele", Role.ADMINISTRATOR))
    assert Operation.objects.count() == 2


def test_nothing_is_changed_once_it_is_under_way(lab: Lab) -> None:
    operation = lab.started()
    with pytest.raises(WrongState):
        pool_create.name(operation=operation, user=lab.owner, name="Other", description="")
    assert fresh(operation).title == "Create pool “One”"
