"""A server that answers at another address is found there by its own certificate and login, and followed."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest
from django.http import HttpResponse
from django.test import Client, override_settings
from django.utils.html import strip_tags

from pools.models import OperationState, Role, Server
from tests.fixtures.lab import Lab, lab_of, story
from tests.fixtures.people import SignIn, make_person
from tests.pools.connected import server_of
from tests.pools.operations.after_join.adding import step
from tests.pools.operations.removal.removing import removing

LEAVES, NOWHERE = "four-3", "127.99.99.99"


@pytest.fixture
def lost(transactional_db: None) -> Iterator[Lab]:
    """Two servers that are alone; the first is not where xenweb looks for it."""
    with lab_of("two-standalone", connected=2) as lab:
        Server.objects.filter(pk=lab.servers[0].pk).update(address=NOWHERE)
        yield lab


@pytest.fixture
def olivia(lost: Lab, sign_in: SignIn) -> Client:
    return sign_in(lost.owner)


def look(client: Client, lab: Lab, address: str) -> HttpResponse:
    return client.post(f"/server-address/{lab.servers[0].uuid}/", {"address": address})  # type: ignore[return-value]


def text(answer: HttpResponse) -> str:
    return " ".join(strip_tags(answer.content.decode()).split())


def stored(lab: Lab) -> str:
    return Server.objects.get(pk=lab.servers[0].pk).address


def test_a_removal_goes_on_where_the_server_came_back(transactional_db: None, sign_in: SignIn) -> None:
    with removing("pool-of-four", "four-1") as four:
        operation = four.started(LEAVES)
        four.lab.run_steps(operation, step(operation, "AwaitAnswer").seq - 1)
        leaver, owner = four.sim.host(LEAVES), sign_in(four.owner)
        Server.objects.filter(uuid=leaver.uuid).update(address=NOWHERE)
        with override_settings(PATIENCE=0.2):
            four.lab.run(operation)
        path = f"/server-address/{leaver.uuid}/?operation={operation.pk}"
        assert path in owner.get(f"/operations/{operation.pk}/").content.decode(), story(operation)
        assert owner.post(path, {"address": leaver.address})["Location"] == f"/operations/{operation.pk}/"
        assert four.lab.run(operation).state == OperationState.SUCCEEDED, story(operation)
        assert server_of(leaver).address == leaver.address
        assert len([call for call in four.sim.calls("pool.eject") if call.host == "four-1"]) == 1


def test_a_server_that_is_alone_is_followed_too(lost: Lab, olivia: Client) -> None:
    answer = look(olivia, lost, lost.sim.hosts[0].address)
    assert answer["Location"] == f"/servers/{lost.servers[0].pk}/"
    assert stored(lost) == lost.sim.hosts[0].address


def test_another_server_there_is_refused_before_it_gets_a_password(lost: Lab, olivia: Client) -> None:
    lost.sim.world.calllog.clear()
    answer = look(olivia, lost, lost.sim.hosts[1].address)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "connect it at that address" in text(answer)
    assert stored(lost) == NOWHERE
    assert not lost.sim.calls()


def test_one_certificate_on_two_servers_does_not_make_them_one(lost: Lab, olivia: Client) -> None:
    Server.objects.filter(pk=lost.servers[0].pk).update(pin=lost.servers[1].pin)
    lost.sim.hosts[1].password = lost.sim.hosts[0].password
    answer = look(olivia, lost, lost.sim.hosts[1].address)
    assert f"What answers at {lost.sim.hosts[1].address} is {lost.sim.hosts[1].name}" in text(answer)
    assert stored(lost) == NOWHERE


def test_what_cannot_be_is_said_and_changes_nothing(lost: Lab, olivia: Client) -> None:
    for address in ("", "not an address", NOWHERE, "8.8.8.8"):
        assert look(olivia, lost, address).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert stored(lost) == NOWHERE


def test_nobody_looks_at_addresses_without_end(lost: Lab, olivia: Client) -> None:
    for _ in range(10):
        look(olivia, lost, "127.99.99.98")
    assert "That was often" in text(look(olivia, lost, lost.sim.hosts[0].address))


def test_a_viewer_may_not_and_a_stranger_sees_nothing(lost: Lab, sign_in: SignIn) -> None:
    vera = sign_in(make_person("vera", Role.VIEWER, lost.servers[0].pool))
    assert look(vera, lost, lost.sim.hosts[0].address).status_code == HTTPStatus.FORBIDDEN
    stranger = sign_in(make_person("nobody"))
    assert look(stranger, lost, lost.sim.hosts[0].address).status_code in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
