"""What every test may ask for: the run's Redis, and the environment of the product's own processes."""

import os
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings
from django.db import connection

pytest_plugins = ["tests.fixtures.codes", "tests.fixtures.people", "tests.fixtures.lab", "tests.fixtures.growing"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deal the tests that wait for processes and browsers to all workers, first: none of them is begun last of all."""
    workers = int(getattr(config, "workerinput", {}).get("workercount", 1))
    if workers == 1:
        return
    long = [item for item in items if any(item.get_closest_marker(mark) for mark in ("e2e", "fault", "slow"))]
    waiting = set(long)
    short = [item for item in items if item not in waiting]
    size = -(-len(short) // workers)
    hands = (long[at::workers] + short[at * size : (at + 1) * size] for at in range(workers))
    items[:] = [item for hand in hands for item in hand]


@pytest.fixture
def valkey() -> Iterator[redis.Redis]:
    """The tests' own database of a real server, empty at first."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.flushdb()
        yield client


@pytest.fixture
def service_environment(transactional_db: None) -> dict[str, str]:
    """The environment with which a Celery worker or a management command works on this test's database."""
    database = connection.settings_dict
    url, _, options = os.environ["DATABASE_URL"].partition("?")
    server = url.rpartition("/")[0]
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"{server}/{database['NAME']}" + (f"?{options}" if options else ""),
    }
