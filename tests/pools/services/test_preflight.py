"""The grid and its cards: worst first, equal findings once, every problem with a card."""

import pytest

from pools.checks.registry import run_checks
from pools.services import preflight
from tests.pools.checks.fine import FINE, NEW, OLD, add, facts, management, pool, server
from tests.pools.checks.spoiled import SPOILED, running


def test_servers_that_fit_are_said_to_fit() -> None:
    page = preflight.page(run_checks(FINE))
    assert page["verdict"] == "All 2 servers fit together"
    assert page["findings"] == []
    assert page["columns"] == [{"name": OLD.name_label, "uuid": OLD.uuid}, {"name": NEW.name_label, "uuid": NEW.uuid}]


@pytest.mark.parametrize("name", SPOILED)
def test_every_bad_cell_leads_to_a_card_that_explains_it(name: str) -> None:
    code, spoiled = SPOILED[name]
    page = preflight.page(run_checks(spoiled))
    cards = {card.id: card for card in preflight.cards(run_checks(spoiled))}
    assert code in {card.code for card in cards.values()}
    for row in rows(page):
        for cell in row["cells"]:
            if cell["state"] in {"error", "unknown", "warning", "info"}:
                assert cards[cell["finding"]].title


def rows(page: dict[str, object]) -> list[dict[str, list[dict[str, str]]]]:
    found = page["rows"]
    assert isinstance(found, list)
    return found


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
    assert preflight.page(run_checks(facts(OLD, warned)))["verdict"] == "2 servers fit together, with 1 warning"
    report = run_checks(facts(OLD, pool(warned, ha_enabled=True)))
    page = preflight.page(report)
    assert page["verdict"] == "1 problem on 1 of 2 servers"
    assert [card.severity for card in preflight.cards(report)] == ["error", "warning"]
    assert not rows(page)[0]["fine"]
