"""The first page: what waits for me, what is wrong, what runs."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from pools.models import Approval, Inventory, Operation, OperationState, Pool, User
from pools.services import approvals
from tests.fixtures.people import Places, SignIn, make_person
from tests.pools.views.conftest import MakeEstate


def home(client: Client) -> str:
    return client.get("/").content.decode()


@pytest.mark.parametrize("count", [3, 30])
def test_home_costs_twelve_queries_at_most_whatever_the_size(
    count: int,
    alice: User,
    sign_in: SignIn,
    make_estate: MakeEstate,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number, pool in enumerate(make_estate(count, "Pool")):
        author = make_person(f"author-{number}")
        for state in ("running", "needs_attention", "succeeded", "awaiting_approval"):
            row = Operation.objects.create(kind="pool_create", title=state, pool=pool, state=state, created_by=author)
        Approval.objects.create(operation=row, plan_hash="a" * 64, asked_by=author)
    Inventory.objects.update(error_code="XENWEB_TIMEOUT")
    client = sign_in(alice)
    home(client)
    with django_assert_max_num_queries(12):
        home(client)


def test_the_first_visit_shows_where_to_begin(alice: User, sign_in: SignIn) -> None:
    assert "/connect/" in home(sign_in(alice))


def test_who_has_no_role_is_told_whom_to_ask(sign_in: SignIn, db: None) -> None:
    page = home(sign_in(make_person("newcomer")))
    assert "Nothing is shared with you yet" in page


def test_a_request_waits_for_administrators_and_not_for_its_author(
    planned: Operation, bob: User, adam: User, charlie: User, sign_in: SignIn
) -> None:
    approval = approvals.ask(operation=planned, user=bob, message="Please")
    assert f"/approvals/{approval.pk}/" in home(sign_in(adam))
    assert f"/approvals/{approval.pk}/" not in home(sign_in(bob))
    assert f"/approvals/{approval.pk}/" not in home(sign_in(charlie))


def test_trouble_is_shown_to_whom_it_concerns(planned: Operation, vera: User, charlie: User, sign_in: SignIn) -> None:
    Operation.objects.update(state=OperationState.NEEDS_ATTENTION)
    assert f"/operations/{planned.pk}/" in home(sign_in(vera))
    assert f"/operations/{planned.pk}/" not in home(sign_in(charlie))


def test_drafts_are_their_authors_own(bob: User, adam: User, places: Places, sign_in: SignIn) -> None:
    draft = Operation.objects.create(kind="pool_create", title="Half done", pool=places.ours, created_by=bob)
    assert f"/operations/{draft.pk}/" in home(sign_in(bob))
    assert f"/operations/{draft.pk}/" not in home(sign_in(adam))


def test_a_pool_that_cannot_be_reached_is_a_problem(vera: User, places: Places, sign_in: SignIn) -> None:
    Pool.objects.filter(pk=places.theirs.pk).delete()
    assert f"/pools/{places.ours.pk}/" in home(sign_in(vera))
