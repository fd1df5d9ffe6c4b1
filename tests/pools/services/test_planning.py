"""From draft to plan: made by a worker from the facts of now; a plan that cannot be made says why."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from pools.checks.facts import Facts
from pools.checks.report import Report
from pools.models import Grant, Operation, OperationState, Role
from pools.operations.kind import Choices
from pools.operations.pool_create import PoolCreate
from pools.services import approvals, examination, planning, pool_create, wizards
from pools.services.errors import NotAllowed, WrongState
from simulator.scenes.spoil_state import run_vm
from tests.fixtures.lab import Lab
from tests.fixtures.people import make_person


def asked(lab: Lab) -> Operation:
    operation = lab.draft()
    planning.ask(operation=operation, user=lab.owner)
    return operation


def made(operation: Operation) -> Operation:
    planning.run(str(operation.pk))
    operation.refresh_from_db()
    return operation


def test_a_plan_is_made_by_the_worker(lab: Lab) -> None:
    operation = asked(lab)
    assert planning.page(operation, lab.owner)["preparing"]
    page = planning.page(made(operation), lab.owner)
    assert (page["ready"], page["preparing"], page["decision"]) == (True, False, "run")
    kinds = ["NamePool", "JoinPool", "AwaitMember", "ProveLogin", "CompareMember", "ConfirmPool"]
    assert [step.kind for step in operation.steps.all()] == kinds


def test_nobody_makes_a_plan_that_was_not_asked_for(lab: Lab) -> None:
    assert made(lab.draft()).state == OperationState.DRAFT
    planning.run("00000000-0000-4000-8000-000000000000")


def test_findings_that_forbid_a_plan_are_told_on_the_page(lab: Lab) -> None:
    operation = asked(lab)
    host = lab.sim.hosts[1]
    host.database.set("pool", next(iter(host.database.records("pool"))), ha_enabled=True)
    page = planning.page(made(operation), lab.owner)
    assert (operation.state, page["preparing"]) == (OperationState.DRAFT, False)
    assert "The checks found problems" in str(page["problem"])


def test_a_lost_right_is_told_on_the_page(lab: Lab) -> None:
    operation = asked(lab)
    Grant.objects.filter(user=lab.owner).delete()
    lab.sim.world.calllog.clear()
    assert "needs the role Operator" in str(planning.page(made(operation), lab.owner)["problem"])
    assert lab.sim.calls() == []


def test_the_rights_of_who_asks_count_not_of_who_began_it(lab: Lab) -> None:
    operation = lab.draft()
    Operation.objects.filter(pk=operation.pk).update(created_by=make_person("nobody"))
    planning.ask_again(operation=operation, user=lab.owner)
    assert made(operation).state == OperationState.PLANNED


def test_asking_for_a_plan_needs_a_role_on_every_server(lab: Lab) -> None:
    half = make_person("half", Role.OPERATOR, lab.servers[0].pool)
    with pytest.raises(NotAllowed):
        planning.ask_again(operation=lab.draft(), user=half)


def test_a_plan_that_no_worker_makes_is_overdue(lab: Lab) -> None:
    operation = asked(lab)
    operation.draft["plan_asked_at"] = (timezone.now() - timedelta(seconds=91)).isoformat()
    assert planning.page(operation, lab.owner)["overdue"]


def test_new_choices_void_the_plan_and_nobody_waits_for_it(lab: Lab) -> None:
    operation = made(asked(lab))
    wizards.examine_again(operation=operation, user=lab.owner)
    operation.refresh_from_db()
    page = planning.page(operation, lab.owner)
    assert (operation.state, operation.plan_hash) == (OperationState.DRAFT, "")
    assert (page["plan_steps"], page["preparing"], page["overdue"]) == ([], False, False)


def test_choices_that_changed_before_the_worker_began_make_no_plan(lab: Lab) -> None:
    operation = asked(lab)
    pool_create.choose_servers(operation=operation, user=lab.owner, servers=lab.servers[1:])
    assert made(operation).state == OperationState.DRAFT


def while_reading(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let a person do something while the worker reads the servers."""
    check = PoolCreate.check

    def checked(self: PoolCreate, facts: Facts, choices: Choices) -> Report:
        act()
        return check(self, facts, choices)

    monkeypatch.setattr(PoolCreate, "check", checked)


