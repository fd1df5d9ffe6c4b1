"""Secrets at rest: readable only with the key, and only for whom they were stored."""

import secrets

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from pools import vault

SECRET = {"username": "root", "password": secrets.token_urlsafe(16)}


def stored(owner: str = "pool:a") -> bytes:
    return vault.encrypt(SECRET, purpose="login", owner=owner)


def test_what_is_stored_comes_back_and_is_not_readable() -> None:
    blob = stored()
    assert SECRET["password"].encode() not in blob
    assert vault.decrypt(memoryview(blob), purpose="login", owner="pool:a") == SECRET


@pytest.mark.parametrize(("purpose", "owner"), [("login", "pool:b"), ("session", "pool:a")])
def test_a_ciphertext_moved_to_another_owner_is_refused(purpose: str, owner: str) -> None:
    with pytest.raises(vault.VaultError):
        vault.decrypt(stored(), purpose=purpose, owner=owner)


@pytest.mark.parametrize("blob", [b"", b"garbage", b"gAAAAA" + b"A" * 100])
def test_what_is_no_ciphertext_is_refused(blob: bytes) -> None:
    with pytest.raises(vault.VaultError):
        vault.decrypt(blob, purpose="login", owner="pool:a")
    with pytest.raises(vault.VaultError):
        vault.rotate(blob)


def test_an_old_key_still_reads_and_the_new_one_takes_over(settings: Settings) -> None:
    old, new = settings.CREDENTIAL_KEYS[0], Fernet.generate_key().decode()
    blob = stored()
    settings.CREDENTIAL_KEYS = [new, old]
    rotated = vault.rotate(blob)
    settings.CREDENTIAL_KEYS = [new]
    assert vault.decrypt(rotated, purpose="login", owner="pool:a") == SECRET
    with pytest.raises(vault.VaultError):
        vault.decrypt(blob, purpose="login", owner="pool:a")


@pytest.mark.parametrize(("keys", "says"), [([], "no key"), (["short"], "not a Fernet key")])
def test_a_missing_or_wrong_key_is_said_in_a_sentence(settings: Settings, keys: list[str], says: str) -> None:
    settings.CREDENTIAL_KEYS = keys
    with pytest.raises(ImproperlyConfigured, match=says):
        stored()
