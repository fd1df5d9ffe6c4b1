"""Workers of one test; its broker is empty at first."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.fault.workers import Workers, sweeping
from tests.fixtures.lab import Lab


@pytest.fixture
def workers(lab: Lab, valkey: redis.Redis, service_environment: dict[str, str], tmp_path: Path) -> Iterator[Workers]:
    found = Workers(environment=service_environment, folder=tmp_path)
    with sweeping():
        yield found
        found.stop()
