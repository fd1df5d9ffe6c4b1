"""Directories with short paths, as sockets need them, and only where /proc tells who runs."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.servers import private_directory


@pytest.fixture
def directory() -> Iterator[Path]:
    with private_directory() as path:
        yield path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if sys.platform != "linux":
        for item in items:
            item.add_marker(pytest.mark.skip(reason="reads /proc"))
