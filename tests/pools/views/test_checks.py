"""The page of checks on the wire: a poll with nothing new is short, the grid comes as a file, a press names servers."""

import pytest
from django.test import Client

from pools.services import examination
from tests.fixtures.lab import Lab


@pytest.fixture
def olivia(lab: Lab) -> Client:
    client = Client()
    client.force_login(lab.owner)
    return client


def test_a_page_that_has_seen_everything_is_told_nothing(lab: Lab, olivia: Client) -> None:
    operation = lab.draft()
    examination.ask(operation=operation, user=lab.owner)
    where, version = f"/operations/{operation.pk}/checks/", examination.state(operation).version
    headers = {"HX-Request": "true"}
    assert olivia.get(where, {"seen": version}, headers=headers).status_code == 204
    examination.run(str(operation.pk))
    assert b"servers fit together" in olivia.get(where, {"seen": version}, headers=headers).content


def test_the_grid_can_be_had_as_a_file(lab: Lab, olivia: Client) -> None:
    operation = lab.draft()
    where = f"/operations/{operation.pk}/checks/csv/"
    assert olivia.get(where).headers["Location"] == f"/operations/{operation.pk}/checks/"
    examination.ask(operation=operation, user=lab.owner)
    examination.run(str(operation.pk))
    response = olivia.get(where)
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.content.startswith(b"rule,XAPI's row,server,state,code,theirs,ours,as of\r\n")


def test_a_press_reads_the_servers_that_it_names(lab: Lab, olivia: Client) -> None:
    operation = lab.draft()
    examination.ask(operation=operation, user=lab.owner)
    examination.run(str(operation.pk))
    olivia.post(f"/operations/{operation.pk}/checks/", {"server": lab.servers[1].uuid})
    operation.refresh_from_db()
    assert operation.report["again"] == [lab.servers[1].uuid]
