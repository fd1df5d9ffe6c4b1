"""Each check finds its own code and nothing else, with both values, and what is unread is unknown."""

from dataclasses import replace

import pytest

from pools.checks.finding import Finding, Severity
from pools.checks.registry import CellState, Report, Rule, Side, rules, run_checks
from pools.xapi.messages import ABSENT, explain, find
from tests.pools.checks.fine import FINE, NEW, OLD, add, facts, host, management, pool, server, software
from tests.pools.checks.spoiled import RESTRICTED, SPOILED, cert
from tests.pools.checks.spoiled_forecast import BONDED, FITS, WEB

XAPI_ROWS = [str(row) for row in range(34)]
SPLIT = {"5", "11", "13", "22"}


def cell_states(report: Report, server_uuid: str) -> set[CellState]:
    return {cell.state for cell in report.cells if cell.server_uuid == server_uuid}


def rule_of(key: str) -> Rule:
    return next(rule for rule in rules() if rule.key == key)


def test_servers_that_fit_give_no_finding() -> None:
    report = run_checks(FINE)
    assert report.findings == ()
    assert not report.blocked
    assert report.first_refusal(NEW.uuid) is None


def test_every_row_of_xapi_is_registered_once_and_in_order() -> None:
    expected = [f"{row}{half}" for row in XAPI_ROWS for half in (("a", "b") if row in SPLIT else ("",))]
    assert [rule.row for rule in rules() if rule.row] == expected
    assert all(not rule.row for rule in rules()[len(expected) :])


@pytest.mark.parametrize("name", SPOILED)
def test_each_check_finds_its_own_code_and_no_other(name: str) -> None:
    code, spoiled = SPOILED[name]
    assert {finding.code for finding in run_checks(spoiled).findings} == {code}


@pytest.mark.parametrize("name", SPOILED)
def test_each_finding_shows_both_values_and_has_an_explanation(name: str) -> None:
    for finding in run_checks(SPOILED[name][1]).findings:
        assert finding.theirs
        assert finding.ours
        assert find(finding.code, finding.params)
        told = explain(finding.code, finding.params)
        assert told.remedy
        assert ABSENT not in told.title + told.text + told.remedy


@pytest.mark.parametrize("name", [name for name in SPOILED if name[0].isdigit() and "servers" not in name[2:]])
def test_the_finding_stands_in_the_row_of_xapi(name: str) -> None:
    report = run_checks(SPOILED[name][1])
    assert {row.line.xapi_row for row in report.rows() if row.state is CellState.PROBLEM} == {name.partition(" ")[0]}


def test_every_rule_has_a_spoiled_case() -> None:
    broken = {row.line.rule for _, spoiled in SPOILED.values() for row in run_checks(spoiled).rows() if row.findings}
    assert broken == {rule.key for rule in rules()}


def test_what_is_wrong_with_several_servers_is_found_at_once() -> None:
    busy = add(
        pool(software(NEW, xapi="26.1"), ha_enabled=True), SPOILED["15 bond"][1].joining[0].snapshot.bonds["bond"]
    )
    other = host(server("new-2", 13), edition="standard")
    report = run_checks(facts(OLD, busy, other))
    assert [f.code for f in report.about(busy.uuid)] == [
        "HA_IS_ENABLED",
        "HOSTS_NOT_HOMOGENEOUS",
        "POOL_JOINING_HOST_HAS_BONDS",
    ]
    assert [f.code for f in report.about(other.uuid)] == ["LICENSE_HOST_POOL_MISMATCH"]


def test_a_server_that_could_not_be_read_is_unknown_and_never_fine() -> None:
    dead = replace(NEW, error_code="XENWEB_TIMEOUT")
    report = run_checks(facts(OLD, dead))
    assert cell_states(report, NEW.uuid) == {CellState.UNKNOWN, CellState.NOT_APPLICABLE}
    assert [(f.code, f.params) for f in report.findings] == [("XENWEB_UNREADABLE", ("new-1", "XENWEB_TIMEOUT"))]
    assert report.blocked


def test_an_unread_coordinator_makes_every_comparison_unknown() -> None:
    report = run_checks(facts(replace(OLD, error_code="XENWEB_UNREACHABLE"), NEW))
    compared = {rule.key for rule in rules() if rule.side in {Side.BOTH, Side.POOL}}
    answers = {cell.state for cell in report.cells if cell.rule in compared}
    assert answers == {CellState.UNKNOWN, CellState.NOT_APPLICABLE}
    assert {finding.subject for finding in report.findings} == {OLD.uuid}


