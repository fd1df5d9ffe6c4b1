"""Waiting for something to become true, with a deadline and no fixed sleep."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def until(look: Callable[[], Found], seconds: float = 10) -> Found:
    """The first true value that `look` gives."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found or time.monotonic() > deadline:
            assert found, f"{look} never became true"
            return found
        threading.Event().wait(0.005)
