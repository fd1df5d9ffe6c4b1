"""No secret is kept or shown anywhere but as a hash or a ciphertext: journeys with a password made up for them."""

import logging
from collections.abc import Callable

import pytest
import redis
from django.core.cache import cache
from django.test import Client

from pools import connections, inventories
from pools.models import Credential, Operation, User
from pools.services import operations, planning
from pools.xapi.endpoint import Login
from tests.fixtures.lab import Lab
from tests.fixtures.people import Places, SignIn
from tests.pools.canary import keys_with, make_canary, rows_with

Check = Callable[[], None]
MAY_HOLD_SECRETS = {
    "PBD": ["device_config"],
    "SR": ["other_config", "sm_config"],
    "VM": ["other_config", "xenstore_data"],
    "host": ["license_params", "other_config"],
    "pool": ["gui_config", "other_config"],
    "PIF": ["other_config"],
    "network": ["other_config"],
}


@pytest.fixture
def canary() -> str:
    return make_canary()


@pytest.fixture
def nothing_leaks(canary: str, caplog: pytest.LogCaptureFixture, valkey: redis.Redis) -> Check:
    """Return the check that a test calls when its journey is over."""
    caplog.set_level(logging.DEBUG)

    def check() -> None:
        assert rows_with(canary) == []
        assert keys_with(canary, valkey) == []
        assert canary not in caplog.text

    return check


def test_the_search_itself_finds_a_secret(alice: User, valkey: redis.Redis, canary: str) -> None:
    User.objects.filter(pk=alice.pk).update(last_name=canary)
    valkey.set("anything", f"x{canary}x")
    assert rows_with(canary) == [f"pools.User {alice.pk}"]
    assert len(keys_with(canary, valkey)) == 1


def test_passwords_of_people(alice: User, sign_in: SignIn, client: Client, canary: str, nothing_leaks: Check) -> None:
    cache.clear()
    sign_in(alice).post("/people/add/", {"username": "dora", "password": canary})
    sign_in(alice).post("/people/add/", {"username": "not a name", "password": canary})
    client.post("/accounts/login/", {"login": "nobody", "password": canary})
    client.post("/accounts/login/", {"login": "dora", "password": canary})
    assert client.get("/audit/").status_code == 200
    client.post("/accounts/password/change/", {"oldpassword": "wrong", "password1": canary, "password2": canary})
    nothing_leaks()


def test_the_stored_login_of_a_pool(
    alice: User, places: Places, sign_in: SignIn, canary: str, nothing_leaks: Check
) -> None:
    connections.save_login(places.ours, Login(username="root", password=canary), alice)
    assert Credential.objects.count() == 1
    for page in (f"/pools/{places.ours.pk}/", f"/pools/{places.ours.pk}/login/", "/audit/", "/estate/"):
        assert canary not in sign_in(alice).get(page, follow=True).content.decode()
    nothing_leaks()


def test_a_login_that_is_refused(
    alice: User, places: Places, sign_in: SignIn, canary: str, nothing_leaks: Check
) -> None:
    answer = sign_in(alice).post(f"/pools/{places.ours.pk}/login/", {"username": "root", "password": canary})
    assert canary not in answer.content.decode()
    nothing_leaks()


def test_secrets_in_what_a_pool_says_of_itself(lab: Lab, canary: str, nothing_leaks: Check) -> None:
    database = lab.sim.hosts[0].database
    for table, fields in MAY_HOLD_SECRETS.items():
        for ref in database.refs(table):
            database.set(table, ref, **{name: {"password": canary} for name in fields})
    stored = inventories.refresh(lab.coordinator.pool)
    assert (stored.error_code, len(stored.records["pbd"])) == ("", len(database.refs("PBD")))
    assert stored.records["pbd"]
    nothing_leaks()


def test_a_servers_new_password(lab: Lab, sign_in: SignIn, canary: str, nothing_leaks: Check) -> None:
    """From the page on which it is typed to the server that has it."""
    server, owner = lab.servers[1], sign_in(lab.owner)
    owner.post(f"/servers/{server.pk}/password/", {"password": canary, "again": canary, "kept": "on"})
    operation = Operation.objects.get(kind="password_change")
    planning.run(str(operation.pk))
    operation.refresh_from_db()
    nothing_leaks()
    lab.run(operations.start(operation=operation, user=lab.owner))
    assert lab.sim.hosts[1].password == canary
    nothing_leaks()
