"""What every test may ask for: the run's Redis, and the environment of the product's own processes."""

import os
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings
from django.db import connection

pytest_plugins = ["tests.fixtures.codes", "tests.fixtures.people", "tests.fixtures.lab", "tests.fixtures.growing"]


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
