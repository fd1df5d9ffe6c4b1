"""An operation's page and buttons: they follow its state and the person's role."""

from http import HTTPStatus

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from pools.models import JournalEntry, Operation, OperationState, Server, Step, StepState, User
from pools.operations import journal
from pools.services import approvals
from tests.fixtures.lab import Lab
from tests.fixtures.people import Places, SignIn, make_person
from tests.pools.views.conftest import MakeEstate


@pytest.fixture
def running(planned: Operation) -> Operation:
    """Bob's operation at work: one step done, one running."""
    lane = planned.servers.get().uuid
    for seq, state in enumerate((StepState.DONE, StepState.RUNNING), start=1):
        Step.objects.create(
            operation=planned, seq=seq, kind="JoinPool", title=f"Step {seq}", lane=lane, state=state,
            started_at=timezone.now(),
        )  # fmt: skip
    Operation.objects.filter(pk=planned.pk).update(state=OperationState.RUNNING, started_at=timezone.now())
    planned.refresh_from_db()
    return planned


def page_of(operation: Operation, person: User, sign_in: SignIn) -> str:
    answer = sign_in(person).get(f"/operations/{operation.pk}/")
    assert answer.status_code == HTTPStatus.OK
    return answer.content.decode()


@pytest.mark.parametrize("servers", [3, 30])
def test_the_live_page_costs_twelve_queries_at_most(
    servers: int,
    alice: User,
    running: Operation,
    sign_in: SignIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(servers):
        uuid = f"more-{number}"
        assert running.pool is not None
        running.servers.add(Server.objects.create(uuid=uuid, pool=running.pool, name_label=uuid, address="10.3.0.1"))
        step = Step.objects.create(operation=running, seq=10 + number, kind="JoinPool", title=uuid, lane=uuid)
        journal.write(running, kind="step", text=f"{uuid} begun", step=step)
    Step.objects.filter(seq=10).update(state=StepState.FAILED, error_code="HOST_IS_SLAVE", error_params=["10.0.0.1"])
    Operation.objects.filter(pk=running.pk).update(state=OperationState.NEEDS_ATTENTION)
    client = sign_in(alice)
    client.get("/errors/")
    with django_assert_max_num_queries(12):
        page = client.get(f"/operations/{running.pk}/").content.decode()
    assert page.count('id="lane-') == servers + 1


@pytest.mark.parametrize("count", [3, 60])
def test_the_history_costs_twelve_queries_at_most(
    count: int, alice: User, places: Places, sign_in: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        author = make_person(f"author-{number}")
        Operation.objects.create(
            kind="pool_create", title=f"Done {number}", pool=places.ours, state="succeeded", created_by=author
        )
    client = sign_in(alice)
    client.get("/errors/")
    with django_assert_max_num_queries(12):
        page = client.get("/operations/").content.decode()
    assert page.count("Done ") >= min(count, 30)


def test_the_history_hides_the_drafts_of_others_and_filters_by_state(
    running: Operation, bob: User, adam: User, places: Places, sign_in: SignIn
) -> None:
    Operation.objects.create(kind="pool_create", title="Adams draft", pool=places.ours, created_by=adam)
    assert "Adams draft" not in sign_in(bob).get("/operations/").content.decode()
    assert "Adams draft" in sign_in(adam).get("/operations/").content.decode()
    only = sign_in(adam).get("/operations/?state=running").content.decode()
    assert running.title in only
    assert "Adams draft" not in only
    assert sign_in(adam).get("/operations/?state=nonsense&page=x").status_code == HTTPStatus.OK


def test_a_draft_opens_where_its_author_left_it(bob: User, vera: User, planned: Operation, sign_in: SignIn) -> None:
    answer = sign_in(bob).get(f"/operations/{planned.pk}/")
    assert answer.headers["Location"] == f"/operations/{planned.pk}/plan/"
    assert sign_in(vera).get(f"/operations/{planned.pk}/").status_code == HTTPStatus.OK


def test_a_running_operation_can_be_stopped_by_administrators_only(
    running: Operation, adam: User, vera: User, sign_in: SignIn
) -> None:
    stop = f"/operations/{running.pk}/stop/"
    assert stop in page_of(running, adam, sign_in)
    assert stop not in page_of(running, vera, sign_in)
    assert sign_in(vera).post(stop).status_code == HTTPStatus.FORBIDDEN
    sign_in(adam).post(stop)
    running.refresh_from_db()
    assert running.stop_requested
    assert "Stops after this step" in page_of(running, adam, sign_in)


def test_a_button_that_came_too_late_says_so(running: Operation, adam: User, sign_in: SignIn) -> None:
    answer = sign_in(adam).post(f"/operations/{running.pk}/resume/", follow=True)
    assert "There is nothing to resume" in answer.content.decode()


@pytest.mark.parametrize("action", ["launch", "delete", "start", "save-draft", "make-plan", "retry"])
def test_there_are_no_other_buttons(action: str, running: Operation, adam: User, sign_in: SignIn) -> None:
    client = sign_in(adam)
    assert client.post(f"/operations/{running.pk}/{action}/").status_code == HTTPStatus.NOT_FOUND
    assert client.post(f"/operations/{running.pk}/steps/2/undo/").status_code == HTTPStatus.NOT_FOUND
    assert client.post(f"/operations/{running.pk}/steps/99/retry/").status_code == HTTPStatus.NOT_FOUND


def test_a_failed_step_is_explained_retried_skipped_and_given_up(lab: Lab, sign_in: SignIn) -> None:
    operation = lab.started()
    lab.sim.fault("power_off", host=lab.sim.hosts[1].name)
    lab.run(operation)
    assert operation.state == OperationState.NEEDS_ATTENTION
    page = page_of(operation, lab.owner, sign_in)
    step = operation.steps.get(state__in=[StepState.FAILED, StepState.UNKNOWN, StepState.NEEDS_ATTENTION])
    for action in ("retry", "skip", "done", "not-done"):
        assert f"/operations/{operation.pk}/steps/{step.seq}/{action}/" in page
    assert "XENWEB_UNREACHABLE" in page
    answer = sign_in(lab.owner).post(f"/operations/{operation.pk}/abandon/", {"reason": " "}, follow=True)
    assert "Give a reason" in answer.content.decode()
    sign_in(lab.owner).post(f"/operations/{operation.pk}/abandon/", {"reason": "The server is broken."})
    operation.refresh_from_db()
    assert operation.state == OperationState.STOPPED
    assert "The server is broken." in page_of(operation, lab.owner, sign_in)


def test_a_finished_operation_says_that_xapi_says_so_and_offers_the_pool(lab: Lab, sign_in: SignIn) -> None:
    operation = lab.succeeded()
    page = page_of(operation, lab.owner, sign_in)
    assert "Done: XAPI says so itself" in page
    assert "Where the time went" in page
    assert f"/pools/{operation.pool_id}/" in page
    assert "live.js" not in page


def test_without_javascript_a_running_operation_is_loaded_again_and_again(
    running: Operation, vera: User, sign_in: SignIn
) -> None:
    assert '<noscript><meta http-equiv="refresh"' in page_of(running, vera, sign_in)


def test_a_request_shows_the_plan_and_only_others_may_decide(
    planned: Operation, bob: User, adam: User, sign_in: SignIn
) -> None:
    approval = approvals.ask(operation=planned, user=bob, message="For the new rack")
    assert "For the new rack" in page_of(planned, adam, sign_in)
    assert f"/approvals/{approval.pk}/" in page_of(planned, adam, sign_in)
    own = page_of(planned, bob, sign_in)
    assert f"/operations/{planned.pk}/cancel/" in own
    assert 'class="button button-primary" href="/approvals/' not in own


def test_the_buttons_alone_are_the_ones_of_the_page(running: Operation, adam: User, sign_in: SignIn) -> None:
    alone = sign_in(adam).get(f"/operations/{running.pk}/buttons/").content.decode()
    assert alone.lstrip().startswith('<div id="operation-buttons"')
    assert f"/operations/{running.pk}/stop/" in alone


def test_the_whole_journal_is_shown_in_pages(running: Operation, vera: User, sign_in: SignIn) -> None:
    JournalEntry.objects.bulk_create(
        JournalEntry(operation=running, kind="note", text=f"Line {number}.") for number in range(401)
    )
    client = sign_in(vera)
    assert "Line 399." in client.get(f"/operations/{running.pk}/journal/").content.decode()
    assert "Line 400." in client.get(f"/operations/{running.pk}/journal/?page=2").content.decode()
    assert "Line 400." in page_of(running, vera, sign_in)


def test_hostile_words_in_steps_and_journal_are_shown_as_text(
    running: Operation, vera: User, sign_in: SignIn, make_estate: MakeEstate
) -> None:
    hostile = "<script>alert(1)</script>\u202e" + "y" * 5000
    Step.objects.update(title=hostile, note=hostile, error_code="X<b>", error_params=[hostile])
    journal.write(running, kind="note", text=hostile)
    page = page_of(running, vera, sign_in)
    assert "<script>alert" not in page
    assert "\u202e" not in page
    assert "y" * 1000 not in page
