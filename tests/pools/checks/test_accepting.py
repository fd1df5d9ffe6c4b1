"""Only a difference of software versions may be forced, and never where the processors' vendors are not equal."""

from dataclasses import replace

from pools.checks.accepting import FORCED, NOTHING_TO_FORCE, VENDORS_NOT_EQUAL, obstacle
from pools.checks.facts import ServerFacts
from pools.checks.finding import Severity
from pools.checks.registry import CellState, Report, run_checks
from pools.operations.choices import accepted
from pools.operations.kind import Choices
from tests.pools.checks.fine import FINE, NEW, OLD, facts, host, pool, server, software

OLDER = software(NEW, xapi="26.1")
OTHER_MAKER = {**NEW.host.cpu_info, "vendor": "AuthenticAMD"}
REASON = "The updates come tomorrow."


def checked(*joining: ServerFacts) -> Report:
    return run_checks(facts(OLD, *joining))


def test_what_is_forced_is_a_warning_with_its_reason_and_blocks_no_more() -> None:
    report = checked(OLDER)
    assert report.blocked
    forced = accepted(report, Choices(usernames={}, forced={OLDER.uuid: REASON}))
    assert [(found.code, found.severity, found.params) for found in forced.findings] == [
        (FORCED, Severity.WARNING, (REASON,))
    ]
    assert not forced.blocked
    assert forced.state_of(OLDER.uuid) is CellState.WARNING
    assert (forced.findings[0].theirs, forced.findings[0].ours) == (report.findings[0].theirs, report.findings[0].ours)


def test_what_is_forced_for_one_server_stays_an_error_for_the_others() -> None:
    other = software(server("new-2", 13), xapi="26.1")
    report = accepted(checked(OLDER, other), Choices(usernames={}, forced={OLDER.uuid: REASON}))
    assert [found.subject for found in report.errors] == [other.uuid]


def test_no_reason_forces_a_vendor_difference() -> None:
    mixed = host(NEW, cpu_info=OTHER_MAKER)
    report = checked(mixed)
    assert accepted(report, Choices(usernames={}, forced={mixed.uuid: REASON})) == report
    assert obstacle(report, mixed.uuid) == NOTHING_TO_FORCE


def test_force_is_offered_for_a_difference_of_versions_alone() -> None:
    assert obstacle(checked(OLDER), OLDER.uuid) == ""
    assert obstacle(run_checks(FINE), NEW.uuid) == NOTHING_TO_FORCE


def test_force_is_not_offered_when_the_vendors_differ_too_or_are_not_known() -> None:
    for cpu_info in (OTHER_MAKER, {}):
        both = host(OLDER, cpu_info=cpu_info)
        assert obstacle(checked(both), both.uuid) == VENDORS_NOT_EQUAL


def test_force_is_not_offered_when_something_else_stops_the_join_anyway() -> None:
    report = checked(pool(OLDER, ha_enabled=True))
    assert "HA_IS_ENABLED" in obstacle(report, OLDER.uuid)
    blind = replace(OLDER, snapshot=replace(OLDER.snapshot, unread=frozenset({"host"})))
    assert obstacle(checked(blind), blind.uuid) == NOTHING_TO_FORCE
