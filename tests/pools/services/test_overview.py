"""Pools and servers as the pages show them: from what is stored, and never better than it is known."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from pools.models import Inventory, Pool
from pools.services import overview
from tests.fixtures.lab import Lab
from tests.fixtures.people import Places


def view_of(pool: Pool) -> overview.PoolView:
    return overview.pool_view(Pool.objects.select_related("inventory", "coordinator").get(pk=pool.pk))


def edit(pool: Pool, table: str, **fields: object) -> None:
    """Change the stored records of a class."""
    inventory = Inventory.objects.get(pool=pool)
    for record in inventory.records[table].values():
        record.update(fields)
    inventory.save()


def test_a_connected_server_is_healthy_and_described(lab: Lab) -> None:
    view = view_of(lab.coordinator.pool)
    row = view.servers[0]
    assert (view.state, row.state, view.is_standalone, row.is_coordinator) == ("healthy", "enabled", True, True)
    assert view.coordinator == row
    assert row.version
    assert row.cpu
    assert int(row.cpu_count) > 0
    assert view.memory_total >= view.memory_free > 0
    assert view.versions == [row.version]


def test_a_pool_that_was_never_read_is_not_called_healthy(places: Places) -> None:
    view = view_of(places.ours)
    assert (view.state, view.outdated, view.as_of) == ("unreachable", True, None)
    assert view.servers[0].state == "unknown"


def test_what_was_read_stays_readable_when_the_pool_is_down(lab: Lab) -> None:
    pool = lab.coordinator.pool
    Inventory.objects.filter(pool=pool).update(error_code="XENWEB_UNREACHABLE", error_params=["10.0.0.1:443"])
    view = view_of(pool)
    assert view.state == "unreachable"
    assert view.problem is not None
    assert view.servers[0].version


@pytest.mark.parametrize(
    ("table", "fields", "pool_state", "server_state"),
    [
        ("host", {"enabled": False}, "disabled", "disabled"),
        ("host_metrics", {"live": False}, "degraded", "offline"),
    ],
)
def test_a_server_that_does_not_work_shows(
    lab: Lab, table: str, fields: dict[str, object], pool_state: str, server_state: str
) -> None:
    edit(lab.coordinator.pool, table, **fields)
    view = view_of(lab.coordinator.pool)
    assert (view.state, view.servers[0].state) == (pool_state, server_state)


def test_old_records_are_called_old(lab: Lab) -> None:
    pool = lab.coordinator.pool
    assert not view_of(pool).outdated
    Inventory.objects.filter(pool=pool).update(as_of=timezone.now() - timedelta(minutes=4))
    assert view_of(pool).outdated


def test_the_estate_parts_pools_from_standalone_servers_by_name(lab: Lab) -> None:
    Pool.objects.filter(pk=lab.servers[1].pool_id).update(name_label="A pool")
    pools, standalone = overview.estate(Pool.objects.select_related("inventory", "coordinator"))
    assert [str(view.pool) for view in pools] == ["A pool"]
    assert [str(view.pool) for view in standalone] == [lab.coordinator.name_label]


def test_the_estate_costs_two_queries_however_many_pools(
    lab: Lab, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):
        overview.estate(Pool.objects.select_related("inventory", "coordinator").prefetch_related("servers"))


@pytest.mark.parametrize("records", [{}, {"host": {}}, {"host": {"r": {}}, "pool": {"p": {}}}])
def test_records_with_holes_break_no_page(places: Places, records: dict[str, object]) -> None:
    Inventory.objects.create(pool=places.ours, records=records, as_of=timezone.now())
    view = view_of(places.ours)
    assert [row.state for row in (*view.servers, *view.left)] == ["left" if view.snapshot.hosts else "unknown"]
    assert view.memory_total == 0
