"""A report shows the worst first, survives storage, and tells where XAPI would stop."""

import json
from dataclasses import replace

import pytest

from pools.checks.finding import listed
from pools.checks.registry import CellState, Report, run_checks
from tests.pools.checks.fine import FINE, NEW, OLD, add, facts, management, pool, server
from tests.pools.checks.spoiled import SPOILED, running


def troubled() -> Report:
    bad = pool(management(NEW, ip_configuration_mode="DHCP"), ha_enabled=True)
    blind = server("new-2", 13)
    blind = replace(blind, snapshot=replace(blind.snapshot, unread=frozenset({"sm"})))
    return run_checks(facts(OLD, bad, blind))


def test_problems_come_first_then_the_unknown_then_warnings() -> None:
    states = [state for state, _ in troubled().groups()]
    assert states == [CellState.PROBLEM, CellState.UNKNOWN, CellState.WARNING, CellState.OK]


def test_rows_have_a_cell_for_every_server_in_order() -> None:
    report = troubled()
    for row in report.rows():
        assert [cell.server_uuid for cell in row.cells] == list(report.servers)


def test_equally_bad_rows_keep_xapis_order() -> None:
    report = run_checks(facts(OLD, pool(add(NEW, running("a")), ha_enabled=True, tls_verification_enabled=False)))
    problems = [row.line.xapi_row for row in report.rows() if row.state is CellState.PROBLEM]
    assert problems == ["3", "9", "28"]


@pytest.mark.parametrize("name", SPOILED)
def test_a_report_survives_storage(name: str) -> None:
    report = run_checks(SPOILED[name][1])
    again = Report.from_json(json.loads(json.dumps(report.to_json())))
    assert again == report
    assert list(again.servers) == list(report.servers)


def test_the_first_refusal_is_the_one_xapi_would_give() -> None:
    bad = add(pool(NEW, tls_verification_enabled=False), running("intranet"))
    report = run_checks(facts(pool(OLD, current_operations={"t": "apply_updates"}), bad))
    refusal = report.first_refusal(NEW.uuid)
    assert refusal is not None
    assert refusal.code == "JOINING_HOST_CANNOT_HAVE_RUNNING_VMS"


def test_what_is_wrong_with_the_pool_refuses_every_server() -> None:
    report = run_checks(facts(pool(OLD, ha_enabled=True), NEW, server("new-2", 13)))
    assert [finding.subject for finding in report.errors] == [OLD.uuid]
    refusals = [report.first_refusal(uuid) for uuid in (NEW.uuid, "new-2-uuid")]
    assert [refusal.code for refusal in refusals if refusal] == ["HA_IS_ENABLED", "HA_IS_ENABLED"]


def test_findings_are_sorted_by_what_they_stop() -> None:
    report = troubled()
    assert [finding.code for finding in report.errors] == ["HA_IS_ENABLED"]
    assert [finding.code for finding in report.unknowns] == ["XENWEB_UNREADABLE"]
    assert [finding.code for finding in report.warnings] == ["XENWEB_DHCP_MANAGEMENT"]
    assert report.blocked


def test_a_server_is_as_bad_as_its_worst_cell() -> None:
    report = troubled()
    states = [report.state_of(uuid) for uuid in report.servers]
    assert states == [CellState.OK, CellState.PROBLEM, CellState.UNKNOWN]


def test_a_warning_alone_does_not_block() -> None:
    assert not run_checks(SPOILED["DHCP"][1]).blocked
    assert not run_checks(FINE).blocked


def test_long_lists_are_cut_and_counted() -> None:
    assert listed(["a", "b"]) == "a, b"
    assert listed(list("abcdefg")) == "a, b, c, d and 3 more"
    assert listed([""]) == "(no name)"
