"""Looks for a secret everywhere where things are kept. A canary is a password made up for one test."""

import secrets

import redis
from django.apps import apps


def make_canary() -> str:
    """Return a password that occurs nowhere else."""
    return f"canary-{secrets.token_hex(12)}"


def rows_with(canary: str) -> list[str]:
    """Name every row of every table that shows the secret, in whatever column."""
    return [
        f"{model._meta.label} {row['pk']}"
        for model in apps.get_models()
        for row in model._default_manager.values("pk", *(field.attname for field in model._meta.concrete_fields))
        if any(canary in readable(value) for value in row.values())
    ]


def keys_with(canary: str, valkey: "redis.Redis") -> list[str]:
    """Name every key of Redis that shows the secret, by itself or in its value."""
    dumps = ((key, valkey.dump(key)) for key in valkey.scan_iter())
    return [str(key) for key, dump in dumps if canary in readable(key) + readable(dump)]


def readable(value: object) -> str:
    """Turn a column's value into text, bytes too."""
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return str(value)
