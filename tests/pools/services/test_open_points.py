"""What is left for a person after the other servers went on."""

from collections.abc import Iterator

import pytest
from django.test import Client

from pools.checks.finding import Finding
from pools.models import Operation, OperationState
from pools.services import cures, live, open_points, operations
from simulator.xapi.machines import pool_row
from tests.fixtures.lab import Lab, lab_of, story
from tests.pools.operations.test_lanes import spoil


@pytest.fixture
def open_ended(transactional_db: None) -> Iterator[tuple[Lab, Operation]]:
    """Of three servers, one was refused and one is off."""
    with lab_of("sixteen-standalone", connected=4) as lab:
        operation = lab.run_steps(lab.started(), 1)
        spoil(lab, 1)
        lab.sim.world.power_off(lab.sim.hosts[3])
        assert lab.run(operation).state == OperationState.OPEN_POINTS, story(operation)
        yield lab, operation


def test_each_parked_server_says_why_it_waits_and_what_can_be_done(open_ended: tuple[Lab, Operation]) -> None:
    lab, operation = open_ended
    page = live.page(operation)
    points = open_points.of_page(page)
    assert [point.server for point in points] == [lab.sim.hosts[1].name, lab.sim.hosts[3].name]
    assert all(point.explained.known and point.explained.remedy for point in points)
    assert (page.joined, page.servers, len(page.parked), page.trouble) == (1, 3, 2, None)
    client = Client()
    client.force_login(lab.owner)
    shown = client.get(f"/operations/{operation.pk}/").content.decode()
    assert "1 of 3 done, 2 parked" in shown
    assert "Resume what is parked" in shown
    assert shown.count("Check and try again") == 2
    assert str(operation) in client.get("/").content.decode()
    decisions = client.get(f"/operations/{operation.pk}/buttons/").content.decode()
    assert decisions.count("Leave this server out") == 2


@pytest.mark.parametrize("weaker", [0, 1])
def test_certificates_that_only_one_side_verifies_can_be_mended_on_either(lab: Lab, weaker: int) -> None:
    operation = lab.run_steps(lab.started(), 1)
    for place in (0, 1):
        pool_row(lab.sim.hosts[place]).set(tls_verification_enabled=place != weaker)
    assert lab.run(operation).state == OperationState.OPEN_POINTS, story(operation)
    [point] = open_points.of_page(live.page(operation))
    assert point.step.error_code == "POOL_JOINING_HOST_TLS_VERIFICATION_MISMATCH"
    labels, urls = zip(*point.fixes, strict=True)
    assert ["this server" in labels[0], "the coordinator" in labels[1]] == [True, True]
    assert [url.rstrip("/").rpartition("/")[2] for url in urls] == [lab.servers[1].uuid, lab.servers[0].uuid]


@pytest.mark.parametrize(("kind", "sides"), [("host_add", ["joiner", "boss"]), ("host_remove", ["joiner"])])
def test_ha_that_stops_a_join_can_be_switched_off_on_either_side(kind: str, sides: list[str]) -> None:
    operation = Operation(kind=kind, draft={"coordinator": "boss"})
    fixes = cures.fixes_for(operation, Finding(code="HA_IS_ENABLED", subject="joiner"))
    assert [url.rstrip("/").rpartition("/")[2] for _, url in fixes] == sides
    found = Finding(code="HA_IS_ENABLED", subject="boss", theirs="on", ours="off")
    assert cures.fixes_for(operation, found) == [], "the plan itself switches it off"


def test_a_button_at_an_open_point_concerns_that_server_alone(open_ended: tuple[Lab, Operation]) -> None:
    lab, operation = open_ended
    client = Client()
    client.force_login(lab.owner)
    refused, dark = [point.step for point in open_points.of_page(live.page(operation))]
    where = f"/operations/{operation.pk}/steps/{dark.seq}/skip/"
    client.post(where, {"reason": "it is scrapped"})
    assert [point.step for point in open_points.of_page(live.page(operation))] == [refused]
    operation.refresh_from_db()
    assert operation.state == OperationState.OPEN_POINTS
    operations.skip_step(step=refused, user=lab.owner, reason="next week")
    operation.refresh_from_db()
    assert operation.state == OperationState.SUCCEEDED
