"""Four eyes: what was approved is what runs, and never by its own author."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from pools import policy
from pools.models import Approval, AuditEntry, Operation, OperationState, Pool, Role, User
from pools.policy import Decision
from pools.services import approvals
from pools.services.errors import NotAllowed, PlanStale, WrongState
from tests.fixtures.people import Places, SignIn, make_person

HASH = "a" * 64


@pytest.fixture
def asked(planned: Operation, bob: User) -> Approval:
    return approvals.ask(operation=planned, user=bob, message="Please: it is for the lab.")


def state_of(operation: Operation) -> str:
    return Operation.objects.get(pk=operation.pk).state


def age(approval: Approval, minutes: int) -> None:
    Approval.objects.filter(pk=approval.pk).update(asked_at=timezone.now() - timedelta(minutes=minutes))
    approval.refresh_from_db()


@pytest.mark.usefixtures("alice", "adam", "vera", "charlie")
@pytest.mark.parametrize(
    ("name", "decision"),
    [
        ("vera", Decision.NEVER),
        ("bob", Decision.ASK),
        ("adam", Decision.RUN),
        ("alice", Decision.RUN),
        ("charlie", Decision.NEVER),
    ],
)
def test_the_policy_of_each_role(planned: Operation, name: str, decision: Decision) -> None:
    assert policy.decide(User.objects.get(username=name), planned) is decision


def test_a_person_who_was_disabled_may_run_nothing(planned: Operation, alice: User) -> None:
    alice.is_active = False
    assert policy.decide(alice, planned) is Decision.NEVER


def test_the_weakest_role_on_the_pools_touched_counts(planned: Operation, adam: User, places: Places) -> None:
    planned.servers.add(*places.theirs.servers.all())
    assert policy.decide(adam, planned) is Decision.NEVER
    assert not policy.may_approve(adam, planned)


def test_removing_a_server_needs_a_second_person_where_there_is_one(planned: Operation, adam: User) -> None:
    planned.kind = "host_remove"
    assert policy.decide(adam, planned) is Decision.RUN
    make_person("second", Role.ADMINISTRATOR)
    assert policy.decide(adam, planned) is Decision.ASK


def test_asking_makes_the_operation_wait(asked: Approval, planned: Operation, bob: User) -> None:
    assert state_of(planned) == OperationState.AWAITING_APPROVAL
    assert asked.plan_hash == HASH
    assert Operation.objects.get(pk=planned.pk).submitted_by == bob


def test_only_the_plan_that_was_shown_can_be_asked_for(planned: Operation, bob: User) -> None:
    with pytest.raises(PlanStale):
        approvals.ask(operation=planned, user=bob, plan_hash="b" * 64)


def test_a_yes_starts_the_very_plan_in_the_name_of_who_asked(asked: Approval, adam: User, bob: User) -> None:
    approvals.decide(approval=asked, user=adam, plan_hash=HASH, approved=True)
    operation = asked.operation
    operation.refresh_from_db()
    assert operation.state == OperationState.QUEUED
    assert operation.submitted_by == bob


def test_a_no_with_a_note_closes_the_plan(asked: Approval, adam: User) -> None:
    decided = approvals.decide(approval=asked, user=adam, plan_hash=HASH, approved=False, note="Not on Friday.")
    assert state_of(asked.operation) == OperationState.REFUSED
    assert (decided.decided_by, decided.note) == (adam, "Not on Friday.")


def test_a_no_needs_a_note(asked: Approval, adam: User) -> None:
    with pytest.raises(WrongState, match="note"):
        approvals.decide(approval=asked, user=adam, plan_hash=HASH, approved=False, note="  ")
    assert state_of(asked.operation) == OperationState.AWAITING_APPROVAL


def test_nobody_decides_about_his_own_plan(planned: Operation, adam: User, alice: User) -> None:
    asked = approvals.ask(operation=planned, user=adam)
    with pytest.raises(NotAllowed, match="of his own"):
        approvals.decide(approval=asked, user=adam, plan_hash=HASH, approved=True)
    approvals.decide(approval=asked, user=alice, plan_hash=HASH, approved=True)


def test_who_wrote_the_plan_cannot_approve_it_when_another_asked(planned: Operation, adam: User, bob: User) -> None:
    Operation.objects.filter(pk=planned.pk).update(created_by=adam)
    asked = approvals.ask(operation=planned, user=bob)
    with pytest.raises(NotAllowed, match="of his own"):
        approvals.decide(approval=asked, user=adam, plan_hash=HASH, approved=True)


def test_the_database_refuses_a_yes_to_ones_own(asked: Approval, bob: User) -> None:
    with pytest.raises(IntegrityError, match="nobody_approves_his_own"):
        Approval.objects.filter(pk=asked.pk).update(decided_by=bob, approved=True)


@pytest.mark.parametrize("name", ["vera", "charlie"])
def test_who_does_not_administer_the_pool_cannot_decide(asked: Approval, vera: User, charlie: User, name: str) -> None:
    person = User.objects.get(username=name)
    with pytest.raises(NotAllowed):
        approvals.decide(approval=asked, user=person, plan_hash=HASH, approved=True)


def test_another_hash_than_the_one_shown_is_refused(asked: Approval, adam: User) -> None:
    with pytest.raises(PlanStale, match="changed"):
        approvals.decide(approval=asked, user=adam, plan_hash="b" * 64, approved=True)


def test_a_plan_that_changed_meanwhile_is_refused(asked: Approval, adam: User) -> None:
    Operation.objects.filter(pk=asked.operation_id).update(plan_hash="b" * 64)
    for shown in (HASH, "b" * 64):
        with pytest.raises(PlanStale, match="changed"):
            approvals.decide(approval=asked, user=adam, plan_hash=shown, approved=True)


def test_a_request_lapses_after_half_an_hour(asked: Approval, adam: User) -> None:
    age(asked, 31)
    with pytest.raises(WrongState, match="30 minutes"):
        approvals.decide(approval=asked, user=adam, plan_hash=HASH, approved=True)
    assert state_of(asked.operation) == OperationState.STALE


def test_the_sweep_ends_what_nobody_decided_and_leaves_the_rest(asked: Approval) -> None:
    assert approvals.expire_due() == 0
    age(asked, 31)
    assert approvals.expire_due() == 1
    assert approvals.expire_due() == 0
    assert state_of(asked.operation) == OperationState.STALE


def test_a_decision_is_taken_once(asked: Approval, adam: User, alice: User) -> None:
    approvals.decide(approval=asked, user=adam, plan_hash=HASH, approved=False, note="No.")
    with pytest.raises(WrongState, match="decided before"):
        approvals.decide(approval=asked, user=alice, plan_hash=HASH, approved=True)


def test_asking_and_deciding_are_in_the_audit(asked: Approval, adam: User) -> None:
    approvals.decide(approval=asked, user=adam, plan_hash=HASH, approved=True, note="Fine.")
    actions = set(AuditEntry.objects.values_list("action", "actor_name"))
    assert {("approval.asked", "bob"), ("approval.given", "adam")} <= actions


def test_the_page_shows_the_plan_and_takes_the_decision(asked: Approval, adam: User, sign_in: SignIn) -> None:
    asked.operation.steps.create(seq=1, kind="NamePool", title="Name the pool Lab", call="pool.set_name_label(…)")
    client = sign_in(adam)
    page = client.get(f"/approvals/{asked.pk}/").content.decode()
    assert "Name the pool Lab" in page
    assert "pool.set_name_label" in page
    assert HASH in page
    answer = client.post(f"/approvals/{asked.pk}/", {"plan_hash": HASH, "decision": "approve"})
    assert answer.status_code == 302
    assert state_of(asked.operation) == OperationState.QUEUED


def test_the_page_says_why_nothing_was_decided_and_keeps_the_note(asked: Approval, adam: User, sign_in: SignIn) -> None:
    Operation.objects.filter(pk=asked.operation_id).update(plan_hash="b" * 64)
    answer = sign_in(adam).post(
        f"/approvals/{asked.pk}/", {"plan_hash": HASH, "decision": "approve", "note": "my note"}
    )
    assert answer.status_code == 409
    assert "The plan changed" in answer.content.decode()


def test_anything_but_approve_is_not_a_yes(asked: Approval, adam: User, sign_in: SignIn) -> None:
    sign_in(adam).post(f"/approvals/{asked.pk}/", {"plan_hash": HASH, "note": "typed and sent with Return"})
    assert state_of(asked.operation) != OperationState.QUEUED


def test_who_may_not_decide_sees_the_plan_without_buttons(
    asked: Approval, bob: User, vera: User, sign_in: SignIn
) -> None:
    for person in (bob, vera):
        page = sign_in(person).get(f"/approvals/{asked.pk}/").content.decode()
        assert "Create pool" in page
        assert "Approve and start" not in page


def test_the_menu_counts_what_waits_for_this_person(asked: Approval, adam: User, bob: User, sign_in: SignIn) -> None:
    assert approvals.waiting_for(adam).count() == 1
    assert approvals.waiting_for(bob).count() == 0
    assert "nav-count" in sign_in(adam).get("/approvals/").content.decode()
    assert "nav-count" not in sign_in(bob).get("/approvals/").content.decode()


def test_hostile_messages_and_notes_are_shown_as_text(
    planned: Operation, bob: User, adam: User, sign_in: SignIn
) -> None:
    Pool.objects.update(name_label="<script>alert(1)</script>")
    asked = approvals.ask(operation=planned, user=bob, message="<img src=x onerror=alert(1)>\x00\ud800")
    page = sign_in(adam).get(f"/approvals/{asked.pk}/").content.decode()
    assert "<img src=x" not in page
    assert "<script>alert" not in page
