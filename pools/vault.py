"""Secrets at rest: encrypted with keys that live outside the database, and bound to their owner."""

import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class VaultError(Exception):
    """A ciphertext cannot be used: wrong key, damaged, or moved here from another owner."""


def encrypt(payload: Mapping[str, str], *, purpose: str, owner: str) -> bytes:
    """Encrypt with the newest key; Fernet has no associated data, so purpose and owner go inside."""
    sealed = {"purpose": purpose, "owner": owner, "payload": dict(payload)}
    return keys().encrypt(json.dumps(sealed).encode())


def decrypt(blob: bytes | memoryview, *, purpose: str, owner: str) -> dict[str, str]:
    """Decrypt what was encrypted for this very purpose and owner; anything else is refused."""
    try:
        opened = json.loads(keys().decrypt(bytes(blob)))
    except InvalidToken:
        opened = None
    if opened is None:
        raise VaultError("The stored secret cannot be decrypted with the keys in credential_keys.")
    if (opened["purpose"], opened["owner"]) != (purpose, owner):
        raise VaultError("The stored secret belongs to something else.")
    return dict(opened["payload"])


def rotate(blob: bytes | memoryview) -> bytes:
    """Encrypt again with the newest key; the owner inside stays."""
    try:
        return keys().rotate(bytes(blob))
    except InvalidToken:
        pass
    raise VaultError("The stored secret cannot be decrypted with the keys in credential_keys.")


def keys() -> MultiFernet:
    """Keys from the settings, newest first; without one nothing is stored."""
    if not settings.CREDENTIAL_KEYS:
        raise ImproperlyConfigured(
            "There is no key for stored logins: put one into credential_keys in XENWEB_KEYS_DIR; ./run makes it."
        )
    try:
        return MultiFernet([Fernet(key) for key in settings.CREDENTIAL_KEYS])
    except ValueError:
        pass
    raise ImproperlyConfigured("A key in the file credential_keys is not a Fernet key (32 bytes in URL-safe base64).")
