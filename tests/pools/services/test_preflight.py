"""The grid and its cards: worst first, equal findings once, every problem with a card, nothing unknown fine."""

from dataclasses import replace

import pytest

from pools.checks.registry import run_checks
from pools.checks.report import Report
from pools.services import preflight
from pools.services.examination import Examination
from pools.services.preflight_grid import Column, GridRow
from tests.pools.checks.fine import FINE, NEW, OLD, add, facts, management, pool, server
from tests.pools.checks.spoiled import SPOILED, running


def examined(report: Report) -> Examination:
    return Examination(running=False, overdue=False, as_of=None, report=report)


def page_of(report: Report) -> dict[str, object]:
    return preflight.page(examined(report))


def rows(page: dict[str, object]) -> list[GridRow]:
    found = page["rows"]
    assert isinstance(found, list)
    return found


def columns(page: dict[str, object]) -> list[Column]:
    found = page["columns"]
    assert isinstance(found, list)
    return found


def test_servers_that_fit_are_said_to_fit() -> None:
    page = page_of(run_checks(FINE))
    assert page["verdict"] == "All 2 servers fit together"
    assert page["findings"] == []
    assert [(each.uuid, each.words) for each in columns(page)] == [(OLD.uuid, "ready"), (NEW.uuid, "ready")]


def test_only_rules_with_a_problem_are_shown_until_all_are_asked_for() -> None:
    report = run_checks(facts(OLD, pool(NEW, ha_enabled=True)))
    assert [row.title for row in rows(page_of(report))] == ["High availability is off on the server"]
    everything = preflight.page(examined(report), everything=True)
    assert len(rows(everything)) == everything["rules"] == len(report.lines)


@pytest.mark.parametrize("name", SPOILED)
def test_every_bad_cell_leads_to_a_card_that_explains_it(name: str) -> None:
    code, spoiled = SPOILED[name]
    page = preflight.page(examined(run_checks(spoiled)), everything=True)
    cards = {card.id: card for card in preflight.cards(run_checks(spoiled))}
    assert code in {card.code for card in cards.values()}
    for row in rows(page):
        for cell in row.cells:
            if cell.state in {"error", "unknown", "warning", "info"}:
                assert cards[cell.finding].title


def test_the_rule_at_which_xapi_stops_is_marked_once_for_each_server() -> None:
    bad = [pool(add(server(f"new-{n}", 20 + n), running(f"vm-{n}")), ha_enabled=True) for n in range(2)]
    report = run_checks(facts(OLD, *bad))
    stops = {row.xapi_row: [cell.first for cell in row.cells] for row in rows(page_of(report))}
    assert stops == {"3": [False, True, True], "9": [False, False, False]}
    only = {card.code: card.only for card in preflight.cards(report)}
    assert only["HA_IS_ENABLED"] == ("new-0", "new-1")
    assert only["JOINING_HOST_CANNOT_HAVE_RUNNING_VMS"] == ()


def test_a_server_that_could_not_be_read_is_unknown_in_its_column_and_hides_no_rule() -> None:
    lost = replace(NEW, error_code="XENWEB_TIMEOUT")
    page = page_of(run_checks(facts(OLD, lost)))
    assert [each.words for each in columns(page)] == ["ready", "could not be read"]
    assert [each.state for each in columns(page)] == ["ok", "unknown"]
    assert page["dark"] == NEW.name_label
    assert rows(page) == []
    assert page["verdict"] == "1 answer could not be read"


def test_what_has_no_answer_yet_is_neither_fine_nor_unknown() -> None:
    report = run_checks(FINE)
    partial = replace(report, cells=tuple(cell for cell in report.cells if cell.server_uuid == OLD.uuid))
    found = replace(examined(partial), running=True, reading=frozenset({NEW.uuid}))
    page = preflight.page(found, everything=True)
    assert [each.words for each in columns(page)] == ["ready", "no answer yet, waiting"]
    assert {row.cells[1].state for row in rows(page)} == {"waiting"}
    assert page["verdict"] == "Not every server has answered"
    left = preflight.page(replace(found, overdue=True), everything=True)
    assert {row.cells[1].state for row in rows(left)} == {"unknown"}


def test_the_same_finding_of_several_servers_is_one_card() -> None:
    joining = [pool(server(f"new-{n}", 20 + n), ha_enabled=True) for n in range(3)]
    found = [card for card in preflight.cards(run_checks(facts(OLD, *joining))) if card.code == "HA_IS_ENABLED"]
    assert [card.servers for card in found] == [("new-0", "new-1", "new-2")]
    assert found[0].theirs_label == "These servers"


def test_findings_with_other_values_stay_apart() -> None:
    joining = [add(server(f"new-{n}", 20 + n), running(f"vm-{n}")) for n in range(2)]
    report = run_checks(facts(OLD, *joining))
    found = [card for card in preflight.cards(report) if card.code == "JOINING_HOST_CANNOT_HAVE_RUNNING_VMS"]
    assert [card.servers for card in found] == [("new-0",), ("new-1",)]


def test_the_worst_comes_first_and_is_the_verdict() -> None:
    warned = management(NEW, ip_configuration_mode="DHCP")
    assert page_of(run_checks(facts(OLD, warned)))["verdict"] == "2 servers fit together, with 1 warning"
    report = run_checks(facts(OLD, pool(warned, ha_enabled=True)))
    page = page_of(report)
    assert page["verdict"] == "1 problem on 1 of 2 servers"
    assert [card.severity for card in preflight.cards(report)] == ["error", "warning"]
    assert not rows(page)[0].fine
