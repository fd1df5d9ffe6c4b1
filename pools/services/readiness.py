"""Can this process serve: the database, the broker, and a worker that lives."""

import redis
from django.conf import settings
from django.db import DatabaseError, connection

from pools.operations.presence import LOCK_CLASS

PATIENCE = 2
LIVING = """
SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
WHERE locktype = 'advisory' AND classid = %s AND objsubid = 2 AND granted AND datname = current_database()
"""


def readiness() -> dict[str, bool]:
    """Say of each part whether it answers; no detail, because anybody may ask."""
    database = database_answers()
    return {"database": database, "broker": broker_answers(), "worker": database and worker_lives()}


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def broker_answers() -> bool:
    client = redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def worker_lives() -> bool:
    """Whether a worker process holds the advisory lock that proves that it lives."""
    with connection.cursor() as cursor:
        cursor.execute(LIVING, [LOCK_CLASS])
        (count,) = cursor.fetchone() or (0,)
    return bool(count)
