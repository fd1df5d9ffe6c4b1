"""No password leaves the vault: not in rows, not in messages, not in the journal."""

import json

import redis
from django.apps import apps
from django.db import connection

from pools.models import OperationState
from tests.fixtures.lab import Lab


def everything_stored() -> str:
    """Return every row of every table as text."""
    texts = []
    with connection.cursor() as cursor:
        for model in apps.get_models():
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{model._meta.db_table}" t')  # noqa: S608
            texts += [row[0] for row in cursor.fetchall()]
    return "\n".join(texts)


def test_no_password_is_stored_or_sent_in_the_clear(lab: Lab, valkey: redis.Redis) -> None:
    lab.sim.fault("drop_after", method="Async.pool.join")
    assert lab.succeeded().state == OperationState.SUCCEEDED
    stored = everything_stored()
    messages = json.dumps([str(valkey.lrange(key, 0, -1)) for key in valkey.keys() if valkey.type(key) == b"list"])
    for host in lab.sim.hosts:
        assert host.password not in stored
        assert host.password not in messages


def test_a_message_holds_an_id_and_nothing_else(lab: Lab, valkey: redis.Redis) -> None:
    operation = lab.started()
    queued = b"".join(row for key in valkey.keys() if valkey.type(key) == b"list" for row in valkey.lrange(key, 0, -1))
    assert b"pools.run_step" in queued
    assert str(operation.pk).encode() not in queued
    assert operation.title.encode() not in queued