@pytest.mark.parametrize("running", [[], ["a VM"]])
def test_what_is_typed_while_the_plan_is_made_stays_and_waits_for_its_own_plan(
    running: list[str], lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = asked(lab)
    if running:
        run_vm(lab.sim.hosts[1], lab.sim.hosts[0])
    typed = {"name": "Typed later", "description": ""}

    def type_it() -> None:
        named = pool_create.name(operation=operation, user=lab.owner, **typed)
        wizards.go_on(operation=named, user=lab.owner, after="name")

    while_reading(monkeypatch, type_it)
    made(operation)
    assert (operation.state, operation.draft["name"]) == (OperationState.DRAFT, "Typed later")
    assert operation.draft["plan_problem"] == ""
    assert planning.page(operation, lab.owner)["preparing"]


@pytest.mark.parametrize("running", [[], ["a VM"]])
def test_a_plan_does_not_answer_an_examination_asked_for_meanwhile(
    running: list[str], lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = asked(lab)
    if running:
        run_vm(lab.sim.hosts[1], lab.sim.hosts[0])
    while_reading(monkeypatch, lambda: wizards.examine_again(operation=operation, user=lab.owner))
    made(operation)
    assert operation.state == OperationState.DRAFT
    assert examination.state(operation).running


def test_the_answer_to_an_older_question_makes_no_plan(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    operation = asked(lab)
    while_reading(monkeypatch, lambda: planning.ask_again(operation=operation, user=lab.owner))
    assert planning.page(made(operation), lab.owner)["preparing"]


def test_a_problem_is_told_to_who_still_waits_for_it(lab: Lab) -> None:
    operation = asked(lab)
    later = Operation.objects.get(pk=operation.pk)
    planning.ask_again(operation=later, user=lab.owner)
    planning.tell(operation, "This is an old answer.")
    later.refresh_from_db()
    assert planning.page(later, lab.owner)["preparing"]
    planning.tell(later, "This is the answer.")
    later.refresh_from_db()
    assert planning.page(later, lab.owner)["problem"] == "This is the answer."


def test_a_message_that_comes_twice_makes_one_plan(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    operation = asked(lab)
    while_reading(monkeypatch, lambda: planning.run(str(operation.pk)))
    made(operation)
    assert operation.journal.filter(text__startswith="A plan of").count() == 1


def test_a_plan_under_way_is_not_made_again(lab: Lab) -> None:
    operation = lab.started()
    with pytest.raises(WrongState):
        planning.ask_again(operation=operation, user=lab.owner)


def test_a_refused_plan_can_be_made_again(lab: Lab) -> None:
    operator = make_person("otto", Role.OPERATOR)
    operation = lab.planned(user=operator)
    approval = approvals.ask(operation=operation, user=operator, message="Please")
    approvals.decide(
        approval=approval, user=lab.owner, plan_hash=operation.plan_hash, approved=False, note="Not on a Friday."
    )
    operation.refresh_from_db()
    assert operation.state == OperationState.REFUSED
    planning.ask_again(operation=operation, user=operator)
    assert made(operation).state == OperationState.PLANNED


def test_the_xe_script_masks_passwords_and_no_name_breaks_out_of_its_comment(lab: Lab) -> None:
    operation = lab.planned()
    operation.title = "Create pool “a\nrm -rf /\r\nb”"
    script = planning.xe_script(operation, operation.steps.all())
    assert "# Create pool “a rm -rf / b”" in script
    assert "xe -s" in script or "xe pool-join" in script
    assert all(host.password not in script for host in lab.sim.hosts)
    assert "\nrm -rf" not in script
