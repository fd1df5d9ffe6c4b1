"""New login, new certificate, letting go: each says what it will do, and what went wrong."""

from http import HTTPStatus

import pytest
from django.test import Client
from pytest_django import Settings

from pools import connections, inventories
from pools.models import Pool, Server
from pools.xapi.tls import fetch_certificate
from tests.fixtures.lab import Lab
from tests.fixtures.people import SignIn


@pytest.fixture
def client(lab: Lab, sign_in: SignIn, settings: Settings) -> Client:
    settings.LAB = lab.sim.as_line()
    return sign_in(lab.owner)


def test_a_refused_login_is_explained_and_not_stored(lab: Lab, client: Client) -> None:
    pool = lab.coordinator.pool
    answer = client.post(f"/pools/{pool.pk}/login/", {"username": "root", "password": "wrong-word"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "wrong-word" not in answer.content.decode()
    assert connections.login_of(pool).password == lab.sim.hosts[0].password


def test_a_working_login_is_stored(lab: Lab, client: Client) -> None:
    pool, host = lab.coordinator.pool, lab.sim.hosts[0]
    answer = client.post(
        f"/pools/{pool.pk}/login/", {"username": host.username, "password": host.password}, follow=True
    )
    assert "The new login works and is stored" in answer.content.decode()


def test_a_login_that_cannot_be_tried_is_not_said_to_work(lab: Lab, client: Client) -> None:
    pool, host = lab.coordinator.pool, lab.sim.hosts[0]
    Pool.objects.filter(pk=pool.pk).update(coordinator=None)
    answer = client.post(f"/pools/{pool.pk}/login/", {"username": host.username, "password": host.password})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "nothing was stored" in answer.content.decode()


def test_an_unchanged_certificate_needs_nothing(lab: Lab, client: Client) -> None:
    page = client.get(f"/servers/{lab.coordinator.pk}/certificate/").content.decode()
    assert "The server shows the certificate that is trusted" in page
    assert 'name="password"' not in page


def test_a_changed_certificate_is_shown_and_trusted_with_its_login(lab: Lab, client: Client) -> None:
    host, path = lab.sim.hosts[0], f"/servers/{lab.coordinator.pk}/certificate/"
    lab.sim.fault("certificate_replaced", host=host.name)
    shown = fetch_certificate(host.address, host.port).sha256
    assert f'name="pin" value="{shown}"' in client.get(path).content.decode()
    wrong = client.post(path, {"pin": shown, "username": "root", "password": "wrong"})
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    client.post(path, {"pin": shown, "username": host.username, "password": host.password})
    assert Server.objects.get(pk=lab.coordinator.pk).pin == shown


@pytest.mark.parametrize("pin", ["", "0" * 64, "nonsense"])
def test_a_fingerprint_that_was_not_shown_is_not_trusted(pin: str, lab: Lab, client: Client) -> None:
    host, server = lab.sim.hosts[0], lab.coordinator
    lab.sim.world.calllog.clear()
    data = {"pin": pin, "username": host.username, "password": host.password}
    answer = client.post(f"/servers/{server.pk}/certificate/", data)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert Server.objects.get(pk=server.pk).pin == server.pin
    assert lab.sim.calls() == []


def test_a_server_that_may_not_be_reached_is_said_to_be_so_everywhere(
    lab: Lab, client: Client, settings: Settings
) -> None:
    settings.LAB = {"hosts": [{"address": "127.9.9.9", "port": 443}]}
    server, login = lab.coordinator, {"username": "root", "password": "some-word", "pin": "0" * 64}
    lab.sim.world.calllog.clear()
    inventories.refresh(server.pool)
    for answer in (
        client.get(f"/servers/{server.pk}/"),
        client.post(f"/pools/{server.pool_id}/login/", login),
        client.get(f"/servers/{server.pk}/certificate/"),
        client.post(f"/servers/{server.pk}/certificate/", login),
    ):
        assert "xenweb may not connect to this address" in answer.content.decode()
    assert lab.sim.calls() == []


def test_a_server_that_is_off_is_said_to_be_off(lab: Lab, client: Client) -> None:
    lab.sim.fault("power_off", host=lab.sim.hosts[0].name)
    answer = client.get(f"/servers/{lab.coordinator.pk}/certificate/")
    assert answer.status_code == HTTPStatus.OK
    assert 'name="password"' not in answer.content.decode()


def test_letting_go_is_asked_for_once_and_then_done(lab: Lab, client: Client) -> None:
    path = f"/pools/{lab.coordinator.pool_id}/disconnect/"
    assert "Nothing on the servers is changed" in client.get(path).content.decode()
    assert Pool.objects.current().count() == 2
    answer = client.post(path, follow=True)
    assert f"{lab.coordinator.name_label} is no longer managed here" in answer.content.decode()
    assert Pool.objects.current().count() == 1


def test_a_pool_that_is_worked_on_is_not_let_go(lab: Lab, client: Client) -> None:
    lab.started()
    answer = client.post(f"/pools/{lab.coordinator.pool_id}/disconnect/", follow=True)
    assert "works on one of these servers now" in answer.content.decode()
    assert Pool.objects.current().count() == 2


def test_a_server_that_left_by_another_way_is_said_to_have_left_and_can_be_let_go(lab: Lab, client: Client) -> None:
    server, pool = lab.servers[1], lab.coordinator.pool
    alone = server.pool
    assert "is in" in client.post(f"/servers/{server.pk}/let-go/", follow=True).content.decode()
    Server.objects.filter(pk=server.pk).update(pool=pool)  # as it was before it was ejected with xe
    page = client.get(f"/servers/{server.pk}/").content.decode()
    assert "does not list this server any more" in page
    assert "Remove from pool" not in page
    client.post(f"/servers/{server.pk}/let-go/")
    assert not Server.objects.filter(pk=server.pk).exists()
    assert Pool.objects.filter(pk=alone.pk).exists()
