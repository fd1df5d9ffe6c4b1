"""The grid as a file: every answer, its own moment, and nothing that a spreadsheet would reckon with."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pools.checks.registry import run_checks
from pools.services import preflight_csv
from pools.services.examination import Examination
from tests.pools.checks.fine import NEW, OLD, facts, pool

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def lines(name: str = "new") -> list[dict[str, str]]:
    report = run_checks(facts(OLD, pool(replace(NEW, name_label=name), ha_enabled=True)))
    found = Examination(running=False, overdue=False, as_of=NOON, report=report, read_at={NEW.uuid: NOON})
    return list(csv.DictReader(io.StringIO(preflight_csv.table(found))))


def test_every_rule_has_a_line_for_every_server() -> None:
    found = lines()
    assert len(found) == 2 * len({line["rule"] for line in found})
    refused = [line for line in found if line["code"] == "HA_IS_ENABLED"]
    assert refused == [
        {
            "rule": "High availability is off on the server",
            "XAPI's row": "3",
            "server": "new",
            "state": "problem",
            "code": "HA_IS_ENABLED",
            "theirs": "on",
            "ours": "off",
            "as of": "2026-03-01T12:00:00+00:00",
        }
    ]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\r=1", "\n=1"])
def test_a_name_is_never_a_formula(name: str) -> None:
    assert {line["server"] for line in lines(name)} == {OLD.name_label, f"'{name}"}


def test_an_ordinary_name_stays_as_it_is() -> None:
    assert {line["server"] for line in lines("web-1 = the first")} == {OLD.name_label, "web-1 = the first"}
