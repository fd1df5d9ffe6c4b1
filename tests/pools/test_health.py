"""Health: alive is cheap, ready means that work would be done."""

from http import HTTPStatus

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from pools.operations import presence


def test_alive_needs_neither_sign_in_nor_database(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (HTTPStatus.OK, b"ok\n")


@pytest.mark.django_db
def test_without_a_worker_it_is_not_ready_and_says_so(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert response.content == b"database: ok\nbroker: ok\nworker: missing\n"


@pytest.mark.django_db(transaction=True)
def test_with_a_living_worker_it_is_ready(client: Client) -> None:
    presence.mine()
    try:
        assert client.get("/readyz").status_code == HTTPStatus.OK
    finally:
        presence.leave()


@pytest.mark.django_db
def test_without_the_broker_it_is_not_ready(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = "unix:///nowhere/redis.sock?db=0"
    assert b"broker: missing" in client.get("/readyz").content