@pytest.mark.parametrize("missing", sorted({need for rule in rules() for need in rule.needs}))
def test_an_unread_class_makes_the_rules_that_need_it_unknown(missing: str) -> None:
    blind = replace(NEW, snapshot=replace(NEW.snapshot, unread=frozenset({missing})))
    report = run_checks(facts(OLD, blind))
    for cell in report.cells:
        rule = rule_of(cell.rule)
        if cell.server_uuid == NEW.uuid and rule.side is not Side.POOL:
            assert (cell.state is CellState.UNKNOWN) == (missing in rule.needs)


def test_a_record_without_the_processor_vendor_is_unknown() -> None:
    report = run_checks(facts(OLD, host(NEW, cpu_info={})))
    assert [finding.severity for finding in report.findings] == [Severity.UNKNOWN]


def test_a_clock_that_was_not_read_is_unknown_but_stops_nothing() -> None:
    report = run_checks(facts(OLD, replace(NEW, clock_skew=None)))
    assert [finding.severity for finding in report.findings] == [Severity.UNKNOWN]
    assert not report.blocked


@pytest.mark.parametrize(
    ("skew", "severity"),
    [(3.0, None), (4.0, Severity.WARNING), (300.0, Severity.WARNING), (302.0, Severity.ERROR)],
)
def test_clocks_apart_are_a_warning_and_far_apart_an_error(skew: float, severity: Severity | None) -> None:
    found = run_checks(facts(OLD, replace(NEW, clock_skew=skew))).findings
    assert [finding.severity for finding in found] == ([severity] if severity else [])


def test_a_licence_for_three_counts_the_servers_that_join_before() -> None:
    small = [pool(server(f"new-{n}", 30 + n), restrictions=RESTRICTED) for n in range(4)]
    report = run_checks(facts(OLD, *small))
    refused = [finding.subject for finding in report.errors]
    assert refused == ["new-2-uuid", "new-3-uuid"]


def test_certificates_of_two_joining_servers_may_clash() -> None:
    first = add(NEW, cert("a", "ca", "ca.pem", "AA"))
    second = add(server("new-2", 13), cert("b", "ca", "ca.pem", "BB"))
    report = run_checks(facts(OLD, first, second))
    assert [(finding.code, finding.subject) for finding in report.errors] == [
        ("POOL_JOINING_HOST_CA_CERTIFICATES_CONFLICT", "new-2-uuid")
    ]


def test_records_shown_by_a_member_are_not_taken_for_its_own() -> None:
    member = pool(NEW, master="someone else", name_label="Office")
    busy = add(member, replace(OLD.host, ref="someone else", uuid="x", name_label="boss"))
    report = run_checks(facts(OLD, busy))
    assert [(f.code, f.params) for f in report.errors] == [("XENWEB_ALREADY_IN_POOL", ("Office", "boss"))]
    assert CellState.OK not in {
        c.state for c in report.cells if c.server_uuid == NEW.uuid and not rule_of(c.rule).of_members
    }


def test_a_pool_of_mixed_editions_leaves_the_answer_to_xapi() -> None:
    mixed = add(OLD, replace(OLD.host, ref="h2", uuid="h2", name_label="h2", edition="standard"))
    (finding,) = run_checks(facts(mixed, NEW)).findings
    assert (finding.code, finding.severity) == ("LICENSE_HOST_POOL_MISMATCH", Severity.UNKNOWN)


@pytest.mark.parametrize("address", ["10.1.2.3", "127.64.0.1", "192.168.1.1", "fd00::1"])
def test_private_and_loopback_addresses_are_fine(address: str) -> None:
    assert run_checks(facts(OLD, management(NEW, IP=address))).findings == ()


def test_an_address_that_is_none_is_unknown() -> None:
    (finding,) = run_checks(facts(OLD, management(NEW, IP="<b>nonsense"))).findings
    assert finding == Finding(
        code="XENWEB_UNREADABLE",
        subject=NEW.uuid,
        severity=Severity.UNKNOWN,
        params=("new-1", "its management address"),
    )


def test_a_link_that_was_not_read_is_unknown_and_not_fine() -> None:
    dark = replace(FITS, snapshot=replace(FITS.snapshot, pif_metrics={}))
    found = run_checks(facts(BONDED, dark)).about(NEW.uuid)
    assert {(finding.code, finding.severity) for finding in found} == {("XENWEB_UNREADABLE", Severity.UNKNOWN)}
    assert {finding.params[1] for finding in found} == {"the link of eth1", "the link of eth2"}


def test_vms_that_one_who_joins_before_has_too_are_not_expected_afterwards() -> None:
    """What the operation compares the new member with must not promise what the checks have denied."""
    first, second = add(NEW, WEB), add(server("new-2", 13), WEB)
    both = facts(OLD, first, second)
    assert [vm.name for vm in both.forecast(first).vms.coming] == ["web"]
    later = both.forecast(second).vms
    assert (later.coming, later.staying_behind) == ((), ("web",))
