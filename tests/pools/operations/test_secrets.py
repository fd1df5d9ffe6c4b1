"""No password leaves the vault: not in rows, not in messages, not in the journal."""

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


def queued(valkey: redis.Redis) -> str:
    """Return every message that waits for a worker, as text."""
    lists = [key for key in valkey.scan_iter() if valkey.type(key) == b"list"]
    return "\n".join(str(valkey.lrange(key, 0, -1)) for key in lists)


def test_no_password_is_stored_or_sent_in_the_clear(lab: Lab, valkey: redis.Redis) -> None:
    lab.sim.fault("drop_after", method="Async.pool.join")
    assert lab.succeeded().state == OperationState.SUCCEEDED
    stored, messages = everything_stored(), queued(valkey)
    for host in lab.sim.hosts:
        assert host.password not in stored
        assert host.password not in messages


def test_a_message_holds_an_id_and_nothing_else(lab: Lab, valkey: redis.Redis) -> None:
    operation = lab.started()
    messages = queued(valkey)
    assert "pools.run_step" in messages
    assert str(operation.pk) not in messages
    assert operation.title not in messages
