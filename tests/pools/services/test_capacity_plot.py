"""How many servers may fail is drawn beside what HA is set to, and what XAPI has a plan for."""

from pools.services.capacity_plot import plot_of


def test_failures_are_drawn_as_pips_and_what_is_too_few_stands_out() -> None:
    stored = {"tolerates_before": 2, "tolerates_after": 1, "configured": 2, "planned": 0}
    rows = plot_of("leaver", stored).failures
    assert [(row.count, row.tone) for row in rows] == [(2, ""), (1, "warning"), (2, "error"), (0, "warning")]
    assert [sum(full for _, full in row.pips) for row in rows] == [2, 1, 2, 0]
    assert {len(row.pips) for row in rows} == {2}


def test_a_pool_without_ha_shows_no_plan_and_one_that_bears_nothing_no_pips() -> None:
    rows = plot_of("leaver", {}).failures
    assert [(row.count, row.pips) for row in rows] == [(0, []), (0, [])]


def test_a_pool_that_bears_many_failures_is_not_drawn_wider_than_the_page() -> None:
    assert {len(row.pips) for row in plot_of("leaver", {"tolerates_before": 63}).failures} == {8}
